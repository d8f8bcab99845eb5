//! A history that is read beside its ledger, whether or not its server is running.

use std::collections::HashSet;
use std::path::Path;

use anyai_units::{Credits, PoolId, TurnId};
use anyai_wire::TurnPhase;
use rusqlite::{Connection, params};

use super::error::HistoryError;
use super::row::{bytes_of, json_column, uuid};
use super::turn_row::{StoredTurn, assemble};
use super::{schema, turns};
use crate::open_error::OpenError;

/// A history that is only read.
#[derive(Debug)]
pub(crate) struct KeptHistory {
    pool: PoolId,
    /// As it was before the ledger was read: what had ended then has ended in the ledger.
    before: Connection,
    /// As it is: how a turn ends is written here before it is in the ledger.
    now: Connection,
}

impl KeptHistory {
    pub(crate) fn open(path: &Path) -> Result<Self, OpenError> {
        let (before, now) = (schema::open_kept(path)?, schema::open_kept(path)?);
        schema::require_todays(&before, path)?;
        let begun = before
            .execute_batch("BEGIN DEFERRED")
            .map_err(HistoryError::from)
            .and_then(|()| pool(&before));
        let pool = begun.map_err(|error| OpenError::from_history(error, path.to_owned()))?;
        Ok(Self { pool, before, now })
    }

    /// The pool its turns are paid from.
    pub(crate) const fn pool(&self) -> PoolId {
        self.pool
    }

    /// The turn with this id.
    pub(crate) fn turn(&self, turn: TurnId) -> Result<Option<StoredTurn>, HistoryError> {
        turns::find(&self.now, turn)
    }

    /// Whether a turn had ended before the ledger was read.
    pub(crate) fn had_ended(&self, turn: TurnId) -> Result<bool, HistoryError> {
        let mut statement = self
            .before
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM turn WHERE id = ?1 AND ended = 1)")?;
        Ok(statement.query_row(params![bytes_of(turn.uuid())], |row| row.get(0))?)
    }

    /// How many pictures a turn made, deleted ones among them.
    pub(crate) fn pictures_made(&self, turn: &StoredTurn) -> Result<u32, HistoryError> {
        if turn.record.media.is_none() {
            return Ok(0);
        }
        let made = assemble(&self.now, turn.record.id)?.outputs.len();
        Ok(u32::try_from(made).unwrap_or(u32::MAX))
    }

    /// A turn that had ended and says that it was charged something, and that is not `held`; the first by id.
    pub(crate) fn charged_beside(
        &self,
        held: &HashSet<TurnId>,
    ) -> Result<Option<(TurnId, Credits)>, HistoryError> {
        let mut statement = self
            .before
            .prepare_cached("SELECT id, phase FROM turn WHERE ended = 1 ORDER BY id")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let turn = TurnId::from_uuid(uuid(row, "id")?);
            if held.contains(&turn) {
                continue;
            }
            if let TurnPhase::Settled { charged, .. } | TurnPhase::Failed { charged, .. } =
                json_column(row, "phase")?
                && charged != Credits::ZERO
            {
                return Ok(Some((turn, charged)));
            }
        }
        Ok(None)
    }
}

fn pool(connection: &Connection) -> Result<PoolId, HistoryError> {
    connection.query_row_and_then("SELECT pool FROM studio", [], |row| {
        Ok(PoolId::from_uuid(uuid(row, "pool")?))
    })
}
