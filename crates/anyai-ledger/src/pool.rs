//! A pool: what the ledger knows about one shared budget.

use anyai_units::{Credits, PoolId, UtcMillis};

use crate::chain::Canonical;
use crate::{Digest, Period, PlanGrant};

/// A pool's own row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolState {
    /// The pool.
    pub id: PoolId,
    /// Names this life of the pool: a mirror of another epoch starts over. The first entry's
    /// `prev_hash`.
    pub epoch: Digest,
    /// The instant its periods are counted from.
    pub anchor: UtcMillis,
    /// The plan of the current period.
    pub plan: PlanGrant,
    /// The plan from the next period on, when it differs.
    pub next_plan: Option<PlanGrant>,
    /// Whether new holds are refused.
    pub frozen: bool,
    /// The number of the current period.
    pub period: u32,
    /// How many grants it ever had: the number of the last one.
    pub grant_count: u64,
    /// The `seq` of its last entry.
    pub seq: u64,
    /// The hash of its last entry, or the epoch.
    pub head_hash: Digest,
    /// The instant of its last command; time does not run backwards in a pool.
    pub last_at: UtcMillis,
}

impl PoolState {
    /// The digest a `plan` entry carries: the plan of the period, and of the next one.
    #[must_use]
    pub fn plan_digest(&self) -> Digest {
        let mut bytes = Canonical::begin("anyai.plan.1");
        bytes.raw(self.id.uuid().as_bytes());
        self.plan.write(&mut bytes);
        bytes.optional(self.next_plan.as_ref(), |bytes, plan| plan.write(bytes));
        bytes.digest()
    }
}

/// What a pool has, as of its head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The pool.
    pub pool: PoolId,
    /// The plan of this period.
    pub plan: PlanGrant,
    /// The plan from the next period on, when it differs.
    pub next_plan: Option<PlanGrant>,
    /// Whether new holds are refused.
    pub frozen: bool,
    /// The period, with what was granted, spent and held in it.
    pub period: Period,
    /// What can be held now: granted minus posted, pending and expired.
    pub available: Credits,
    /// The `seq` of the pool's last entry.
    pub head_seq: u64,
    /// The hash of the pool's last entry.
    pub head_hash: Digest,
    /// This life of the pool.
    pub epoch: Digest,
}
