//! Effects: what a command changes, as a store has to write it.
//!
//! Changes of sums are differences, never new values, so that a store can guard each by the rule it
//! must keep, independently of the arithmetic that allowed it.

use anyai_units::{Credits, HoldId, PoolId, UtcMillis};

use crate::{
    Checkpoint, CostBasis, Entry, Envelope, EnvelopeMove, Grant, HoldRecord, Member, MemberMove,
    OrderRecord, Period, PoolState, SeqRange,
};

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
    /// What is set for a member.
    PutMember(Member),
    /// A change of a member's sums. Guard: afterwards none is negative; when it holds more, the
    /// member is not removed and `posted + pending <= limit`.
    MoveMember(MemberMove),
    /// An envelope as it is set.
    PutEnvelope(Envelope),
    /// A change of an envelope's sums. Guard: afterwards none is negative; when it holds more,
    /// `posted + pending <= cap`.
    MoveEnvelope(EnvelopeMove),
    /// A new hold. Guard: there is none with that id.
    PutHold(HoldRecord),
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
    /// The hold's lease is longer. Guard: it is open.
    Renew {
        /// The hold.
        hold: HoldId,
        /// Until when it may stay unresolved.
        expires_at: UtcMillis,
    },
    /// `dispatched -> unknown`. Guard: it is dispatched.
    MarkUnknown {
        /// The hold.
        hold: HoldId,
        /// Since when.
        at: UtcMillis,
    },
    /// The end of a hold. Guard: it is open, charged at most its ceiling, and each grant at most
    /// what it covers.
    Resolve(HoldEnd),
    /// An entry. Guard: it is the next of its pool.
    Append(Entry),
    /// An order that was carried out. Guard: the pool has none with that key.
    PutOrder(OrderRecord),
    /// A signed head. Guard: the pool has none at that entry.
    PutCheckpoint(Checkpoint),
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
    /// What each of the hold's allocations was charged, in their order.
    pub used: Vec<Credits>,
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
