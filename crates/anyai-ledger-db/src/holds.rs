//! A turn's way through the ledger: held, sent, and ended.

use anyai_ledger::{
    Answer, Command, CostReport, HoldRecord, HoldRequest, HoldStep, Lapse, Placed, Refusal,
    Resolution, hold_id, old_hold_id,
};
use anyai_units::{Credits, PoolId, TurnId, UtcMillis};

use crate::{CommittedHold, Dispatch, HoldRef, Ledger, LedgerError, OpenHold};

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

/// What time did to unresolved holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expired {
    /// Never sent, now voided.
    pub voided: Vec<HoldRef>,
    /// Sent and past their time, now unknown: to be asked after.
    pub unknown: Vec<HoldRef>,
}

impl Ledger {
    /// Sets credits aside for a turn. The same turn with the same fingerprint gets its first
    /// answer; a refused turn was not stored and may be tried again.
    ///
    /// # Errors
    /// [`anyai_ledger::Refusal::InsufficientCredits`], `IdempotencyConflict`, `Frozen` and others.
    pub async fn hold(&self, request: HoldRequest, now: UtcMillis) -> Result<Held, LedgerError> {
        if let Some(record) = self.held_before(&request).await? {
            return Ok(Held::Existing(record));
        }
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
        if let Some(record) = self.held_before(&request).await? {
            return Ok(Sent::Existing(record));
        }
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

    /// The hold of a turn.
    ///
    /// # Errors
    /// Only when the ledger cannot be read.
    pub async fn hold_of(
        &self,
        pool: PoolId,
        turn: TurnId,
    ) -> Result<Option<HoldRecord>, LedgerError> {
        let has_old_ids = self.has_old_ids;
        self.reads
            .read(move |reader| match reader.hold(hold_id(pool, turn))? {
                None if has_old_ids => reader.hold(old_hold_id(pool, turn)),
                found => Ok(found),
            })
            .await
    }

    /// The turn's hold when it was placed under an id of before: the rules look under today's only.
    async fn held_before(&self, request: &HoldRequest) -> Result<Option<HoldRecord>, LedgerError> {
        if !self.has_old_ids {
            return Ok(None);
        }
        let (pool, turn) = (request.pool, request.turn);
        let found = self
            .reads
            .read(move |reader| reader.hold(old_hold_id(pool, turn)));
        match found.await? {
            Some(record) if record.fingerprint != request.fingerprint => {
                Err(Refusal::IdempotencyConflict { turn }.into())
            }
            found => Ok(found),
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
