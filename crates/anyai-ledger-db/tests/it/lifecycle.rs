//! One paid turn from hold to settlement through the handle, and every way it can end.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use anyai_ledger::{
    Action, CostBasis, CostReport, GrantKind, HoldState, PlanTerms, Refusal, Resolution,
};
use anyai_ledger_db::Held;
use anyai_units::HoldId;
use tracing::field::Field;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use uuid::Uuid;

use crate::fixture::{
    Fixture, HOUR_MS, NOW, Store, budget, mc, on_every_store, order, plan, pool_id, refusal,
    reported, request, settlement, turn,
};

on_every_store![
    a_turn_is_held_dispatched_and_settled,
    a_turn_that_does_not_fit_is_refused_with_the_numbers,
    the_same_turn_twice_is_one_hold_and_one_permission,
    every_end_said_twice_is_said_once,
    an_overrun_is_paid_by_the_house,
    a_void_before_dispatch_takes_the_permission_away,
    a_hold_that_was_never_sent_is_not_settled,
    the_month_turns_and_the_pool_is_full_again,
    the_budget_changes_both_ways_at_once,
    a_smaller_subscription_waits_for_the_reset,
    a_top_up_is_granted_once_and_outlives_the_month,
    a_frozen_pool_holds_nothing_new,
    making_a_pool_again_finds_it,
    pools_do_not_share_credits_or_chains,
    an_overrun_is_told_to_whoever_runs_the_server,
    a_handle_says_which_ledger_it_is,
];

async fn a_turn_is_held_dispatched_and_settled(store: Store) {
    let f = Fixture::new(store).await;
    assert_eq!(f.sums().await, (100_000, 0, 0));
    let dispatch = f.dispatch(1, mc(30_000)).await;
    assert_eq!(f.sums().await, (70_000, 0, 30_000));
    assert_eq!(dispatch.record().dispatched_at, Some(NOW));
    f.ledger
        .note_provider_op(&dispatch, "msg_01".to_owned(), NOW)
        .await
        .unwrap();

    let resolution = f
        .ledger
        .settle(&dispatch, reported(mc(12_340)), NOW)
        .await
        .unwrap();
    let settlement = settlement(&resolution);
    assert_eq!(
        (settlement.charged, settlement.returned, settlement.overrun),
        (mc(12_340), mc(17_660), mc(0))
    );
    assert_eq!(f.sums().await, (87_660, 12_340, 0));

    let record = f.ledger.hold_of(f.pool, turn(1)).await.unwrap().unwrap();
    assert_eq!(record.state, HoldState::Settled);
    assert_eq!(record.provider_op.as_deref(), Some("msg_01"));
    assert_eq!(record.resolved_by, Some(settlement.entries));
    assert_eq!(f.verify().entries, 5, "plan, grant, hold, settle, release");
}

async fn a_turn_that_does_not_fit_is_refused_with_the_numbers(store: Store) {
    let f = Fixture::new(store).await;
    let _open = f.hold(1, mc(60_000)).await;
    let refused = refusal(f.ledger.hold(request(f.pool, 2, mc(40_001)), NOW).await);
    let resets_at = f.balance().await.period.bounds.ends_at;
    let expected = Refusal::InsufficientCredits {
        needed: mc(40_001),
        available: mc(40_000),
        resets_at,
    };
    assert_eq!(refused, expected);
    assert_eq!(
        f.ledger.hold_of(f.pool, turn(2)).await.unwrap(),
        None,
        "nothing was stored"
    );
    let _fits = f.hold(2, mc(40_000)).await;
    assert_eq!(f.sums().await, (0, 0, 100_000));
}

