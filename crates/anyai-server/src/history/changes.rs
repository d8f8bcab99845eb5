//! The history's change feed: the latest state of what changed after a revision.

use anyai_wire::api::{ConversationRecord, HistoryChanges, TurnRecord};
use rusqlite::{Connection, params};

use super::History;
use super::conversations;
use super::error::HistoryError;
use super::row::stored;
use super::turn_row::stored_turn;

impl History {
    /// A page of changes after a revision, at most `limit` rows.
    pub(crate) async fn changes(
        &self,
        after: u64,
        limit: u32,
    ) -> Result<HistoryChanges, HistoryError> {
        let read = self.database.read(move |connection| {
            let epoch = connection.query_row("SELECT epoch FROM studio", [], |row| row.get(0))?;
            // One row more than asked for tells whether there is more.
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            let mut revisions = revisions_after(connection, after, limit.saturating_add(1))?;
            let more = revisions.len() > limit;
            revisions.truncate(limit);
            let last = revisions.last().copied().unwrap_or(after);
            Ok(HistoryChanges {
                epoch,
                conversations: conversations_between(connection, after, last)?,
                turns: turns_between(connection, after, last)?,
                revision: last,
                more,
            })
        });
        read.await
    }
}

fn revisions_after(
    connection: &Connection,
    after: u64,
    limit: usize,
) -> Result<Vec<u64>, HistoryError> {
    let mut statement = connection.prepare_cached(
        "SELECT revision FROM conversation WHERE revision > ?1
         UNION ALL SELECT revision FROM turn WHERE revision > ?1
         ORDER BY revision LIMIT ?2",
    )?;
    let rows = statement.query_and_then(params![stored(after), stored(limit as u64)], |row| {
        super::row::count(row, "revision")
    })?;
    rows.collect()
}

fn conversations_between(
    connection: &Connection,
    after: u64,
    last: u64,
) -> Result<Vec<ConversationRecord>, HistoryError> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM conversation WHERE revision > ?1 AND revision <= ?2 ORDER BY revision",
    )?;
    let rows =
        statement.query_and_then(params![stored(after), stored(last)], conversations::record)?;
    rows.collect()
}

fn turns_between(
    connection: &Connection,
    after: u64,
    last: u64,
) -> Result<Vec<TurnRecord>, HistoryError> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM turn WHERE revision > ?1 AND revision <= ?2 ORDER BY revision",
    )?;
    let rows = statement.query_and_then(params![stored(after), stored(last)], |row| {
        stored_turn(connection, row).map(|turn| turn.record)
    })?;
    rows.collect()
}
