//! The seam between the ledger's rules and where its rows are kept.

use anyai_units::{HoldId, PoolId};

use crate::{Allocation, Effect, Grant, HoldRecord, Period, PoolState, Refusal};

/// One open transaction of a store. The rules read through it and hand it their effects; the store
/// commits when the command answered, and forgets everything when it did not.
///
/// While the transaction is open nobody else may change the rows it read. A store keeps no sums in
/// memory: several programs may write the same rows.
pub trait Store {
    /// What can go wrong; a refusal is one of it.
    type Error: From<Refusal>;

    /// The pool's row.
    ///
    /// # Errors
    /// When it cannot be read; likewise below.
    fn pool(&mut self, pool: PoolId) -> Result<Option<PoolState>, Self::Error>;

    /// One of its periods.
    fn period(&mut self, pool: PoolId, no: u32) -> Result<Option<Period>, Self::Error>;

    /// Its grants with something left, and all plan grants of the period `no`.
    fn grants(&mut self, pool: PoolId, no: u32) -> Result<Vec<Grant>, Self::Error>;

    /// The grant with this source.
    fn grant_by_source(&mut self, pool: PoolId, source: &str)
    -> Result<Option<Grant>, Self::Error>;

    /// A hold.
    fn hold(&mut self, hold: HoldId) -> Result<Option<HoldRecord>, Self::Error>;

    /// What covers a hold, each with its grant, in the order they were allocated.
    fn allocations(&mut self, hold: HoldId) -> Result<Vec<(Allocation, Grant)>, Self::Error>;

    /// Writes the effects in order, each under its guard.
    ///
    /// # Errors
    /// When a guard refuses or the rows cannot be written; the transaction must then be forgotten.
    fn apply(&mut self, effects: &[Effect]) -> Result<(), Self::Error>;
}
