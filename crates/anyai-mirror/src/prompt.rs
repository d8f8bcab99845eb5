//! Prompts a person keeps for later. Only this machine has them.

use anyai_units::UtcMillis;
use rusqlite::{Connection, Row, params};

use crate::error::MirrorError;
use crate::open::Mirror;

/// A prompt that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedPromptRow {
    /// Its id.
    pub id: String,
    /// What its person calls it.
    pub name: String,
    /// The text, variables in double braces.
    pub text: String,
    /// When it was last changed.
    pub changed_at: UtcMillis,
}

impl Mirror {
    /// The prompts, by name.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn saved_prompts(&self) -> Result<Vec<SavedPromptRow>, MirrorError> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT * FROM saved_prompt ORDER BY name COLLATE NOCASE, id")?;
        let found = statement.query_map([], row)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// Keeps a prompt, in place of the one with its id.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn save_prompt(&mut self, prompt: &SavedPromptRow) -> Result<(), MirrorError> {
        Ok(write_prompt(&self.connection, prompt)?)
    }

    /// Forgets a prompt; one that is not there is forgotten already.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn forget_prompt(&mut self, id: &str) -> Result<(), MirrorError> {
        self.connection
            .prepare_cached("DELETE FROM saved_prompt WHERE id = ?1")?
            .execute([id])?;
        Ok(())
    }
}

pub(crate) fn row(row: &Row<'_>) -> rusqlite::Result<SavedPromptRow> {
    Ok(SavedPromptRow {
        id: row.get("id")?,
        name: row.get("name")?,
        text: row.get("text")?,
        changed_at: UtcMillis::from_millis(row.get("changed_at")?),
    })
}

pub(crate) fn write_prompt(
    connection: &Connection,
    prompt: &SavedPromptRow,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT OR REPLACE INTO saved_prompt(id, name, text, changed_at) VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute(params![
            prompt.id,
            prompt.name,
            prompt.text,
            prompt.changed_at.millis()
        ])?;
    Ok(())
}
