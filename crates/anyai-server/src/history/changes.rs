//! The history's change feed: the latest state of what changed after a revision.
//!
//! A member is shown what is theirs. The cursor moves past what is others', so that nobody asks for
//! it again and again.

use anyai_units::MemberId;
use anyai_wire::api::{ConversationRecord, HistoryChanges, TurnRecord};
use anyai_wire::{Attachment, PromptPart};
use rusqlite::{Connection, params};

use super::History;
use super::conversations;
use super::error::HistoryError;
use super::row::{bytes_of, count, stored};
use super::turn_row::stored_turn;

/// A page ends with the row that makes it this long: a slow line must see the end of one.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

/// What a row has besides words, and a file of it.
const ROW_BYTES: usize = 1024;
const FILE_BYTES: usize = 256;

impl History {
    /// A page of a member's changes after a revision, at most `limit` rows, and always one if there
    /// is one.
    pub(crate) async fn changes(
        &self,
        member: MemberId,
        after: u64,
        limit: u32,
    ) -> Result<HistoryChanges, HistoryError> {
        let read = self.database.read(move |connection| {
            let (epoch, head) =
                connection.query_row_and_then("SELECT epoch, revision FROM studio", [], |row| {
                    Ok::<_, HistoryError>((row.get(0)?, count(row, "revision")?))
                })?;
            // One row more than asked for tells whether there is more.
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            let asked = Asked { member, after };
            let mut revisions = asked.revisions(connection, limit.saturating_add(1))?;
            let mut more = revisions.len() > limit;
            revisions.truncate(limit);
            let mut last = revisions.last().copied().unwrap_or(after);
            let (turns, is_whole) = asked.turns_up_to(connection, last)?;
            if let (false, Some(turn)) = (is_whole, turns.last()) {
                last = turn.revision;
                more = true;
            }
            Ok(HistoryChanges {
                epoch,
                conversations: asked.conversations_up_to(connection, last)?,
                turns,
                revision: if more { last } else { head.max(after) },
                more,
            })
        });
        read.await
    }
}

/// Whose changes, and after which revision.
#[derive(Clone, Copy)]
struct Asked {
    member: MemberId,
    after: u64,
}

impl Asked {
    fn revisions(self, connection: &Connection, limit: usize) -> Result<Vec<u64>, HistoryError> {
        let mut statement = connection.prepare_cached(
            "SELECT revision FROM conversation WHERE revision > ?1 AND member = ?3
             UNION ALL SELECT revision FROM turn WHERE revision > ?1 AND member = ?3
             ORDER BY revision LIMIT ?2",
        )?;
        let key = params![
            stored(self.after),
            stored(limit as u64),
            bytes_of(self.member.uuid())
        ];
        let rows = statement.query_and_then(key, |row| count(row, "revision"))?;
        rows.collect()
    }

    fn conversations_up_to(
        self,
        connection: &Connection,
        last: u64,
    ) -> Result<Vec<ConversationRecord>, HistoryError> {
        let mut statement = connection.prepare_cached(
            "SELECT * FROM conversation WHERE revision > ?1 AND revision <= ?2 AND member = ?3
             ORDER BY revision",
        )?;
        let key = params![
            stored(self.after),
            stored(last),
            bytes_of(self.member.uuid())
        ];
        let rows = statement.query_and_then(key, conversations::record)?;
        rows.collect()
    }

    /// The turns, and whether these are all of them: no more are read than a page may hold.
    fn turns_up_to(
        self,
        connection: &Connection,
        last: u64,
    ) -> Result<(Vec<TurnRecord>, bool), HistoryError> {
        let mut statement = connection.prepare_cached(
            "SELECT * FROM turn WHERE revision > ?1 AND revision <= ?2 AND member = ?3
             ORDER BY revision",
        )?;
        let key = params![
            stored(self.after),
            stored(last),
            bytes_of(self.member.uuid())
        ];
        let mut rows = statement.query_and_then(key, |row| {
            stored_turn(connection, row).map(|turn| turn.record)
        })?;
        let (mut turns, mut bytes) = (Vec::new(), 0);
        while let Some(turn) = rows.next().transpose()? {
            bytes += bytes_about(&turn);
            turns.push(turn);
            if bytes >= PAGE_BYTES {
                return Ok((turns, rows.next().transpose()?.is_none()));
            }
        }
        Ok((turns, true))
    }
}

/// How long a turn is on its way, without what writing it down adds.
fn bytes_about(turn: &TurnRecord) -> usize {
    let file = |file: &Attachment| FILE_BYTES + file.name.len();
    let said = turn.prompt.iter().map(|part| match part {
        PromptPart::Text { text } => text.len(),
        PromptPart::Image(of) | PromptPart::Video(of) | PromptPart::Document(of) => file(of),
    });
    let made = turn.outputs.iter().map(file);
    ROW_BYTES + turn.text.len() + turn.thinking.len() + said.chain(made).sum::<usize>()
}
