//! The load: pools with all that a pool can have, and clients who hold and settle.

use std::iter;
use std::time::{Duration, Instant};

use anyai_ledger::{
    Action, CostBasis, CostReport, GrantKind, HoldRequest, Order, PlanGrant, WorkKind,
};
use anyai_ledger_db::{Dispatch, Ledger, Sent};
use anyai_units::{ConversationId, Credits, MemberId, PoolId, TurnId, UtcMillis};
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use uuid::Uuid;

/// 2026-11-22T12:00:00Z.
const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);
const HOUR_MS: i64 = 3_600_000;
const MEMBERS: u128 = 3;

/// How many pools, and how many wait for an answer at a time.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) pools: u64,
    pub(crate) clients: usize,
}

/// Makes the pools, each with a plan, a top-up and limits, many at a time.
pub(crate) async fn found(ledger: &Ledger, shape: Shape) -> Vec<PoolId> {
    let pools = (0..shape.pools).map(|_| found_one(ledger));
    stream::iter(pools).buffered(32).collect().await
}

async fn found_one(ledger: &Ledger) -> PoolId {
    let pool = PoolId::from_uuid(Uuid::now_v7());
    let plan = PlanGrant {
        plan: "max".to_owned(),
        amount: Credits::from_whole(1_000_000_000).unwrap(),
    };
    ledger.ensure_pool(pool, plan, NOW, NOW).await.unwrap();
    for (order, action) in iter::once(top_up()).chain((0..MEMBERS).map(limited)) {
        ledger.order(pool, order, action, NOW).await.unwrap();
    }
    pool
}

fn top_up() -> (Order, Action) {
    let action = Action::Grant {
        kind: GrantKind::TopUp,
        amount: Credits::from_whole(1_000_000_000).unwrap(),
        priority: 200,
        expires_at: None,
    };
    (order("order-1".to_owned()), action)
}

fn limited(member: u128) -> (Order, Action) {
    let action = Action::SetMember {
        member: MemberId::from_uuid(Uuid::from_u128(member)),
        limit: Some(Credits::from_whole(500_000_000).unwrap()),
    };
    (order(format!("limit-{member}")), action)
}

fn order(key: String) -> Order {
    Order {
        key,
        actor: "shop".to_owned(),
        reason: "for the bench".to_owned(),
        approved_by: None,
    }
}

/// Operations a second: each client holds and settles, one after the other, each time waiting for
/// the answer, on the pools in turn.
pub(crate) async fn throughput(
    ledger: &Ledger,
    pools: &[PoolId],
    shape: Shape,
    operations: u64,
) -> f64 {
    let turns = operations / 2 / shape.clients as u64;
    let started = Instant::now();
    let clients = (0..shape.clients).map(|client| async move {
        for turn in 0..turns as usize {
            let pool = pools[(client + turn * shape.clients) % pools.len()];
            let dispatch = hold(ledger, pool, client as u128).await;
            settle(ledger, &dispatch).await;
        }
    });
    join_all(clients).await;
    (turns * 2 * shape.clients as u64) as f64 / started.elapsed().as_secs_f64()
}

/// How long one operation takes when nobody else waits.
pub(crate) async fn alone(ledger: &Ledger, pools: &[PoolId], operations: u64) -> Vec<Duration> {
    let mut spans = Vec::new();
    for _ in 0..operations / 2 {
        let started = Instant::now();
        let dispatch = hold(ledger, pools[0], 0).await;
        spans.push(started.elapsed());
        let started = Instant::now();
        settle(ledger, &dispatch).await;
        spans.push(started.elapsed());
    }
    spans
}

async fn hold(ledger: &Ledger, pool: PoolId, client: u128) -> Dispatch {
    let request = HoldRequest {
        pool,
        member: MemberId::from_uuid(Uuid::from_u128(client % MEMBERS)),
        turn: TurnId::from_uuid(Uuid::now_v7()),
        fingerprint: [7; 32],
        estimate: Credits::from_millicredits(700),
        ceiling: Credits::from_millicredits(2_000),
        price_version: 1,
        model: "anthropic/claude-opus".to_owned(),
        kind: WorkKind::Chat,
        conversation: Some(ConversationId::from_uuid(Uuid::from_u128(client))),
        expires_at: NOW.plus_millis(HOUR_MS),
    };
    match ledger.hold_dispatched(request, NOW).await.unwrap() {
        Sent::New(dispatch) => dispatch,
        Sent::Existing(_) => unreachable!("a new turn was held before"),
    }
}

async fn settle(ledger: &Ledger, dispatch: &Dispatch) {
    let report = CostReport {
        cost: Credits::from_millicredits(650),
        basis: CostBasis::Reported,
    };
    ledger.settle(dispatch, report, NOW).await.unwrap();
}
