//! Periods: months counted from an anchor, as half-open ranges of UTC instants.

use anyai_units::{Credits, PoolId, UtcMillis};

/// The range of one period: from `starts_at`, up to and without `ends_at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeriodBounds {
    /// Whole months since the anchor.
    pub no: u32,
    /// The first instant.
    pub starts_at: UtcMillis,
    /// The first instant after it: the reset.
    pub ends_at: UtcMillis,
}

/// A period of a pool, with its sums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// The pool.
    pub pool: PoolId,
    /// When.
    pub bounds: PeriodBounds,
    /// The plan it began with, or the last one chosen in it.
    pub plan: String,
    /// Granted, minus what was revoked or carried on.
    pub granted: Credits,
    /// Charged by settled holds.
    pub posted: Credits,
    /// Held by open holds: the sum of their ceilings.
    pub pending: Credits,
    /// Expired unused.
    pub expired: Credits,
}
