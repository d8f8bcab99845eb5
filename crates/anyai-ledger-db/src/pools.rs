//! What is ordered of a pool, and where it stands.

use anyai_ledger::{Answer, Balance, Command, GrantRequest, PlanGrant, PlanTerms};
use anyai_units::{PoolId, UtcMillis};

use crate::{Ledger, LedgerError};

impl Ledger {
    /// Makes the pool with its first period's grant, or finds it. An existing pool keeps its plan:
    /// see [`Ledger::change_plan`].
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

    /// Changes the plan; repeating it changes nothing.
    ///
    /// # Errors
    /// Refused when there is no such pool.
    pub async fn change_plan(
        &self,
        pool: PoolId,
        plan: PlanGrant,
        terms: PlanTerms,
        actor: String,
        now: UtcMillis,
    ) -> Result<Balance, LedgerError> {
        let command = Command::ChangePlan {
            pool,
            plan,
            terms,
            actor,
        };
        self.standing_after(command, now).await
    }

    /// Adds credits besides the plan: a top-up, a gift, a correction. The source is the
    /// idempotency key.
    ///
    /// # Errors
    /// Refused when the source was used with other terms.
    pub async fn grant(
        &self,
        request: GrantRequest,
        now: UtcMillis,
    ) -> Result<Balance, LedgerError> {
        self.standing_after(Command::Grant(request), now).await
    }

    /// Refuses new holds on the pool, or accepts them again.
    ///
    /// # Errors
    /// Refused when there is no such pool.
    pub async fn set_frozen(
        &self,
        pool: PoolId,
        frozen: bool,
        actor: String,
        reason: String,
        now: UtcMillis,
    ) -> Result<Balance, LedgerError> {
        let command = Command::SetFrozen {
            pool,
            frozen,
            actor,
            reason,
        };
        self.standing_after(command, now).await
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