async fn the_same_turn_twice_is_one_hold_and_one_permission(store: Store) {
    let f = Fixture::new(store).await;
    let hold = f.hold(1, mc(30_000)).await;
    let again = f
        .ledger
        .hold(request(f.pool, 1, mc(30_000)), NOW)
        .await
        .unwrap();
    let Held::Existing(record) = again else {
        panic!("two permissions for one turn")
    };
    assert_eq!((record.id, record.state), (hold.id(), HoldState::Held));
    assert_eq!(record, *hold.record());
    assert_eq!(f.sums().await, (70_000, 0, 30_000));

    let mut other = request(f.pool, 1, mc(30_000));
    other.fingerprint = [8; 32];
    let refused = refusal(f.ledger.hold(other, NOW).await);
    assert_eq!(refused, Refusal::IdempotencyConflict { turn: turn(1) });
    f.verify();
}

async fn every_end_said_twice_is_said_once(store: Store) {
    let f = Fixture::new(store).await;
    let first = f.dispatch(1, mc(30_000)).await;
    let second = f.dispatch(2, mc(30_000)).await;
    let done = f
        .ledger
        .settle(&first, reported(mc(5_000)), NOW)
        .await
        .unwrap();
    let expected = Resolution::AlreadySettled(settlement(&done));
    assert_eq!(
        f.ledger
            .settle(&first, reported(mc(9_000)), NOW)
            .await
            .unwrap(),
        expected
    );
    assert_eq!(f.ledger.void(&first, "late", NOW).await.unwrap(), expected);

    let done = f
        .ledger
        .void(&second, "provider refused", NOW)
        .await
        .unwrap();
    let Resolution::Voided(voided) = done else {
        panic!("open before")
    };
    assert_eq!(
        (voided.returned, voided.reason.as_str()),
        (mc(30_000), "provider refused")
    );
    let expected = Resolution::AlreadyVoided(voided);
    assert_eq!(
        f.ledger.void(&second, "again", NOW).await.unwrap(),
        expected
    );
    assert_eq!(
        f.ledger
            .settle(&second, reported(mc(1)), NOW)
            .await
            .unwrap(),
        expected
    );
    assert_eq!(f.sums().await, (95_000, 5_000, 0));
    f.verify();
}

async fn an_overrun_is_paid_by_the_house(store: Store) {
    let f = Fixture::new(store).await;
    let dispatch = f.dispatch(1, mc(30_000)).await;
    let report = CostReport {
        cost: mc(31_000),
        basis: CostBasis::Counted,
    };
    let done = settlement(&f.ledger.settle(&dispatch, report, NOW).await.unwrap());
    assert_eq!((done.charged, done.overrun), (mc(30_000), mc(1_000)));
    assert_eq!(f.sums().await, (70_000, 30_000, 0));
    let record = f.ledger.hold_of(f.pool, turn(1)).await.unwrap().unwrap();
    assert_eq!(
        (record.overrun, record.basis),
        (mc(1_000), Some(CostBasis::Counted))
    );
    let within = f.dispatch(2, mc(30_000)).await;
    f.ledger
        .settle(&within, reported(mc(30_000)), NOW)
        .await
        .unwrap();
    let overruns = f.ledger.overruns(f.pool, 0).await.unwrap();
    assert_eq!(overruns.holds, [record]);
    assert_eq!(overruns.head_seq, f.verify().entries);
    let later = f.ledger.overruns(f.pool, overruns.head_seq).await.unwrap();
    assert_eq!(later.holds, []);
    f.verify();
}

async fn a_void_before_dispatch_takes_the_permission_away(store: Store) {
    let f = Fixture::new(store).await;
    let hold = f.hold(1, mc(30_000)).await;
    let id = hold.id();
    f.ledger
        .void(&hold, "stopped before it was sent", NOW)
        .await
        .unwrap();
    let refused = refusal(f.ledger.dispatch(hold, None, NOW).await);
    assert_eq!(
        refused,
        Refusal::WrongState {
            hold: id,
            state: HoldState::Voided
        }
    );
    assert_eq!(f.sums().await, (100_000, 0, 0));
    f.verify();
}

