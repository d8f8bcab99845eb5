//! What is ordered of a pool, and where it stands.

use anyai_ledger::{Action, Answer, Balance, Command, Order, Ordered, PlanGrant};
use anyai_units::{PoolId, UtcMillis};

use crate::{Ledger, LedgerError};

impl Ledger {
    /// Makes the pool with its first period's grant, or finds it. An existing pool keeps its plan:
    /// see [`Ledger::order`].
    ///
    /// # Errors
    /// Refused when the pool exists with another anchor.
    pub async fn ensure_pool(
        &self,
        pool: PoolId,
        plan: PlanGrant,
        anchor: UtcMillis,
        now: UtcMillis,
    ) -> Result<Balance, LedgerError> {
        let command = Command::EnsurePool { pool, plan, anchor };
        self.standing_after(command, now).await
    }

    /// Carries an order out, once for its key: another plan, credits besides it, a correction, a
    /// member, an envelope. The same order again is answered with what was written the first time.
    ///
    /// # Errors
    /// [`anyai_ledger::Refusal::OrderConflict`] and what the action does not allow.
    pub async fn order(
        &self,
        pool: PoolId,
        order: Order,
        action: Action,
        now: UtcMillis,
    ) -> Result<Ordered, LedgerError> {
        let command = Command::Order {
            pool,
            order,
            action,
        };
        match self.engine.run(command, now).await? {
            Answer::Ordered(ordered) => Ok(*ordered),
            _ => Err(LedgerError::Closed),
        }
    }

    /// What the pool has, after opening the period that contains `now`.
    ///
    /// # Errors
    /// Refused when there is no such pool.
    pub async fn balance(&self, pool: PoolId, now: UtcMillis) -> Result<Balance, LedgerError> {
        self.standing_after(Command::Balance { pool }, now).await
    }

    /// The pools in this ledger.
    ///
    /// # Errors
    /// Only when the ledger cannot be read.
    pub async fn pools(&self) -> Result<Vec<PoolId>, LedgerError> {
        let pools = self.reads.read(|reader| reader.pools()).await?;
        Ok(pools.into_iter().map(|state| state.id).collect())
    }

    async fn standing_after(
        &self,
        command: Command,
        now: UtcMillis,
    ) -> Result<Balance, LedgerError> {
        match self.engine.run(command, now).await? {
            Answer::Balance(balance) => Ok(*balance),
            _ => Err(LedgerError::Closed),
        }
    }
}
