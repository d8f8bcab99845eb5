//! Where a person wants a turn stopped: a limit of their own below what is held. Only this machine
//! knows it, so it is this machine that stops the turn.

use std::collections::HashMap;

use anyai_units::{ConversationId, Credits, TurnId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::error::MirrorError;
use crate::open::Mirror;

/// A turn's limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopAtRow {
    /// What the turn may cost before it is stopped.
    pub credits: Credits,
    /// Whether it was stopped there.
    pub reached: bool,
}

impl Mirror {
    /// Sets a turn's limit, or takes it away.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn set_stop_at(&mut self, turn: TurnId, limit: Option<Credits>) -> Result<(), MirrorError> {
        Ok(write_stop_at(&self.connection, turn, limit)?)
    }

    /// Notes that a turn was stopped at its limit.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn stop_reached(&mut self, turn: TurnId) -> Result<(), MirrorError> {
        self.connection
            .prepare_cached("UPDATE stop_at SET reached = 1 WHERE turn_id = ?1")?
            .execute([turn.to_string()])?;
        Ok(())
    }

    /// A turn's limit.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn stop_at(&self, turn: TurnId) -> Result<Option<StopAtRow>, MirrorError> {
        Ok(self
            .connection
            .prepare_cached("SELECT credits, reached FROM stop_at WHERE turn_id = ?1")?
            .query_row([turn.to_string()], row)
            .optional()?)
    }

    /// The limits of a conversation's turns.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn stops_of(
        &self,
        conversation: ConversationId,
    ) -> Result<HashMap<TurnId, StopAtRow>, MirrorError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT s.turn_id, s.credits, s.reached FROM stop_at s
             JOIN turn t ON t.id = s.turn_id WHERE t.conversation_id = ?1",
        )?;
        let found = statement.query_map([conversation.to_string()], |found| {
            Ok((crate::rows::id(found, "turn_id")?, row(found)?))
        })?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}

pub(crate) fn write_stop_at(
    connection: &Connection,
    turn: TurnId,
    limit: Option<Credits>,
) -> rusqlite::Result<()> {
    let id = turn.to_string();
    match limit {
        Some(credits) => connection
            .prepare_cached("INSERT OR REPLACE INTO stop_at(turn_id, credits) VALUES (?1, ?2)")?
            .execute(params![id, credits.millicredits()])?,
        None => connection
            .prepare_cached("DELETE FROM stop_at WHERE turn_id = ?1")?
            .execute([id])?,
    };
    Ok(())
}

pub(crate) fn row(row: &Row<'_>) -> rusqlite::Result<StopAtRow> {
    Ok(StopAtRow {
        credits: Credits::from_millicredits(row.get("credits")?),
        reached: row.get("reached")?,
    })
}
