//! Full-text search over prompts, outputs and titles.

use anyai_units::{ConversationId, Credits, TurnId, UtcMillis};
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

/// Titles of conversations stand in the index above every turn, so one range of rows is either.
const TITLES_FROM: i64 = 1 << 40;

/// The longest prefix that has an index of its own (`schema.rs`).
const PREFIX_CHARACTERS_MAX: usize = 6;

/// Conversations shown above the turns.
const TITLES_MAX: u32 = 10;

/// Receipts that one amount or the beginning of one id finds.
const RECEIPTS_MAX: u32 = 10;

/// An id is looked for from this many of its characters.
const ID_CHARACTERS_MIN: usize = 8;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HitKind {
    /// A conversation, by its title.
    Conversation,
    /// A turn of words, by its prompt or its output.
    Chat,
    /// A turn that makes pictures.
    Image,
    /// A turn that makes a clip.
    Video,
    /// The receipt of a turn, by its amount or its id.
    Receipt,
}

/// A place that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
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
    /// What the turn was charged.
    pub charged: Credits,
    /// When the turn, or the conversation, was made.
    pub at: UtcMillis,
}

impl Mirror {
    /// Finds every word of `query`, matched from its start: titles, receipts, then turns. Each come in
    /// the order in which this file first heard of them, the last first; in a file that was filled anew
    /// that is the order in which they last changed. In the order of its rows the index can stop at the
    /// limit, however many turns match; another would read them all. Deleted conversations are not
    /// searched.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn search(&self, query: &str, limit: u32) -> Result<Vec<Hit>, MirrorError> {
        let Some(expression) = expression(query) else {
            return Ok(Vec::new());
        };
        let mut hits = self.titles_holding(&expression, limit.min(TITLES_MAX))?;
        hits.extend(self.receipts_of(query.trim(), limit.min(RECEIPTS_MAX))?);
        hits.extend(self.turns_of(query, &expression, limit)?);
        hits.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(hits)
    }

    /// A common long word is read through for all that begins with it, which takes long: turns that
    /// hold it as it stands are asked for first, and the rest only when those are too few.
    fn turns_of(&self, query: &str, expression: &str, limit: u32) -> Result<Vec<Hit>, MirrorError> {
        if let Some(whole) = expression_whole(query).filter(|whole| whole != expression) {
            let hits = self.turns_holding(&whole, limit)?;
            if hits.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
                return Ok(hits);
            }
        }
        self.turns_holding(expression, limit)
    }

    fn titles_holding(&self, expression: &str, limit: u32) -> Result<Vec<Hit>, MirrorError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT 'title' AS kind, c.id AS conversation_id, c.title AS title, NULL AS turn_id,
                    0 AS charged, c.created_at AS at,
                    snippet(search, 0, char(1), char(2), '…', ?3) AS snippet
             FROM search CROSS JOIN conversation c ON c.row = search.rowid - ?4
             WHERE search MATCH ?1 AND search.rowid >= ?4 AND c.deleted = 0
             ORDER BY search.rowid DESC LIMIT ?2",
        )?;
        let values = params![expression, limit, SNIPPET_WORDS, TITLES_FROM];
        let found = statement.query_map(values, hit)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    fn turns_holding(&self, expression: &str, limit: u32) -> Result<Vec<Hit>, MirrorError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT coalesce(t.media_kind, 'chat') AS kind, c.id AS conversation_id,
                    c.title AS title, t.id AS turn_id, t.charged AS charged, t.created_at AS at,
                    snippet(search, 0, char(1), char(2), '…', ?3) AS snippet
             FROM search CROSS JOIN turn t ON t.row = search.rowid
             CROSS JOIN conversation c ON c.id = t.conversation_id
             WHERE search MATCH ?1 AND search.rowid < ?4 AND c.deleted = 0
             ORDER BY search.rowid DESC LIMIT ?2",
        )?;
        let values = params![expression, limit, SNIPPET_WORDS, TITLES_FROM];
        let found = statement.query_map(values, hit)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Receipts of turns charged what `query` says, as a charge is written, or whose id begins so.
    fn receipts_of(&self, query: &str, limit: u32) -> Result<Vec<Hit>, MirrorError> {
        const COLUMNS: &str = "SELECT 'receipt' AS kind, c.id AS conversation_id,
            c.title AS title, t.id AS turn_id, t.charged AS charged, t.created_at AS at,
            t.model_label AS snippet
            FROM turn t CROSS JOIN conversation c ON c.id = t.conversation_id";
        let found = if let Some((from, to)) = charge(query) {
            let sql = format!(
                "{COLUMNS} WHERE t.charged > 0 AND t.charged BETWEEN ?1 AND ?2 AND c.deleted = 0
                 ORDER BY t.created_at DESC LIMIT ?3"
            );
            let mut statement = self.connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![from, to, limit], hit)?;
            rows.collect::<Result<_, _>>()?
        } else if is_id_start(query) {
            let start = query.to_ascii_lowercase();
            let sql = format!(
                "{COLUMNS} WHERE t.id >= ?1 AND t.id < ?1 || 'g' AND c.deleted = 0 LIMIT ?2"
            );
            let mut statement = self.connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![start, limit], hit)?;
            rows.collect::<Result<_, _>>()?
        } else {
            Vec::new()
        };
        Ok(found)
    }
}

/// The millicredits that are written as these credits with one decimal, half up.
fn charge(query: &str) -> Option<(i64, i64)> {
    let (whole, tenth) = query.split_once(['.', ','])?;
    let digits = |text: &str| text.chars().all(|each| each.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || tenth.len() != 1 || !digits(whole) || !digits(tenth) {
        return None;
    }
    let tenths: i64 = format!("{whole}{tenth}").parse().ok()?;
    let middle = tenths.checked_mul(100).filter(|middle| *middle > 0)?;
    Some((middle - 50, middle + 49))
}

fn is_id_start(query: &str) -> bool {
    query.len() >= ID_CHARACTERS_MIN
        && query
            .chars()
            .all(|each| each.is_ascii_hexdigit() || each == '-')
}

/// The query in the index's own language: every word quoted, so that nothing in it is an operator.
pub(crate) fn expression(query: &str) -> Option<String> {
    expression_of(query, usize::MAX)
}

/// The same with words longer than an indexed prefix as they stand.
fn expression_whole(query: &str) -> Option<String> {
    expression_of(query, PREFIX_CHARACTERS_MAX)
}

/// Words of up to so many characters are matched from their start, longer ones as they stand.
fn expression_of(query: &str, from_start_max: usize) -> Option<String> {
    let words = words(query);
    let phrases: Vec<String> = words
        .iter()
        .take(QUERY_WORDS_MAX)
        .map(|word| word.join(" "))
        .map(|word| match word.chars().count() {
            length if length <= from_start_max => format!("\"{word}\" *"),
            _ => format!("\"{word}\""),
        })
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
        kind: kind(&row.get::<_, String>("kind")?),
        conversation_id: rows::id(row, "conversation_id")?,
        title: row.get("title")?,
        turn_id: rows::maybe_id(row, "turn_id")?,
        before: plain(before),
        matched: plain(matched),
        after: plain(after),
        charged: rows::credits(row, "charged")?,
        at: rows::instant(row, "at")?,
    })
}

fn kind(name: &str) -> HitKind {
    match name {
        "title" => HitKind::Conversation,
        "image" => HitKind::Image,
        "video" => HitKind::Video,
        "receipt" => HitKind::Receipt,
        _ => HitKind::Chat,
    }
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
            Self::Turn(row) => row,
            Self::Title(row) => TITLES_FROM + row,
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
