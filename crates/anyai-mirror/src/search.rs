//! Full-text search over prompts, outputs and titles.

use anyai_units::{ConversationId, TurnId, UtcMillis};
use rusqlite::{Connection, Row, params};

use crate::error::MirrorError;
use crate::open::Mirror;
use crate::rows;
use crate::segment::{join, segment, words};

const MATCH_STARTS: char = '\u{1}';
const MATCH_ENDS: char = '\u{2}';

/// Words of text around a match.
const SNIPPET_WORDS: u32 = 24;

/// Words of a query that are looked for; more would not narrow it.
const QUERY_WORDS_MAX: usize = 16;

/// A place that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// The conversation.
    pub conversation_id: ConversationId,
    /// Its title.
    pub title: String,
    /// The turn; `None` when the title matched.
    pub turn_id: Option<TurnId>,
    /// Text before the match.
    pub before: String,
    /// The match itself.
    pub matched: String,
    /// Text after the match.
    pub after: String,
    /// When the turn, or the conversation, was made.
    pub at: UtcMillis,
}

impl Mirror {
    /// Finds every word of `query`, matched from its start, best first. Deleted conversations are
    /// not searched.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn search(&self, query: &str, limit: u32) -> Result<Vec<Hit>, MirrorError> {
        let Some(expression) = expression(query) else {
            return Ok(Vec::new());
        };
        let mut statement = self.connection.prepare_cached(
            "SELECT c.id AS conversation_id, c.title AS title, t.id AS turn_id,
                    coalesce(t.created_at, c.created_at) AS at,
                    snippet(search, 0, char(1), char(2), '…', ?3) AS snippet
             FROM search
             LEFT JOIN turn t ON t.row = iif(search.rowid % 2 = 0, search.rowid / 2, NULL)
             CROSS JOIN conversation c ON c.id = coalesce(t.conversation_id,
                  (SELECT id FROM conversation WHERE row = search.rowid / 2))
             WHERE search MATCH ?1 AND c.deleted = 0
             ORDER BY search.rank LIMIT ?2",
        )?;
        let found = statement.query_map(params![expression, limit, SNIPPET_WORDS], hit)?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}

/// The query in the index's own language: every word quoted, so that nothing in it is an operator.
pub(crate) fn expression(query: &str) -> Option<String> {
    let words = words(query);
    let phrases: Vec<String> = words
        .iter()
        .take(QUERY_WORDS_MAX)
        .map(|word| format!("\"{}\" *", word.join(" ")))
        .collect();
    (!phrases.is_empty()).then(|| phrases.join(" AND "))
}

fn hit(row: &Row<'_>) -> rusqlite::Result<Hit> {
    let snippet: String = row.get("snippet")?;
    let (before, rest) = snippet
        .split_once(MATCH_STARTS)
        .unwrap_or((snippet.as_str(), ""));
    let (matched, after) = rest.split_once(MATCH_ENDS).unwrap_or((rest, ""));
    let plain = |text: &str| join(text).replace([MATCH_STARTS, MATCH_ENDS], "");
    Ok(Hit {
        conversation_id: rows::id(row, "conversation_id")?,
        title: row.get("title")?,
        turn_id: rows::maybe_id(row, "turn_id")?,
        before: plain(before),
        matched: plain(matched),
        after: plain(after),
        at: rows::instant(row, "at")?,
    })
}

/// What a row of the index stands for.
#[derive(Clone, Copy)]
pub(crate) enum Indexed {
    Turn(i64),
    Title(i64),
}

impl Indexed {
    const fn row(self) -> i64 {
        match self {
            Self::Turn(row) => row * 2,
            Self::Title(row) => row * 2 + 1,
        }
    }
}

/// Puts texts in the index in place of what was there.
pub(crate) fn index(
    connection: &Connection,
    what: Indexed,
    texts: &[&str],
) -> rusqlite::Result<()> {
    unindex(connection, what)?;
    let body = segment(&texts.join("\n"));
    connection
        .prepare_cached("INSERT INTO search(rowid, body) VALUES (?1, ?2)")?
        .execute(params![what.row(), body])?;
    Ok(())
}

pub(crate) fn unindex(connection: &Connection, what: Indexed) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM search WHERE rowid = ?1")?
        .execute([what.row()])?;
    Ok(())
}
