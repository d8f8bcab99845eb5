//! The handle the server holds: async, cheap to clone, every answer given after the commit.

use std::fmt;
use std::path::Path;

use anyai_ledger::{
    Answer, Balance, Command, CostReport, Entry, GrantRequest, HoldRecord, HoldRequest, HoldStep,
    Lapse, Placed, PlanGrant, PlanTerms, Resolution, hold_id,
};
use anyai_units::{Credits, PoolId, TurnId, UtcMillis};
use tokio::sync::watch;

use crate::backing::{Backing, Reader};
use crate::engine::Engine;
use crate::reads::{Reads, at_one_moment};
use crate::sqlite::{SqliteBacking, SqliteReader};
use crate::watchers::Watchers;
use crate::{CommittedHold, Dispatch, HoldRef, LedgerError, LedgerOptions, OpenHold, check};

/// The most entries one page of the change feed has.
const PAGE_LIMIT: u32 = 1_000;
/// The most holds one round of expiry looks at.
const EXPIRY_LIMIT: u32 = 256;

/// The answer to a hold.
#[derive(Debug)]
#[must_use]
pub enum Held {
    /// The credits are set aside, durably.
    New(CommittedHold),
    /// The same turn was held before; this is where it stands. Its first caller owns it.
    Existing(HoldRecord),
}

/// The answer to a hold that is sent at once.
#[derive(Debug)]
#[must_use]
pub enum Sent {
    /// The credits are set aside, durably, and the provider may be called.
    New(Dispatch),
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
    pub voided: Vec<HoldRef>,
    /// Sent and past their time, now unknown: to be asked after.
    pub unknown: Vec<HoldRef>,
}

/// A ledger and the threads that write and read it. Clones share them; they end when the last of
/// the clones is gone.
#[derive(Clone)]
pub struct Ledger {
    engine: Engine,
    reads: Reads,
    place: String,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

impl Ledger {
    /// Opens the ledger at `path`, or makes one, checks all of it, and starts its threads.
    ///
    /// # Errors
    /// [`LedgerError::NewerThanProgram`], [`LedgerError::NotALedger`], [`LedgerError::Damaged`] and
    /// [`LedgerError::File`]; the file is left as it was.
    pub fn open(path: &Path) -> Result<Self, LedgerError> {
        Self::open_with(path, LedgerOptions::default())
    }

    /// [`Ledger::open`] with other limits.
    ///
    /// # Errors
    /// As [`Ledger::open`].
    pub fn open_with(path: &Path, options: LedgerOptions) -> Result<Self, LedgerError> {
        let backing = SqliteBacking::open(path, options)?;
        let reader = SqliteReader::open(path)?;
        Self::start(vec![backing], Box::new(reader), path.display().to_string())
    }

