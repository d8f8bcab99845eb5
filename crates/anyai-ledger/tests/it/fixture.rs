//! A pool in the reference store, and the requests every test begins with.

use anyai_ledger::{
    Audit, Balance, CostBasis, CostReport, GrantKind, GrantRequest, HoldRecord, HoldRequest,
    MemoryError, MemoryStore, Placed, PlanGrant, PlanTerms, Refusal, Resolution, RowCounts, Rows,
    Settlement, WorkKind, hold_id,
};
use anyai_units::{Credits, HoldId, MemberId, PoolId, TurnId, UtcMillis};
use uuid::Uuid;

pub(crate) const HOUR_MS: i64 = 3_600_000;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;
/// 2027-01-31T10:00:00Z: a day most months do not have.
pub(crate) const ANCHOR: UtcMillis = UtcMillis::from_millis(1_801_389_600_000);

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) pool: PoolId,
    pub(crate) now: UtcMillis,
}

pub(crate) fn mc(millicredits: i64) -> Credits {
    Credits::from_millicredits(millicredits)
}

pub(crate) fn plan(name: &str, millicredits: i64) -> PlanGrant {
    PlanGrant {
        plan: name.to_owned(),
        amount: mc(millicredits),
    }
}

pub(crate) fn turn(number: u128) -> TurnId {
    TurnId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn pool_id(number: u128) -> PoolId {
    PoolId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn reported(millicredits: i64) -> CostReport {
    CostReport {
        cost: mc(millicredits),
        basis: CostBasis::Reported,
    }
}

pub(crate) fn top_up(pool: PoolId, source: &str, amount: i64) -> GrantRequest {
    GrantRequest {
        pool,
        kind: GrantKind::TopUp,
        amount: mc(amount),
        priority: 200,
        expires_at: None,
        source: source.to_owned(),
        actor: "shop".to_owned(),
    }
}

impl World {
    /// A pool that was opened at [`ANCHOR`] with this many millicredits a month.
    pub(crate) fn new(millicredits: i64) -> Self {
        let (mut store, pool) = (MemoryStore::new(), pool_id(1));
        let plan = plan("plan", millicredits);
        anyai_ledger::ensure_pool(&mut store, pool, plan, ANCHOR, ANCHOR).unwrap();
        Self {
            store,
            pool,
            now: ANCHOR,
        }
    }

    pub(crate) fn request(&self, number: u128, ceiling: i64) -> HoldRequest {
        HoldRequest {
            pool: self.pool,
            member: MemberId::from_uuid(Uuid::from_u128(77)),
            turn: turn(number),
            fingerprint: [7; 32],
            estimate: mc(ceiling / 2),
            ceiling: mc(ceiling),
            price_version: 3,
            model: "anthropic/opus".to_owned(),
            kind: WorkKind::Chat,
            conversation: None,
            expires_at: self.now.plus_millis(HOUR_MS),
        }
    }

    pub(crate) fn hold(&mut self, number: u128, ceiling: i64) -> Result<Placed, MemoryError> {
        let request = self.request(number, ceiling);
        anyai_ledger::hold(&mut self.store, &request, self.now)
    }

    /// Holds and dispatches a turn; both must work.
    pub(crate) fn send(&mut self, number: u128, ceiling: i64) -> HoldId {
        self.hold(number, ceiling).unwrap();
        let id = self.id(number);
        anyai_ledger::dispatch(&mut self.store, id, None, self.now).unwrap();
        id
    }

    pub(crate) fn id(&self, number: u128) -> HoldId {
        hold_id(self.pool, turn(number))
    }

    pub(crate) fn record(&mut self, number: u128) -> HoldRecord {
        let id = self.id(number);
        self.store.hold(id).unwrap().expect("the hold exists")
    }

    pub(crate) fn settle(&mut self, id: HoldId, cost: i64) -> Result<Resolution, MemoryError> {
        anyai_ledger::settle(&mut self.store, id, reported(cost), self.now)
    }

    pub(crate) fn void(&mut self, id: HoldId) -> Result<Resolution, MemoryError> {
        anyai_ledger::void(&mut self.store, id, "stopped", self.now)
    }

    pub(crate) fn grant(&mut self, request: &GrantRequest) -> Result<Balance, MemoryError> {
        anyai_ledger::grant(&mut self.store, request, self.now)
    }

    pub(crate) fn change_plan(&mut self, amount: i64, terms: PlanTerms) -> Balance {
        let plan = plan(&format!("plan-{amount}"), amount);
        anyai_ledger::change_plan(&mut self.store, self.pool, plan, terms, "me", self.now).unwrap()
    }

    pub(crate) fn balance(&mut self) -> Balance {
        anyai_ledger::balance(&mut self.store, self.pool, self.now).unwrap()
    }

    /// What is available, posted and pending in the current period, in millicredits.
    pub(crate) fn sums(&mut self) -> (i64, i64, i64) {
        let balance = self.balance();
        let parts = [
            balance.available,
            balance.period.posted,
            balance.period.pending,
        ];
        parts.map(Credits::millicredits).into()
    }

    /// Audits the pool's entries and compares every row with them.
    #[track_caller]
    pub(crate) fn audit(&mut self) {
        let state = self.store.pool(self.pool).unwrap().unwrap();
        let mut audit = Audit::new(&state);
        for entry in self.store.entries(self.pool) {
            audit.take(entry).unwrap();
        }
        compare_rows(&mut self.store, self.pool, &audit);
    }
}

/// Compares every row of the pool with its audit.
#[track_caller]
pub(crate) fn compare_rows(store: &mut MemoryStore, pool: PoolId, audit: &Audit) {
    let state = store.pool(pool).unwrap().unwrap();
    let count = |len: usize| u64::try_from(len).unwrap();
    let records: Vec<_> = store
        .holds()
        .filter(|hold| hold.pool == pool)
        .cloned()
        .collect();
    let grants = count(store.all_grants(pool).count());
    let rows = RowCounts {
        grants,
        holds: count(records.len()),
    };
    audit.compare_pool(&state, rows).unwrap();
    for period in store.periods(pool) {
        audit.compare_period(period).unwrap();
    }
    let mut parts = std::collections::HashMap::<u64, (i64, i64)>::new();
    for record in &records {
        let (mut allocated, mut used) = (0, 0);
        for allocation in &record.allocations {
            allocated += allocation.amount.millicredits();
            used += allocation.used.millicredits();
            let (grant_used, grant_held) = parts.entry(allocation.grant).or_default();
            *grant_used += allocation.used.millicredits();
            if record.state.is_open() {
                *grant_held += allocation.amount.millicredits();
            }
        }
        audit.compare_hold(record, mc(allocated), mc(used)).unwrap();
    }
    for grant in store.all_grants(pool) {
        let (used, held) = parts.get(&grant.no).copied().unwrap_or_default();
        audit.compare_grant(grant, mc(used), mc(held)).unwrap();
    }
}

#[track_caller]
pub(crate) fn refusal<T: std::fmt::Debug>(result: Result<T, MemoryError>) -> Refusal {
    match result {
        Err(MemoryError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[track_caller]
pub(crate) fn settlement(resolution: Resolution) -> Settlement {
    match resolution {
        Resolution::Settled(settlement) => settlement,
        other => panic!("not settled by this command: {other:?}"),
    }
}
