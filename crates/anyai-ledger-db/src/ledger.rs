//! The handle the server holds: async, cheap to clone, every answer given after the commit.

use std::fmt;
use std::path::{Path, PathBuf};

use anyai_ledger::{
    Balance, CostReport, Entry, GrantRequest, HoldRecord, HoldRequest, Lapse, Placed, PlanGrant,
    PlanTerms, Resolution,
};
use anyai_units::{HoldId, PoolId, TurnId, UtcMillis};
use tokio::sync::watch;

use crate::sqlite::SqliteStore;
use crate::writer::Writer;
use crate::{CommittedHold, Dispatch, LedgerError, LedgerOptions, OpenHold, check, file};

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

/// A ledger file and the thread that writes it. Clones share the thread; it closes the file when
/// the last of them is gone.
#[derive(Clone)]
pub struct Ledger {
    writer: Writer,
    path: PathBuf,
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ledger")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Ledger {
    /// Opens the ledger at `path`, or makes one, checks all of it, and starts its writer thread.
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
        let connection = file::open_writer(path, options)?;
        let report = check::check(&connection).map_err(|error| error.at(path))?;
        if let Some(problem) = report.first_problem {
            return Err(LedgerError::Damaged {
                path: path.to_owned(),
                problem: problem.what,
            });
        }
        let writer = Writer::start(connection, path.to_owned())?;
        Ok(Self {
            writer,
            path: path.to_owned(),
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
        let command = move |store: &mut SqliteStore<'_>| {
            anyai_ledger::ensure_pool(store, pool, plan, anchor, now)
        };
        self.writer.write(command).await
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
        self.writer
            .write(move |store| anyai_ledger::change_plan(store, pool, plan, terms, &actor, now))
            .await
    }

    /// Adds credits besides the plan: a top-up, a gift, a correction. The source is the
    /// idempotency key. No route of the server asks for it yet: it is for issue 3's top-ups.
    ///
    /// # Errors
    /// Refused when the source was used with other terms.
    pub async fn grant(
        &self,
        request: GrantRequest,
        now: UtcMillis,
    ) -> Result<Balance, LedgerError> {
        self.writer
            .write(move |store| anyai_ledger::grant(store, &request, now))
            .await
    }

    /// Refuses new holds on the pool, or accepts them again. No route of the server asks for it yet:
    /// it is for issue 3's administration of pools.
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
        self.writer
            .write(move |store| anyai_ledger::set_frozen(store, pool, frozen, &actor, &reason, now))
            .await
    }

    /// Sets credits aside for a turn. The same turn with the same fingerprint gets its first
    /// answer; a refused turn was not stored and may be tried again.
    ///
    /// # Errors
    /// [`anyai_ledger::Refusal::InsufficientCredits`], `IdempotencyConflict`, `Frozen` and others.
    pub async fn hold(&self, request: HoldRequest, now: UtcMillis) -> Result<Held, LedgerError> {
        let command = move |store: &mut SqliteStore<'_>| anyai_ledger::hold(store, &request, now);
        Ok(match self.writer.write(command).await? {
            Placed::New(record) => Held::New(CommittedHold::new(record)),
            Placed::Existing(record) => Held::Existing(record),
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
        let id = hold.id();
        let command =
            move |store: &mut SqliteStore<'_>| anyai_ledger::dispatch(store, id, provider_op, now);
        Ok(Dispatch::new(self.writer.write(command).await?))
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
        let id = dispatch.id();
        self.writer
            .write(move |store| anyai_ledger::note_provider_op(store, id, provider_op))
            .await
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
        let id = hold.into();
        let command =
            move |store: &mut SqliteStore<'_>| anyai_ledger::settle(store, id, report, now);
        let resolution = self.writer.write(command).await?;
        if let Resolution::Settled(settlement) = &resolution
            && settlement.overrun > anyai_units::Credits::ZERO
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
        hold: impl Into<HoldId>,
        reason: impl Into<String>,
        now: UtcMillis,
    ) -> Result<Resolution, LedgerError> {
        let (id, reason) = (hold.into(), reason.into());
        self.writer
            .write(move |store| anyai_ledger::void(store, id, &reason, now))
            .await
    }

    /// Marks a dispatched hold as one nobody knows the end of; its credits stay held. Chat turns come
    /// to it only by their time, in [`Ledger::expire_stale`]: this is for issue 4's image and video
    /// jobs, whose provider may lose track of them.
    ///
    /// # Errors
    /// Refused when the hold is not dispatched.
    pub async fn mark_unknown(
        &self,
        hold: impl Into<HoldId>,
        now: UtcMillis,
    ) -> Result<HoldRecord, LedgerError> {
        let id = hold.into();
        self.writer
            .write(move |store| anyai_ledger::mark_unknown(store, id, now))
            .await
    }

    /// Voids holds that were never sent in their time, and marks sent ones past theirs as unknown.
    ///
    /// # Errors
    /// Only when the file cannot be written.
    pub async fn expire_stale(&self, now: UtcMillis) -> Result<Expired, LedgerError> {
        let stale = self
            .writer
            .read(move |store| store.stale_holds(now, EXPIRY_LIMIT))
            .await?;
        let mut expired = Expired::default();
        for hold in stale {
            let command = move |store: &mut SqliteStore<'_>| anyai_ledger::expire(store, hold, now);
            match self.writer.write(command).await? {
                Lapse::Voided => expired.voided.push(hold),
                Lapse::Unknown => expired.unknown.push(hold),
                Lapse::Nothing => {}
            }
        }
        Ok(expired)
    }

    /// What the pool has, after opening the period that contains `now`.
    ///
    /// # Errors
    /// Refused when there is no such pool.
    pub async fn balance(&self, pool: PoolId, now: UtcMillis) -> Result<Balance, LedgerError> {
        self.writer
            .write(move |store| anyai_ledger::balance(store, pool, now))
            .await
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
        self.writer
            .read(move |store| {
                let balance = anyai_ledger::standing(store, pool)?;
                let entries = store.entries(pool, after_seq, limit)?;
                let holds = match (entries.first(), entries.last()) {
                    (Some(first), Some(last)) => store.holds_between(pool, first.seq, last.seq)?,
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
    /// Only when the file cannot be read.
    pub async fn open_holds(&self) -> Result<Vec<OpenHold>, LedgerError> {
        let records = self.writer.read(|store| store.open_holds()).await?;
        Ok(records.into_iter().map(OpenHold::new).collect())
    }

    /// The pools in this file.
    ///
    /// # Errors
    /// Only when the file cannot be read.
    pub async fn pools(&self) -> Result<Vec<PoolId>, LedgerError> {
        self.writer.read(|store| store.pools()).await
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
        self.writer
            .read(move |store| store.hold_of(pool, turn))
            .await
    }

    /// The pool's head `seq` as commits of this process move it, 0 before the first. Another process on the same file
    /// does not wake it: give a long poll an end.
    #[must_use]
    pub fn watch(&self, pool: PoolId) -> watch::Receiver<u64> {
        self.writer.watch(pool)
    }
}
