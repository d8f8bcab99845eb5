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
use anyai_units::{HoldId, PoolId};

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
/// [`crate::Ledger::dispatch`] makes one, out of a [`CommittedHold`], and
/// [`crate::Ledger::hold_dispatched`]; so none outlives its run.
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

/// Which hold, and whose: all that is needed to end it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct HoldRef {
    /// The pool that pays.
    pub pool: PoolId,
    /// The hold.
    pub id: HoldId,
}

impl From<&HoldRecord> for HoldRef {
    fn from(record: &HoldRecord) -> Self {
        Self {
            pool: record.pool,
            id: record.id,
        }
    }
}

impl From<&CommittedHold> for HoldRef {
    fn from(hold: &CommittedHold) -> Self {
        Self::from(&hold.record)
    }
}

impl From<&Dispatch> for HoldRef {
    fn from(dispatch: &Dispatch) -> Self {
        Self::from(&dispatch.record)
    }
}

impl From<&OpenHold> for HoldRef {
    fn from(hold: &OpenHold) -> Self {
        Self::from(&hold.record)
    }
}