async fn a_hold_that_was_never_sent_is_not_settled(store: Store) {
    let f = Fixture::new(store).await;
    let hold = f.hold(1, mc(30_000)).await;
    let refused = refusal(f.ledger.settle(&hold, reported(mc(1)), NOW).await);
    assert_eq!(
        refused,
        Refusal::WrongState {
            hold: hold.id(),
            state: HoldState::Held
        }
    );
    let nobodys = HoldId::from_uuid(Uuid::from_u128(3));
    let refused = refusal(f.ledger.settle(f.at(nobodys), reported(mc(1)), NOW).await);
    assert_eq!(refused, Refusal::UnknownHold { hold: nobodys });
}

async fn the_month_turns_and_the_pool_is_full_again(store: Store) {
    let f = Fixture::new(store).await;
    let dispatch = f.dispatch(1, mc(80_000)).await;
    let reset = f.balance().await.period.bounds.ends_at;
    let balance = f.ledger.balance(f.pool, reset).await.unwrap();
    assert_eq!(
        (balance.period.bounds.no, balance.available),
        (1, mc(100_000))
    );
    f.ledger
        .settle(&dispatch, reported(mc(70_000)), reset)
        .await
        .unwrap();
    let balance = f.ledger.balance(f.pool, reset).await.unwrap();
    assert_eq!(
        (balance.available, balance.period.posted),
        (mc(100_000), mc(0))
    );
    let f = f.reopen();
    f.verify();
}

async fn the_budget_changes_both_ways_at_once(store: Store) {
    let f = Fixture::new(store).await;
    let dispatch = f.dispatch(1, mc(60_000)).await;
    f.ledger
        .settle(&dispatch, reported(mc(60_000)), NOW)
        .await
        .unwrap();
    let change = |key, plan| f.ledger.order(f.pool, order(key), budget(plan), NOW);
    let balance = change("up", plan("max", 10_000)).await.unwrap().balance;
    assert_eq!(
        (balance.available, balance.plan),
        (mc(9_940_000), plan("max", 10_000))
    );
    let balance = change("down", plan("tiny", 1)).await.unwrap().balance;
    assert_eq!(
        (balance.available, balance.period.granted),
        (mc(0), mc(60_000))
    );
    let f = f.reopen();
    assert_eq!(f.balance().await.plan, plan("tiny", 1));
    f.verify();
}

async fn a_smaller_subscription_waits_for_the_reset(store: Store) {
    let f = Fixture::new(store).await;
    let smaller = Action::ChangePlan {
        plan: plan("tiny", 1),
        terms: PlanTerms::Subscription,
    };
    let ordered = f.ledger.order(f.pool, order("down"), smaller, NOW).await;
    let balance = ordered.unwrap().balance;
    assert_eq!(
        (balance.available, balance.next_plan),
        (mc(100_000), Some(plan("tiny", 1)))
    );
    let f = f.reopen();
    let reset = f.balance().await.period.bounds.ends_at;
    let balance = f.ledger.balance(f.pool, reset).await.unwrap();
    assert_eq!((balance.available, balance.next_plan), (mc(1_000), None));
    f.verify();
}

async fn a_top_up_is_granted_once_and_outlives_the_month(store: Store) {
    let f = Fixture::new(store).await;
    let top_up = |amount| {
        let action = Action::Grant {
            kind: GrantKind::TopUp,
            amount: mc(amount),
            priority: 200,
            expires_at: None,
        };
        f.ledger.order(f.pool, order("order-17"), action, NOW)
    };
    let first = top_up(50_000).await.unwrap();
    let again = top_up(50_000).await.unwrap();
    assert_eq!(again, first, "the first answer again, with its entries");
    let balance = again.balance;
    assert_eq!(balance.available, mc(150_000));
    let key = "order-17".to_owned();
    let refused = refusal(top_up(1).await);
    assert_eq!(refused, Refusal::OrderConflict { key });
    let reset = balance.period.bounds.ends_at;
    assert_eq!(
        f.ledger.balance(f.pool, reset).await.unwrap().available,
        mc(150_000)
    );
    f.verify();
}

