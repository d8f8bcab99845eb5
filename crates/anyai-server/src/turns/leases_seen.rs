//! Whether another server still sees a hold through, told without anybody's clock.
//!
//! Servers that share a ledger need not agree on the time, so an instant that one of them wrote means
//! nothing to another. That it changes does: whoever sees a hold through writes a later end of its lease
//! three times a lease. A hold whose end has stood still for a whole lease of this server's own steady time
//! is nobody's.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyai_ledger::HoldRecord;
use anyai_units::{HoldId, UtcMillis};

/// The ends of leases as they were seen here, and since when each has stood still.
#[derive(Debug, Default)]
pub(crate) struct LeasesSeen(Mutex<HashMap<HoldId, (UtcMillis, Instant)>>);

impl LeasesSeen {
    /// Whether the hold's lease has stood still for this long. The first look at it says no.
    pub(super) fn has_stood_still(&self, hold: &HoldRecord, lease: Duration, now: Instant) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, since) = seen.entry(hold.id).or_insert((hold.expires_at, now));
        if *until != hold.expires_at {
            (*until, *since) = (hold.expires_at, now);
        }
        now.saturating_duration_since(*since) >= lease
    }

    /// Forgets the holds that have ended.
    pub(super) fn keep(&self, open: &HashSet<HoldId>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|hold, _| open.contains(hold));
    }
}

#[cfg(test)]
mod tests {
    use anyai_ledger::{
        HoldRequest, MemoryStore, Placed, PlanGrant, WorkKind, ensure_pool, hold_dispatched,
    };
    use anyai_units::{Credits, MemberId, PoolId, TurnId};
    use uuid::Uuid;

    use super::*;

    const LEASE: Duration = Duration::from_secs(60);
    const TICK: Duration = Duration::from_millis(1);

    fn hold() -> HoldRecord {
        let at = UtcMillis::from_millis(0);
        let pool = PoolId::from_uuid(Uuid::from_u128(1));
        let amount = Credits::from_millicredits(1);
        let plan = PlanGrant {
            plan: "any".to_owned(),
            amount,
        };
        let request = HoldRequest {
            pool,
            member: MemberId::from_uuid(Uuid::from_u128(2)),
            turn: TurnId::from_uuid(Uuid::from_u128(3)),
            fingerprint: [0; 32],
            estimate: amount,
            ceiling: amount,
            price_version: 1,
            model: "any".to_owned(),
            kind: WorkKind::Chat,
            conversation: None,
            expires_at: at,
        };
        let mut store = MemoryStore::new();
        ensure_pool(&mut store, pool, plan, at, at).unwrap();
        match hold_dispatched(&mut store, &request, at).unwrap() {
            Placed::New(record) | Placed::Existing(record) => record,
        }
    }

    #[test]
    fn a_lease_that_stands_still_for_its_whole_time_is_nobodys() {
        let (seen, mut hold, start) = (LeasesSeen::default(), hold(), Instant::now());
        let has_stood = |hold: &HoldRecord, now| seen.has_stood_still(hold, LEASE, now);
        assert!(!has_stood(&hold, start), "whatever its end says");
        assert!(!has_stood(&hold, start + LEASE - TICK));
        assert!(has_stood(&hold, start + LEASE));
        let renewed = start + LEASE + TICK;
        hold.expires_at = hold.expires_at.plus_millis(1);
        assert!(!has_stood(&hold, renewed), "however little it moved");
        assert!(!has_stood(&hold, renewed + LEASE - TICK));
        assert!(has_stood(&hold, renewed + LEASE));
        seen.keep(&HashSet::from([hold.id]));
        assert!(has_stood(&hold, renewed + LEASE), "it is open still");
        seen.keep(&HashSet::new());
        assert!(!has_stood(&hold, renewed + LEASE), "it was forgotten");
    }
}