    /// Checks all of a ledger, and starts its threads.
    pub(crate) fn start<B: Backing>(
        backings: Vec<B>,
        mut reader: Box<dyn Reader>,
        place: String,
    ) -> Result<Self, LedgerError> {
        let report = at_one_moment(reader.as_mut(), check::check);
        let report = report.map_err(|error| reader.explain(error))?;
        if let Some(problem) = report.first_problem {
            return Err(LedgerError::Damaged {
                place,
                problem: problem.what,
            });
        }
        let threads = Engine::start(backings)
            .and_then(|engine| Reads::start(reader).map(|reads| (engine, reads)));
        let (engine, reads) = threads.map_err(|source| LedgerError::File {
            place: place.clone(),
            source,
        })?;
        Ok(Self {
            engine,
            reads,
            place,
        })
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

    /// Sets credits aside for a turn. The same turn with the same fingerprint gets its first
    /// answer; a refused turn was not stored and may be tried again.
    ///
    /// # Errors
    /// [`anyai_ledger::Refusal::InsufficientCredits`], `IdempotencyConflict`, `Frozen` and others.
    pub async fn hold(&self, request: HoldRequest, now: UtcMillis) -> Result<Held, LedgerError> {
        Ok(match self.place(Command::Hold(request), now).await? {
            Placed::New(record) => Held::New(CommittedHold::new(record)),
            Placed::Existing(record) => Held::Existing(record),
        })
    }

    /// [`Ledger::hold`] and [`Ledger::dispatch`] in one commit, for a turn that is sent as soon as
    /// its credits are held.
    ///
    /// # Errors
    /// As [`Ledger::hold`].
    pub async fn hold_dispatched(
        &self,
        request: HoldRequest,
        now: UtcMillis,
    ) -> Result<Sent, LedgerError> {
        let command = Command::HoldDispatched(request);
        Ok(match self.place(command, now).await? {
            Placed::New(record) => Sent::New(Dispatch::new(record)),
            Placed::Existing(record) => Sent::Existing(record),
        })
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
        let step = HoldStep::Dispatch { provider_op };
        let record = self.moved(HoldRef::from(&hold), step, now).await?;
        Ok(Dispatch::new(record))
    }

    /// Stores the provider's own name for the work, for whoever has to ask after it.
    ///
    /// # Errors
    /// Refused when the hold is resolved.
    pub async fn note_provider_op(
        &self,
        dispatch: &Dispatch,
        provider_op: String,
        now: UtcMillis,
    ) -> Result<(), LedgerError> {
        let step = HoldStep::NoteProviderOp { provider_op };
        self.step(dispatch.into(), step, now).await.map(drop)
    }

    /// Lengthens the lease of a hold whose work goes on; a lease is never shortened.
    ///
    /// # Errors
    /// Refused when the hold is resolved.
    pub async fn renew(
        &self,
        hold: impl Into<HoldRef>,
        expires_at: UtcMillis,
        now: UtcMillis,
    ) -> Result<HoldRecord, LedgerError> {
        let step = HoldStep::Renew { expires_at };
        self.moved(hold.into(), step, now).await
    }

    /// Charges a dispatched or unknown hold: the cost, at most the ceiling; the rest goes back.
    ///
    /// # Errors
    /// Refused when the hold was never dispatched. A hold that is resolved already is an answer.
    pub async fn settle(
        &self,
        hold: impl Into<HoldRef>,
        report: CostReport,
        now: UtcMillis,
    ) -> Result<Resolution, LedgerError> {
        let step = HoldStep::Settle(report);
        let resolution = self.resolved(hold.into(), step, now).await?;
        if let Resolution::Settled(settlement) = &resolution
            && settlement.overrun > Credits::ZERO
        {
            tracing::error!(
                hold = %settlement.hold,
                charged_millicredits = settlement.charged.millicredits(),
                overrun_millicredits = settlement.overrun.millicredits(),
                "a provider reported more than the ceiling; the house pays the overrun"
            );
        }
        Ok(resolution)
    }

    /// Gives a hold back whole.
    ///
    /// # Errors
    /// Refused when there is no such hold. A hold that is resolved already is an answer.
    pub async fn void(
        &self,
        hold: impl Into<HoldRef>,
        reason: impl Into<String>,
        now: UtcMillis,
    ) -> Result<Resolution, LedgerError> {
        let reason = reason.into();
        self.resolved(hold.into(), HoldStep::Void { reason }, now)
            .await
    }

    /// Marks a dispatched hold as one nobody knows the end of; its credits stay held.
    ///
    /// # Errors
    /// Refused when the hold is not dispatched.
    pub async fn mark_unknown(
        &self,
        hold: impl Into<HoldRef>,
        now: UtcMillis,
    ) -> Result<HoldRecord, LedgerError> {
        self.moved(hold.into(), HoldStep::MarkUnknown, now).await
    }

    /// Voids holds that were never sent in their time, and marks sent ones past theirs as unknown.
    ///
    /// # Errors
    /// Only when the ledger cannot be written.
    pub async fn expire_stale(&self, now: UtcMillis) -> Result<Expired, LedgerError> {
        let stale = self
            .reads
            .read(move |reader| reader.stale_holds(now, EXPIRY_LIMIT))
            .await?;
        let mut expired = Expired::default();
        for (pool, id) in stale {
            let hold = HoldRef { pool, id };
            match self.step(hold, HoldStep::Expire, now).await? {
                Answer::Lapse(Lapse::Voided) => expired.voided.push(hold),
                Answer::Lapse(Lapse::Unknown) => expired.unknown.push(hold),
                _ => {}
            }
        }
        Ok(expired)
    }

    /// What the pool has, after opening the period that contains `now`.
    ///
    /// # Errors
    /// Refused when there is no such pool.
    pub async fn balance(&self, pool: PoolId, now: UtcMillis) -> Result<Balance, LedgerError> {
        self.standing_after(Command::Balance { pool }, now).await
    }

    /// The entries after `after_seq`, at most `limit` and at most 1,000, with the balance at the
    /// head. Reading opens no period: ask for [`Ledger::balance`] first to have the feed say so.
    ///
    /// # Errors
    /// Refused when there is no such pool.
    pub async fn changes(
        &self,
        pool: PoolId,
        after_seq: u64,
        limit: u32,
    ) -> Result<Changes, LedgerError> {
        let limit = limit.min(PAGE_LIMIT);
        self.reads
            .read(move |reader| {
                let balance = anyai_ledger::standing(reader, pool)?;
                let entries = reader.entries(pool, after_seq, limit)?;
                let holds = match (entries.first(), entries.last()) {
                    (Some(first), Some(last)) => reader.holds_between(pool, first.seq, last.seq)?,
                    _ => Vec::new(),
                };
                Ok(Changes {
                    entries,
                    holds,
                    balance,
                })
            })
            .await
    }

    /// Every hold nobody has resolved. After a start the reconciler ends each of them: `held` was
    /// surely not sent and is voided; `dispatched` and `unknown` are settled for what came, or
    /// voided.
    ///
    /// # Errors
    /// Only when the ledger cannot be read.
    pub async fn open_holds(&self) -> Result<Vec<OpenHold>, LedgerError> {
        let records = self.reads.read(|reader| reader.open_holds()).await?;
        Ok(records.into_iter().map(OpenHold::new).collect())
    }

    /// The pools in this ledger.
    ///
    /// # Errors
    /// Only when the ledger cannot be read.
    pub async fn pools(&self) -> Result<Vec<PoolId>, LedgerError> {
        let pools = self.reads.read(|reader| reader.pools()).await?;
        Ok(pools.into_iter().map(|state| state.id).collect())
    }

    /// The hold of a turn.
    ///
    /// # Errors
    /// Only when the ledger cannot be read.
    pub async fn hold_of(
        &self,
        pool: PoolId,
        turn: TurnId,
    ) -> Result<Option<HoldRecord>, LedgerError> {
        self.reads
            .read(move |reader| reader.hold(hold_id(pool, turn)))
            .await
    }

    /// The pool's head `seq` as commits of this process move it, 0 before the first. Another
    /// process on the same ledger may not wake it: give a long poll an end.
    #[must_use]
    pub fn watch(&self, pool: PoolId) -> watch::Receiver<u64> {
        self.engine.watchers().subscribe(pool)
    }

    pub(crate) const fn watchers(&self) -> &Watchers {
        self.engine.watchers()
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

    async fn place(&self, command: Command, now: UtcMillis) -> Result<Placed, LedgerError> {
        match self.engine.run(command, now).await? {
            Answer::Placed(placed) => Ok(*placed),
            _ => Err(LedgerError::Closed),
        }
    }

    async fn step(
        &self,
        hold: HoldRef,
        step: HoldStep,
        now: UtcMillis,
    ) -> Result<Answer, LedgerError> {
        let HoldRef { pool, id } = hold;
        let command = Command::OnHold {
            pool,
            hold: id,
            step,
        };
        self.engine.run(command, now).await
    }

    async fn moved(
        &self,
        hold: HoldRef,
        step: HoldStep,
        now: UtcMillis,
    ) -> Result<HoldRecord, LedgerError> {
        match self.step(hold, step, now).await? {
            Answer::Hold(record) => Ok(*record),
            _ => Err(LedgerError::Closed),
        }
    }

    async fn resolved(
        &self,
        hold: HoldRef,
        step: HoldStep,
        now: UtcMillis,
    ) -> Result<Resolution, LedgerError> {
        match self.step(hold, step, now).await? {
            Answer::Resolution(resolution) => Ok(*resolution),
            _ => Err(LedgerError::Closed),
        }
    }
}