async fn a_frozen_pool_holds_nothing_new(store: Store) {
    let f = Fixture::new(store).await;
    let dispatch = f.dispatch(1, mc(30_000)).await;
    let freeze = |key, frozen| {
        let action = Action::SetFrozen { frozen };
        f.ledger.order(f.pool, order(key), action, NOW)
    };
    assert!(freeze("freeze", true).await.unwrap().balance.frozen);
    let refused = refusal(f.ledger.hold(request(f.pool, 2, mc(1)), NOW).await);
    assert_eq!(refused, Refusal::Frozen { pool: f.pool });
    f.ledger
        .settle(&dispatch, reported(mc(1)), NOW)
        .await
        .unwrap();
    assert!(!freeze("thaw", false).await.unwrap().balance.frozen);
    let _hold = f.hold(2, mc(1)).await;
    f.verify();
}

async fn making_a_pool_again_finds_it(store: Store) {
    let f = Fixture::new(store).await;
    let first = f.balance().await;
    let later = NOW.plus_millis(HOUR_MS);
    let again = f
        .ledger
        .ensure_pool(f.pool, plan("max", 10_000), later, later)
        .await
        .unwrap();
    assert_eq!(again, first, "its plan and its anchor stay");
    let unknown = refusal(f.ledger.balance(pool_id(9), NOW).await);
    assert_eq!(unknown, Refusal::UnknownPool { pool: pool_id(9) });
}

async fn pools_do_not_share_credits_or_chains(store: Store) {
    let f = Fixture::new(store).await;
    let other = pool_id(2);
    f.ledger
        .ensure_pool(other, plan("pro", 2_000), NOW, NOW)
        .await
        .unwrap();
    let _mine = f.hold(1, mc(100_000)).await;
    let _theirs = f
        .ledger
        .hold(request(other, 1, mc(2_000_000)), NOW)
        .await
        .unwrap();
    let balance = f.ledger.balance(other, NOW).await.unwrap();
    assert_eq!((balance.available, balance.head_seq), (mc(0), 3));
    let report = f.verify();
    assert_eq!((report.pools, report.entries), (2, 6));
}

/// The words of what a program tells while this lives, on the thread of a test.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn words(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Subscriber for Told {
    fn enabled(&self, of: &Metadata<'_>) -> bool {
        *of.level() == Level::ERROR
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut words = String::new();
        event.record(&mut |field: &Field, value: &dyn Debug| {
            words.push_str(&format!("{field}={value:?} "));
        });
        self.0.lock().unwrap().push(words);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

async fn an_overrun_is_told_to_whoever_runs_the_server(store: Store) {
    let f = Fixture::new(store).await;
    let told = Told::default();
    for (number, cost, expected) in [(1, 10, 0), (2, 11, 1), (3, 9, 1)] {
        let dispatch = f.dispatch(number, mc(10)).await;
        let listening = tracing::subscriber::set_default(told.clone());
        let settled = f.ledger.settle(&dispatch, reported(mc(cost)), NOW).await;
        drop(listening);
        settled.unwrap();
        let words = told.words();
        assert_eq!(words.len(), expected, "{cost}: {words:?}");
    }
    let words = told.words().concat();
    assert!(words.contains("overrun_millicredits=1 "), "{words}");
}

async fn a_handle_says_which_ledger_it_is(store: Store) {
    let f = Fixture::new(store).await;
    let other = pool_id(2);
    let made = f.ledger.ensure_pool(other, plan("pro", 1), NOW, NOW).await;
    made.unwrap();
    assert_eq!(f.ledger.pools().await.unwrap(), [f.pool, other]);
    let said = format!("{:?}", f.ledger);
    let address = f.place.address();
    let (_, name) = address.rsplit_once('/').unwrap();
    assert!(said.contains(name), "{said}");
}
