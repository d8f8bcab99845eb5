//! The proofs a provider call needs: values that exist only after the commit they stand for.
//!
//! Neither can be built, copied or read from anywhere else:
//!
//! ```compile_fail,E0451
//! fn forge(record: anyai_ledger::HoldRecord) -> anyai_ledger_db::CommittedHold {
//!     anyai_ledger_db::CommittedHold { record }
//! }
//! ```
//!
//! ```compile_fail,E0451
//! fn forge(record: anyai_ledger::HoldRecord) -> anyai_ledger_db::Dispatch {
//!     anyai_ledger_db::Dispatch { record }
//! }
//! ```
//!
//! ```compile_fail,E0599
//! fn copy(dispatch: anyai_ledger_db::Dispatch) -> [anyai_ledger_db::Dispatch; 2] {
//!     [dispatch.clone(), dispatch]
//! }
//! ```
//!
//! A hold is dispatched once, because dispatching consumes it:
//!
//! ```compile_fail,E0382
//! # use anyai_ledger_db::{CommittedHold, Ledger};
//! async fn twice(ledger: Ledger, hold: CommittedHold, now: anyai_units::UtcMillis) {
//!     let _ = ledger.dispatch(hold, None, now).await;
//!     let _ = ledger.dispatch(hold, None, now).await;
//! }
//! ```

use anyai_ledger::HoldRecord;
use anyai_units::HoldId;

/// A hold whose commit is on disk. Only [`crate::Ledger::hold`] makes one, once per hold.
#[derive(Debug)]
#[must_use = "dispatch it or void it: until then its credits stay held"]
pub struct CommittedHold {
    record: HoldRecord,
}

impl CommittedHold {
    pub(crate) const fn new(record: HoldRecord) -> Self {
        Self { record }
    }

    /// The hold.
    #[must_use]
    pub const fn id(&self) -> HoldId {
        self.record.id
    }

    /// The hold as stored.
    #[must_use]
    pub const fn record(&self) -> &HoldRecord {
        &self.record
    }
}

/// The permission to call a provider: a hold whose `dispatched` state is on disk. Only
/// [`crate::Ledger::dispatch`] makes one, out of a [`CommittedHold`], so none outlives its run.
#[derive(Debug)]
#[must_use = "settle it, void it or mark it unknown: until then its credits stay held"]
pub struct Dispatch {
    record: HoldRecord,
}

impl Dispatch {
    pub(crate) const fn new(record: HoldRecord) -> Self {
        Self { record }
    }

    /// The hold.
    #[must_use]
    pub const fn id(&self) -> HoldId {
        self.record.id
    }

    /// The hold as it was when it was dispatched.
    #[must_use]
    pub const fn record(&self) -> &HoldRecord {
        &self.record
    }
}

impl From<&Dispatch> for HoldId {
    fn from(dispatch: &Dispatch) -> Self {
        dispatch.id()
    }
}

impl From<&CommittedHold> for HoldId {
    fn from(hold: &CommittedHold) -> Self {
        hold.id()
    }
}

/// A hold nobody has resolved, as the reconciler finds it. Only [`crate::Ledger::open_holds`] makes
/// them.
#[derive(Debug)]
pub struct OpenHold {
    record: HoldRecord,
}

impl OpenHold {
    pub(crate) const fn new(record: HoldRecord) -> Self {
        Self { record }
    }

    /// The hold.
    #[must_use]
    pub const fn id(&self) -> HoldId {
        self.record.id
    }

    /// The hold as stored.
    #[must_use]
    pub const fn record(&self) -> &HoldRecord {
        &self.record
    }
}

impl From<&OpenHold> for HoldId {
    fn from(hold: &OpenHold) -> Self {
        hold.id()
    }
}
