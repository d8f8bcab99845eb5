//! The handle the server holds: async, cheap to clone, every answer given after the commit.

use std::path::Path;

use anyai_ledger::{
    Balance, CostReport, Entry, GrantRequest, HoldRecord, HoldRequest, PlanGrant, PlanTerms,
    Resolution,
};
use anyai_units::{HoldId, PoolId, TurnId, UtcMillis};
use tokio::sync::watch;

use crate::{CommittedHold, Dispatch, LedgerError, OpenHold};

/// The answer to a hold.
#[derive(Debug)]
#[must_use]
pub enum Held {
    /// The credits are set aside, durably.
    New(CommittedHold),
    /// The same turn was held before; this is where it stands. Its first caller owns it.
    Existing(HoldRecord),
}

/// A page of a pool's change feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The entries after the cursor, in order, without gaps.
    pub entries: Vec<Entry>,
    /// The holds those entries belong to, as they stand at the head.
    pub holds: Vec<HoldRecord>,
    /// The balance at the head; its `head_seq` tells whether there is more to read.
    pub balance: Balance,
}

/// What time did to unresolved holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Never sent, now voided.
    pub voided: Vec<HoldId>,
    /// Sent and past their time, now unknown: to be asked after.
    pub unknown: Vec<HoldId>,
}

/// A ledger file and the thread that writes it.
#[derive(Clone, Debug)]
pub struct Ledger {}

impl Ledger {
    /// Opens the ledger at `path`, or makes one, checks all of it, and starts its writer thread.
    ///
    /// # Errors
    /// [`LedgerError::NewerThanProgram`], [`LedgerError::NotALedger`], [`LedgerError::Damaged`] and
    /// [`LedgerError::File`]; the file is left as it was.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        let _ = path;
        Err(LedgerError::Closed)
    }

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
        let _ = (self, pool, plan, anchor, now);
        Err(LedgerError::Closed)
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
        let _ = (self, pool, plan, terms, actor, now);
        Err(LedgerError::Closed)
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
        let _ = (self, request, now);
        Err(LedgerError::Closed)
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
        let _ = (self, pool, frozen, actor, reason, now);
        Err(LedgerError::Closed)
    }

    /// Sets credits aside for a turn. The same turn with the same fingerprint gets its first
    /// answer; a refused turn was not stored and may be tried again.
    ///
    /// # Errors
    /// [`anyai_ledger::Refusal::InsufficientCredits`], `IdempotencyConflict`, `Frozen` and others.
    pub async fn hold(&self, request: HoldRequest, now: UtcMillis) -> Result<Held, LedgerError> {
        let _ = (self, request, now);
        Err(LedgerError::Closed)
    }

    /// Commits that the provider is about to be called, and gives the permission to call it.
    ///
    /// # Errors
    /// Refused when the hold was resolved meanwhile; the hold's credits stay as they are.
    pub async fn dispatch(
        &self,
        hold: CommittedHold,
        provider_op: Option<String>,
        now: UtcMillis,
    ) -> Result<Dispatch, LedgerError> {
        let _ = (self, hold, provider_op, now);
        Err(LedgerError::Closed)
    }

    /// Stores the provider's own name for the work, for whoever has to ask after it.
    ///
    /// # Errors
    /// Refused when the hold is resolved.
    pub async fn note_provider_op(
        &self,
        dispatch: &Dispatch,
        provider_op: String,
    ) -> Result<(), LedgerError> {
        let _ = (self, dispatch, provider_op);
        Err(LedgerError::Closed)
    }

    /// Charges a dispatched or unknown hold: the cost, at most the ceiling; the rest goes back.
    ///
    /// # Errors
    /// Refused when the hold was never dispatched. A hold that is resolved already is an answer.
    pub async fn settle(
        &self,
        hold: impl Into<HoldId>,
        report: CostReport,
        now: UtcMillis,
    ) -> Result<Resolution, LedgerError> {
        let _ = (self, hold.into(), report, now);
        Err(LedgerError::Closed)
    }

    /// Gives a hold back whole.
    ///
    /// # Errors
    /// Refused when there is no such hold. A hold that is resolved already is an answer.
    pub async fn void(
        &self,
        hold: impl Into<HoldId>,
        reason: impl Into<String>,
        now: UtcMillis,
    ) -> Result<Resolution, LedgerError> {
        let _ = (self, hold.into(), reason.into(), now);
        Err(LedgerError::Closed)
    }

    /// Marks a dispatched hold as one nobody knows the end of; its credits stay held.
    ///
    /// # Errors
    /// Refused when the hold is not dispatched.
    pub async fn mark_unknown(
        &self,
        hold: impl Into<HoldId>,
        now: UtcMillis,
    ) -> Result<HoldRecord, LedgerError> {
        let _ = (self, hold.into(), now);
        Err(LedgerError::Closed)
    }

    /// Voids holds that were never sent in their time, and marks sent ones past theirs as unknown.
    ///
    /// # Errors
    /// Only when the file cannot be written.
    pub async fn expire_stale(&self, now: UtcMillis) -> Result<Expired, LedgerError> {
        let _ = (self, now);
        Err(LedgerError::Closed)
    }

    /// What the pool has, after opening the period that contains `now`.
    ///
    /// # Errors
    /// Refused when there is no such pool.
    pub async fn balance(&self, pool: PoolId, now: UtcMillis) -> Result<Balance, LedgerError> {
        let _ = (self, pool, now);
        Err(LedgerError::Closed)
    }

    /// The entries after `after_seq`, at most `limit` and at most 1,000.
    ///
    /// # Errors
    /// Refused when there is no such pool.
    pub async fn changes(
        &self,
        pool: PoolId,
        after_seq: u64,
        limit: u32,
    ) -> Result<Changes, LedgerError> {
        let _ = (self, pool, after_seq, limit);
        Err(LedgerError::Closed)
    }

    /// Every hold nobody has resolved. After a start the reconciler ends each of them: `held` was
    /// surely not sent and is voided; `dispatched` and `unknown` are recovered, asked after, and
    /// settled or voided.
    ///
    /// # Errors
    /// Only when the file cannot be read.
    pub async fn open_holds(&self) -> Result<Vec<OpenHold>, LedgerError> {
        let _ = self;
        Err(LedgerError::Closed)
    }

    /// The permission to ask after work that an earlier run sent. This is the only way to a
    /// [`Dispatch`] that does not begin with a [`CommittedHold`] of this run.
    ///
    /// # Errors
    /// Refused when the hold was never dispatched, or is resolved.
    pub async fn recover(&self, hold: &OpenHold) -> Result<Dispatch, LedgerError> {
        let _ = (self, hold);
        Err(LedgerError::Closed)
    }

    /// The hold of a turn.
    ///
    /// # Errors
    /// Only when the file cannot be read.
    pub async fn hold_of(
        &self,
        pool: PoolId,
        turn: TurnId,
    ) -> Result<Option<HoldRecord>, LedgerError> {
        let _ = (self, pool, turn);
        Err(LedgerError::Closed)
    }

    /// The pool's head `seq`, as commits of this process move it. Another process on the same file
    /// does not wake it: give a long poll an end.
    #[must_use]
    pub fn watch(&self, pool: PoolId) -> watch::Receiver<u64> {
        let _ = (self, pool);
        watch::channel(0).1
    }
}
