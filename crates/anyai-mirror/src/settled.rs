//! Turns in words that ended by themselves: what was shown before, and what they cost.

use anyai_units::{Credits, TurnId, UtcMillis};
use rusqlite::params;

use crate::error::MirrorError;
use crate::open::Mirror;
use crate::rows::{self, EstimateRow};

/// A turn whose model was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettledRow {
    /// The turn.
    pub id: TurnId,
    /// When it was made.
    pub created_at: UtcMillis,
    /// Catalogue id of the model.
    pub model_id: String,
    /// Its name when it was sent.
    pub model_label: String,
    /// What was shown.
    pub estimate: EstimateRow,
    /// What it cost.
    pub charged: Credits,
}

pub(crate) const SETTLED: &str =
    "SELECT id, created_at, model_id, model_label, estimate_low, estimate_likely,
      estimate_high, estimate_ceiling, charged FROM turn
    WHERE life = 'ended' AND created_at >= ?1 AND media IS NULL
      AND phase ->> '$.kind' = 'settled' AND phase ->> '$.stop_reason' = 'complete'
    ORDER BY created_at DESC, id DESC LIMIT ?2";

impl Mirror {
    /// The last of the turns that were made since an instant and ended as their model wanted, oldest
    /// first: one that was stopped, declined or cut off says nothing of how long it would have been.
    ///
    /// # Errors
    /// What the disk refused.
    pub fn settled_turns(
        &self,
        since: UtcMillis,
        limit: u32,
    ) -> Result<Vec<SettledRow>, MirrorError> {
        let mut statement = self.connection.prepare_cached(SETTLED)?;
        let found = statement.query_map(params![since.millis(), limit], |row| {
            Ok(SettledRow {
                id: rows::id(row, "id")?,
                created_at: rows::instant(row, "created_at")?,
                model_id: row.get("model_id")?,
                model_label: row.get("model_label")?,
                estimate: EstimateRow {
                    low: rows::credits(row, "estimate_low")?,
                    likely: rows::credits(row, "estimate_likely")?,
                    high: rows::credits(row, "estimate_high")?,
                    ceiling: rows::credits(row, "estimate_ceiling")?,
                },
                charged: rows::credits(row, "charged")?,
            })
        })?;
        let mut settled = found.collect::<Result<Vec<_>, _>>()?;
        settled.reverse();
        Ok(settled)
    }
}
