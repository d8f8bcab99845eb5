//! A pool in the reference store, and the requests every test begins with.

use anyai_ledger::{
    Action, Answer, Balance, Bound, Command, CostBasis, CostReport, GrantKind, HoldRecord,
    HoldRequest, MemoryError, MemoryStore, Order, Ordered, Placed, PlanGrant, PlanTerms, Refusal,
    Resolution, RoomQuery, Rows, Settlement, WorkKind, hold_id,
};
use anyai_units::{ConversationId, Credits, HoldId, MemberId, PoolId, TurnId, UtcMillis};
use uuid::Uuid;

use crate::book::Book;

pub(crate) const HOUR_MS: i64 = 3_600_000;
pub(crate) const DAY_MS: i64 = 24 * HOUR_MS;
/// 2027-01-31T10:00:00Z: a day most months do not have.
pub(crate) const ANCHOR: UtcMillis = UtcMillis::from_millis(1_801_389_600_000);

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) store: MemoryStore,
    pub(crate) pool: PoolId,
    pub(crate) now: UtcMillis,
    pub(crate) orders: u32,
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

pub(crate) fn member(number: u128) -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn conversation(number: u128) -> ConversationId {
    ConversationId::from_uuid(Uuid::from_u128(number))
}

/// An order by one person.
pub(crate) fn order(key: &str) -> Order {
    Order {
        key: key.to_owned(),
        actor: "me".to_owned(),
        reason: "why".to_owned(),
        approved_by: None,
    }
}

/// Credits besides the plan, and the key they are ordered with.
#[derive(Clone, Debug)]
pub(crate) struct Gift {
    pub(crate) kind: GrantKind,
    pub(crate) amount: Credits,
    pub(crate) priority: u32,
    pub(crate) expires_at: Option<UtcMillis>,
    pub(crate) source: String,
}

pub(crate) fn top_up(source: &str, amount: i64) -> Gift {
    Gift {
        kind: GrantKind::TopUp,
        amount: mc(amount),
        priority: 200,
        expires_at: None,
        source: source.to_owned(),
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
            orders: 0,
        }
    }

    pub(crate) fn request(&self, number: u128, ceiling: i64) -> HoldRequest {
        HoldRequest {
            pool: self.pool,
            member: member(77),
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

    /// Any command, at the world's instant.
    pub(crate) fn run(&mut self, command: &Command) -> Result<Answer, MemoryError> {
        command.run(&mut self.store, self.now)
    }

    pub(crate) fn carry_out(
        &mut self,
        order: &Order,
        action: &Action,
    ) -> Result<Ordered, MemoryError> {
        anyai_ledger::carry_out(&mut self.store, self.pool, order, action, self.now)
    }

    /// An order nobody gave before.
    pub(crate) fn order(&mut self, action: &Action) -> Result<Ordered, MemoryError> {
        self.orders += 1;
        let key = format!("order {}", self.orders);
        self.carry_out(&order(&key), action)
    }

    pub(crate) fn grant(&mut self, gift: &Gift) -> Result<Balance, MemoryError> {
        let action = Action::Grant {
            kind: gift.kind,
            amount: gift.amount,
            priority: gift.priority,
            expires_at: gift.expires_at,
        };
        let ordered = self.carry_out(&order(&gift.source), &action)?;
        Ok(ordered.balance)
    }

    pub(crate) fn change_plan(&mut self, amount: i64, terms: PlanTerms) -> Balance {
        let plan = plan(&format!("plan-{amount}"), amount);
        let action = Action::ChangePlan { plan, terms };
        self.order(&action).unwrap().balance
    }

    pub(crate) fn freeze(&mut self, frozen: bool) -> Balance {
        self.order(&Action::SetFrozen { frozen }).unwrap().balance
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

    /// What the member of [`World::request`] could hold now, and what binds them.
    pub(crate) fn room(&mut self) -> (Credits, Bound) {
        let request = self.request(0, 0);
        let query = RoomQuery {
            pool: request.pool,
            member: request.member,
            conversation: request.conversation,
            kind: request.kind,
        };
        let room = anyai_ledger::room(&mut self.store, &query, self.now).unwrap();
        (room.left, room.bound)
    }

    pub(crate) fn book(&mut self) -> Book {
        Book::of(&mut self.store, self.pool)
    }

    /// Audits the pool's entries and compares every row with them.
    #[track_caller]
    pub(crate) fn audit(&mut self) {
        self.book().audit().unwrap();
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
