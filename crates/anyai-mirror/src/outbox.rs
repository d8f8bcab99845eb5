//! Turns on their way to the server. A turn is stored here, whole, before it is sent, and leaves
//! when the server has said what became of it.

use anyai_units::{ConversationId, Credits, TurnId};
use rusqlite::{OptionalExtension, params};

use crate::draft::write_leaf;
use crate::error::MirrorError;
use crate::history::{write_conversation, write_turn};
use crate::open::Mirror;
use crate::rows::{self, ConversationRow, Life, OutboxRow, TurnRow};
use crate::search::{self, Indexed};
use crate::stop_at::write_stop_at;

impl Mirror {
    /// Stores a turn and its whole post before it is sent, with its person's own limit. `conversation`
    /// is written when it is not known yet; the new turn becomes the end of the path that is shown.
    ///
    /// # Errors
    /// What the disk refused; then nothing was stored and nothing may be sent.
    pub fn begin_turn(
        &mut self,
        conversation: &ConversationRow,
        turn: &TurnRow,
        body: &[u8],
        stop_at: Option<Credits>,
    ) -> Result<(), MirrorError> {
        let transaction = self.write()?;
        let conversation_id = conversation.id.to_string();
        let known = transaction
            .prepare_cached("UPDATE conversation SET changed_at = ?2, deleted = 0 WHERE id = ?1")?
            .execute(params![conversation_id, turn.created_at.millis()])?;
        if known == 0 {
            write_conversation(&transaction, conversation)?;
        }
        write_turn(&transaction, turn)?;
        transaction
            .prepare_cached("INSERT INTO outbox(turn_id, body, stored_at) VALUES (?1, ?2, ?3)")?
            .execute(params![turn.id.to_string(), body, turn.created_at.millis()])?;
        write_leaf(&transaction, &conversation_id, &turn.id.to_string())?;
        write_stop_at(&transaction, turn.id, stop_at)?;
        Ok(transaction.commit()?)
    }

    /// The turns that wait, oldest first, each with its conversation where that is known.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn waiting(&self) -> Result<Vec<(TurnId, Option<ConversationId>)>, MirrorError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT o.turn_id, t.conversation_id FROM outbox o LEFT JOIN turn t ON t.id = o.turn_id
             ORDER BY o.stored_at, o.turn_id",
        )?;
        let found = statement.query_map([], |row| {
            Ok((
                rows::id(row, "turn_id")?,
                rows::maybe_id(row, "conversation_id")?,
            ))
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// The post of a turn; `None` when it waits no more.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn waiting_post(&self, id: TurnId) -> Result<Option<Vec<u8>>, MirrorError> {
        Ok(self
            .connection
            .prepare_cached("SELECT body FROM outbox WHERE turn_id = ?1")?
            .query_row([id.to_string()], |row| row.get(0))
            .optional()?)
    }

    /// The turns that wait with their posts, oldest first.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn outbox(&self) -> Result<Vec<OutboxRow>, MirrorError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT * FROM outbox ORDER BY stored_at, turn_id")?;
        let found = statement.query_map([], rows::outbox)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Keeps a refused turn where it is shown, with its prompt, and stops sending it. A turn the
    /// server turned out to have is left alone.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn refuse_turn(&mut self, id: TurnId, phase: &str) -> Result<(), MirrorError> {
        let transaction = self.write()?;
        transaction
            .prepare_cached("UPDATE turn SET life = ?2, phase = ?3 WHERE id = ?1 AND revision = 0")?
            .execute(params![id.to_string(), Life::Refused.as_str(), phase])?;
        transaction.execute("DELETE FROM outbox WHERE turn_id = ?1", [id.to_string()])?;
        Ok(transaction.commit()?)
    }

    /// Takes back a turn that was refused while the person watched: it is gone, with a
    /// conversation that was made for it, and the path shown ends where it did. A turn the server
    /// turned out to have is left alone.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn take_back_turn(&mut self, id: TurnId) -> Result<(), MirrorError> {
        let transaction = self.write()?;
        let found = transaction
            .query_row(
                "SELECT * , row AS turn_row FROM turn WHERE id = ?1 AND revision = 0",
                [id.to_string()],
                |row| Ok((rows::turn(row)?, row.get("turn_row")?)),
            )
            .optional()?;
        if let Some((turn, row)) = found {
            search::unindex(&transaction, Indexed::Turn(row))?;
            transaction.execute("DELETE FROM turn WHERE row = ?1", [row])?;
            transaction.execute("DELETE FROM outbox WHERE turn_id = ?1", [id.to_string()])?;
            write_stop_at(&transaction, id, None)?;
            forget_empty_conversation(&transaction, &turn)?;
        }
        Ok(transaction.commit()?)
    }
}

fn forget_empty_conversation(
    connection: &rusqlite::Connection,
    turn: &TurnRow,
) -> rusqlite::Result<()> {
    let id = turn.conversation_id.to_string();
    let row: Option<i64> = connection
        .query_row(
            "DELETE FROM conversation WHERE id = ?1 AND revision = 0
             AND NOT EXISTS (SELECT 1 FROM turn WHERE conversation_id = ?1) RETURNING row",
            [&id],
            |row| row.get(0),
        )
        .optional()?;
    if let Some(row) = row {
        search::unindex(connection, Indexed::Title(row))?;
    }
    connection.execute(
        "DELETE FROM leaf WHERE conversation_id = ?1 AND turn_id = ?2",
        [&id, &turn.id.to_string()],
    )?;
    if let Some(parent) = turn.parent_id {
        let selected: bool = connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM leaf WHERE conversation_id = ?1)",
            [&id],
            |row| row.get(0),
        )?;
        if !selected {
            write_leaf(connection, &id, &parent.to_string())?;
        }
    }
    Ok(())
}
