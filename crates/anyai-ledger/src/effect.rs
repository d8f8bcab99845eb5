//! Effects: what a command changes, as a store has to write it.
//!
//! Changes of sums are differences, never new values, so that a store can guard each by the rule it
//! must keep, independently of the arithmetic that allowed it.

use anyai_units::{Credits, HoldId, PoolId, UtcMillis};

use crate::{Allocation, CostBasis, Entry, Grant, HoldRecord, Period, PoolState, SeqRange};

/// One change. A store writes all effects of a command in one transaction, in order, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A new pool, without entries.
    OpenPool(PoolState),
    /// The pool's row after the command. Guard: its `seq` was `from_seq`.
    Advance {
        /// The `seq` before the command.
        from_seq: u64,
        /// The row after it.
        to: PoolState,
    },
    /// A new period, with sums of zero. Guard: the pool has no period of that number.
    OpenPeriod(Period),
    /// A change of a period's sums. Guard: afterwards none is negative, and
    /// `posted + pending + expired <= granted`.
    MovePeriod(PeriodMove),
    /// A new grant. Guard: the pool has none with that source.
    AddGrant(Grant),
    /// A change of a grant's sums. Guard: afterwards none is negative, and
    /// `used + held + revoked + expired <= amount`.
    MoveGrant(GrantMove),
    /// A new hold. Guard: there is none with that id.
    PutHold(HoldRecord),
    /// The part of a hold that a grant covers.
    Allocate(Allocation),
    /// How much of that part was charged. Guard: at most its amount.
    UseAllocation {
        /// The hold.
        hold: HoldId,
        /// The grant's number.
        grant: u64,
        /// What was charged.
        used: Credits,
    },
    /// `held -> dispatched`. Guard: it is held.
    Dispatch {
        /// The hold.
        hold: HoldId,
        /// The provider's name for the work, when it is known already.
        provider_op: Option<String>,
        /// When.
        at: UtcMillis,
    },
    /// The provider's name for the work. Guard: the hold is dispatched or unknown.
    NoteProviderOp {
        /// The hold.
        hold: HoldId,
        /// The name.
        provider_op: String,
    },
    /// `dispatched -> unknown`. Guard: it is dispatched.
    MarkUnknown {
        /// The hold.
        hold: HoldId,
        /// Since when.
        at: UtcMillis,
    },
    /// The end of a hold. Guard: it is open, and charged at most its ceiling.
    Resolve(HoldEnd),
    /// An entry. Guard: it is the next of its pool.
    Append(Entry),
}

/// Differences to a period's sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodMove {
    /// The pool.
    pub pool: PoolId,
    /// The period's number.
    pub no: u32,
    /// To `granted`.
    pub granted: Credits,
    /// To `posted`.
    pub posted: Credits,
    /// To `pending`.
    pub pending: Credits,
    /// To `expired`.
    pub expired: Credits,
}

/// Differences to a grant's sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantMove {
    /// The pool.
    pub pool: PoolId,
    /// The grant's number.
    pub no: u64,
    /// To `used`.
    pub used: Credits,
    /// To `held`.
    pub held: Credits,
    /// To `revoked`.
    pub revoked: Credits,
    /// To `expired`.
    pub expired: Credits,
}

/// How a hold ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldEnd {
    /// The hold.
    pub hold: HoldId,
    /// The charge when it was settled, `None` when it was voided.
    pub charged: Option<Credits>,
    /// What the house paid above the ceiling.
    pub overrun: Credits,
    /// Where the charge came from.
    pub basis: Option<CostBasis>,
    /// Why it was voided.
    pub reason: Option<String>,
    /// When.
    pub at: UtcMillis,
    /// The entries that say so.
    pub entries: SeqRange,
}
