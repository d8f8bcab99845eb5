//! What a person left unsent, and the path they looked at. Only this machine has it.

use anyai_units::{ConversationId, TurnId};
use rusqlite::{Connection, OptionalExtension, params};

use crate::error::MirrorError;
use crate::open::Mirror;

impl Mirror {
    /// Keeps a draft; `None` is that of the next new conversation, an empty text forgets it.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn save_draft(
        &mut self,
        conversation_id: Option<ConversationId>,
        text: &str,
    ) -> Result<(), MirrorError> {
        Ok(write_draft(
            &self.connection,
            &draft_key(conversation_id),
            text,
        )?)
    }

    /// A draft; empty when there is none.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn draft(&self, conversation_id: Option<ConversationId>) -> Result<String, MirrorError> {
        let found = self
            .connection
            .prepare_cached("SELECT text FROM draft WHERE conversation_id = ?1")?
            .query_row([draft_key(conversation_id)], |row| row.get(0))
            .optional()?;
        Ok(found.unwrap_or_default())
    }

    /// Remembers the end of the path that is shown.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn select_leaf(
        &mut self,
        conversation_id: ConversationId,
        leaf: TurnId,
    ) -> Result<(), MirrorError> {
        Ok(write_leaf(
            &self.connection,
            &conversation_id.to_string(),
            &leaf.to_string(),
        )?)
    }

    /// The end of the path that is shown, when its turn is still there.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn selected_leaf(
        &self,
        conversation_id: ConversationId,
    ) -> Result<Option<TurnId>, MirrorError> {
        Ok(self
            .connection
            .prepare_cached(
                "SELECT t.id FROM leaf l JOIN turn t ON t.id = l.turn_id
                 AND t.conversation_id = l.conversation_id WHERE l.conversation_id = ?1",
            )?
            .query_row([conversation_id.to_string()], |row| {
                crate::rows::id(row, "id")
            })
            .optional()?)
    }
}

fn draft_key(conversation_id: Option<ConversationId>) -> String {
    conversation_id.map_or_else(String::new, |id| id.to_string())
}

pub(crate) fn write_draft(connection: &Connection, key: &str, text: &str) -> rusqlite::Result<()> {
    if text.is_empty() {
        connection
            .prepare_cached("DELETE FROM draft WHERE conversation_id = ?1")?
            .execute([key])?;
    } else {
        connection
            .prepare_cached("INSERT OR REPLACE INTO draft(conversation_id, text) VALUES (?1, ?2)")?
            .execute(params![key, text])?;
    }
    Ok(())
}

pub(crate) fn write_leaf(
    connection: &Connection,
    conversation_id: &str,
    turn_id: &str,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO leaf(conversation_id, turn_id) VALUES (?1, ?2)")?
        .execute([conversation_id, turn_id])?;
    Ok(())
}
