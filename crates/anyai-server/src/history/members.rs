//! Whose everything is that was written before rows said so.

use std::collections::HashMap;

use anyai_units::{MemberId, TurnId};
use anyai_wire::{PromptPart, TurnEvent};
use rusqlite::{Connection, params};

use super::History;
use super::error::HistoryError;
use super::row::{bytes_of, from_json};

impl History {
    /// The turns of which it is not known whose they are.
    pub(crate) async fn turns_of_nobody(&self) -> Result<Vec<TurnId>, HistoryError> {
        let read = self.database.read(|connection| {
            let mut statement = connection.prepare("SELECT id FROM turn WHERE member IS NULL")?;
            let rows = statement.query_and_then([], |row| {
                Ok(TurnId::from_uuid(super::row::uuid(row, "id")?))
            })?;
            rows.collect()
        });
        read.await
    }

    /// Says whose everything is that is nobody's: a turn as it is told here, a conversation its first
    /// turn's, a file its turn's or the first turn's that shows it, and all the rest the owner's.
    pub(crate) async fn give_to_members(
        &self,
        payers: HashMap<TurnId, MemberId>,
        owner: MemberId,
    ) -> Result<(), HistoryError> {
        let write = self.database.write(move |connection| {
            if !is_anything_nobodys(connection)? {
                return Ok(());
            }
            let owner = bytes_of(owner.uuid());
            let mut turn = connection
                .prepare("UPDATE turn SET member = ?2 WHERE id = ?1 AND member IS NULL")?;
            for (id, member) in payers {
                turn.execute(params![bytes_of(id.uuid()), bytes_of(member.uuid())])?;
            }
            let rest = |table: &str| format!("UPDATE {table} SET member = ?1 WHERE member IS NULL");
            connection.execute(&rest("turn"), params![owner])?;
            give_conversations_and_files(connection)?;
            connection.execute(&rest("conversation"), params![owner])?;
            connection.execute(&rest("asset"), params![owner])?;
            Ok(())
        });
        write.await
    }
}

fn is_anything_nobodys(connection: &Connection) -> Result<bool, HistoryError> {
    let asked = "SELECT EXISTS (SELECT 1 FROM turn WHERE member IS NULL)
        OR EXISTS (SELECT 1 FROM conversation WHERE member IS NULL)
        OR EXISTS (SELECT 1 FROM asset WHERE member IS NULL)";
    Ok(connection.query_row(asked, [], |row| row.get(0))?)
}

fn give_conversations_and_files(connection: &Connection) -> Result<(), HistoryError> {
    let mut conversation = connection
        .prepare("UPDATE conversation SET member = ?2 WHERE id = ?1 AND member IS NULL")?;
    let mut made =
        connection.prepare("UPDATE asset SET member = ?2 WHERE turn = ?1 AND member IS NULL")?;
    let mut shown =
        connection.prepare("UPDATE asset SET member = ?2 WHERE id = ?1 AND member IS NULL")?;
    let mut turns = connection
        .prepare("SELECT id, conversation, member, prompt FROM turn ORDER BY created_at, id")?;
    let mut previews = connection.prepare(
        "SELECT event FROM turn_event WHERE turn = ?1 AND event LIKE '%\"kind\":\"preview\"%'",
    )?;
    let mut rows = turns.query([])?;
    while let Some(row) = rows.next()? {
        let (id, of, member): ([u8; 16], [u8; 16], [u8; 16]) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        conversation.execute(params![of, member])?;
        made.execute(params![id, member])?;
        let prompt: Vec<PromptPart> = from_json(&row.get::<_, String>(3)?)?;
        for part in prompt {
            if let PromptPart::Image(file) | PromptPart::Video(file) | PromptPart::Document(file) =
                part
            {
                shown.execute(params![bytes_of(file.asset_id.uuid()), member])?;
            }
        }
        for event in previews.query_map(params![id], |row| row.get::<_, String>(0))? {
            if let Ok(TurnEvent::Preview { asset, .. }) = from_json(&event?) {
                shown.execute(params![bytes_of(asset.asset_id.uuid()), member])?;
            }
        }
    }
    Ok(())
}
