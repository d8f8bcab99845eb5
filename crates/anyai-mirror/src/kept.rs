//! Texts the app keeps for offline use: the rate card's documents, offers, providers.

use rusqlite::{OptionalExtension, params};

use crate::error::MirrorError;
use crate::open::Mirror;

impl Mirror {
    /// Keeps `value` under `key`, in place of what was there.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn keep(&mut self, key: &str, value: &[u8]) -> Result<(), MirrorError> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO kept(key, value) VALUES (?1, ?2)")?
            .execute(params![key, value])?;
        Ok(())
    }

    /// What was kept under `key`.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn kept(&self, key: &str) -> Result<Option<Vec<u8>>, MirrorError> {
        Ok(self
            .connection
            .prepare_cached("SELECT value FROM kept WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?)
    }
}
