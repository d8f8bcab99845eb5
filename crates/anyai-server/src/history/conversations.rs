//! Conversations: made by their first turn, renamed and deleted by their owner.

use anyai_units::{ConversationId, UtcMillis};
use anyai_wire::api::{ConversationPatch, ConversationRecord};
use rusqlite::{Connection, Row, params};

use super::History;
use super::error::HistoryError;
use super::row::{bytes_of, count, instant, next_revision, uuid};

impl History {
    /// Changes a conversation; `None` when there is none.
    pub(crate) async fn patch_conversation(
        &self,
        id: ConversationId,
        patch: ConversationPatch,
        now: UtcMillis,
    ) -> Result<Option<ConversationRecord>, HistoryError> {
        let write = self.database.write(move |connection| {
            if find(connection, id)?.is_none() {
                return Ok(None);
            }
            let revision = next_revision(connection)?;
            connection.execute(
                "UPDATE conversation SET title = coalesce(?2, title),
                   deleted = coalesce(?3, deleted), changed_at = max(changed_at, ?4), revision = ?5
                 WHERE id = ?1",
                params![
                    bytes_of(id.uuid()),
                    patch.title,
                    patch.deleted,
                    now.millis(),
                    revision
                ],
            )?;
            find(connection, id)
        });
        let record = write.await?;
        if let Some(record) = &record {
            self.moved_to(record.revision);
        }
        Ok(record)
    }
}

/// Marks a conversation changed, or makes it.
pub(super) fn touch(
    connection: &Connection,
    id: ConversationId,
    title: &str,
    now: UtcMillis,
) -> Result<(), HistoryError> {
    let revision = next_revision(connection)?;
    let mut upsert = connection.prepare_cached(
        "INSERT INTO conversation(id, title, created_at, changed_at, deleted, revision)
         VALUES (?1, ?2, ?3, ?3, 0, ?4)
         ON CONFLICT(id) DO UPDATE SET
           changed_at = max(changed_at, excluded.changed_at), revision = excluded.revision",
    )?;
    upsert.execute(params![bytes_of(id.uuid()), title, now.millis(), revision])?;
    Ok(())
}

pub(super) fn record(row: &Row<'_>) -> Result<ConversationRecord, HistoryError> {
    Ok(ConversationRecord {
        id: ConversationId::from_uuid(uuid(row, "id")?),
        title: row.get("title")?,
        created_at: instant(row, "created_at")?,
        changed_at: instant(row, "changed_at")?,
        deleted: row.get("deleted")?,
        revision: count(row, "revision")?,
    })
}

pub(super) fn find(
    connection: &Connection,
    id: ConversationId,
) -> Result<Option<ConversationRecord>, HistoryError> {
    let mut statement = connection.prepare_cached("SELECT * FROM conversation WHERE id = ?1")?;
    let mut rows = statement.query_and_then(params![bytes_of(id.uuid())], record)?;
    rows.next().transpose()
}
