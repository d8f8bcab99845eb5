//! What is ordered of a pool, and where it stands.

use anyai_ledger::{
    Action, Answer, Balance, Command, Envelope, HoldRecord, HoldState, Member, Order, OrderRecord,
    Ordered, PlanGrant, Resolution, Room, RoomQuery,
};
use anyai_units::{MemberId, PoolId, UtcMillis};

use crate::{HoldRef, Ledger, LedgerError};

/// What taking a member out of a pool did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removed {
    /// The order.
    pub ordered: Ordered,
    /// Their holds that were never sent, now voided.
    pub voided: Vec<HoldRef>,
}

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

    /// Takes a member out of the pool: the order, then the end of their holds that were never sent.
    /// What was sent runs to its end. The same again ends what an interruption left.
    ///
    /// # Errors
    /// As [`Ledger::order`].
    pub async fn remove_member(
        &self,
        pool: PoolId,
        member: MemberId,
        order: Order,
        now: UtcMillis,
    ) -> Result<Removed, LedgerError> {
        let action = Action::RemoveMember { member };
        let ordered = self.order(pool, order, action, now).await?;
        let mut voided = Vec::new();
        for hold in self.unsent_of_removed(pool, member).await? {
            let ended = self.void(hold, "the member was removed", now).await?;
            if matches!(ended, Resolution::Voided(_)) {
                voided.push(hold);
            }
        }
        Ok(Removed { ordered, voided })
    }

    /// The holds a removed member had placed and not sent; none of a member who was taken in again.
    async fn unsent_of_removed(
        &self,
        pool: PoolId,
        member: MemberId,
    ) -> Result<Vec<HoldRef>, LedgerError> {
        let unsent = self.reads.read(move |reader| {
            let row = reader.member(pool, member)?;
            if row.is_none_or(|row| !row.is_removed) {
                return Ok(Vec::new());
            }
            let is_theirs = |hold: &HoldRecord| {
                hold.pool == pool && hold.member == member && hold.state == HoldState::Held
            };
            let open = reader.open_holds()?;
            Ok(open
                .iter()
                .filter(|hold| is_theirs(hold))
                .map(HoldRef::from)
                .collect())
        });
        unsent.await
    }

    /// What a hold could take at `now`, and which limit binds. It changes nothing.
    ///
    /// # Errors
    /// Refused when there is no such pool.
    pub async fn room(&self, query: RoomQuery, now: UtcMillis) -> Result<Room, LedgerError> {
        self.reads
            .read(move |reader| anyai_ledger::room(reader, &query, now))
            .await
    }

    /// Whether the member was taken out of the pool.
    ///
    /// # Errors
    /// Only when the ledger cannot be read; likewise below.
    pub async fn is_removed(&self, pool: PoolId, member: MemberId) -> Result<bool, LedgerError> {
        let read = self.reads.read(move |reader| reader.member(pool, member));
        Ok(read.await?.is_some_and(|row| row.is_removed))
    }

    /// When the pool's last entry is dated; `None` when there is no such pool.
    ///
    /// # Errors
    /// See above.
    pub async fn last_at(&self, pool: PoolId) -> Result<Option<UtcMillis>, LedgerError> {
        let read = self.reads.read(move |reader| reader.pool(pool));
        Ok(read.await?.map(|state| state.last_at))
    }

    /// What time it is by the database; `None` for a file.
    ///
    /// # Errors
    /// See above.
    pub async fn clock(&self) -> Result<Option<UtcMillis>, LedgerError> {
        self.reads.read(|reader| reader.clock()).await
    }

    /// What is set for the pool's members, removed ones too.
    ///
    /// # Errors
    /// Only when the ledger cannot be read; likewise below.
    pub async fn members(&self, pool: PoolId) -> Result<Vec<Member>, LedgerError> {
        self.reads.read(move |reader| reader.members(pool)).await
    }

    /// The pool's envelopes, removed ones too.
    ///
    /// # Errors
    /// Only when the ledger cannot be read.
    pub async fn envelopes(&self, pool: PoolId) -> Result<Vec<Envelope>, LedgerError> {
        self.reads.read(move |reader| reader.envelopes(pool)).await
    }

    /// The orders that were carried out on the pool, from the first.
    ///
    /// # Errors
    /// Only when the ledger cannot be read.
    pub async fn orders(&self, pool: PoolId) -> Result<Vec<OrderRecord>, LedgerError> {
        self.reads.read(move |reader| reader.orders(pool)).await
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
