//! Orders: carried out once, with who and why, and for larger sums by two people.

use anyai_ledger::{
    Account, Action, Answer, Command, Effect, Entry, EntryKind, EnvelopeScope, Grant, GrantKind,
    HoldStep, Order, PeriodMove, PlanTerms, PoolState, Refusal, Store, TWO_PERSON_ABOVE,
    TakeBackCause, WorkKind,
};

use crate::fixture::{ANCHOR, DAY_MS, World, mc, member, order, plan, pool_id, refusal, top_up};
use crate::forgeries::full_world;

pub(crate) fn adjust(millicredits: i64) -> Action {
    Action::Adjust {
        change: mc(millicredits),
        expires_at: None,
    }
}

pub(crate) fn reverse(seq: u64, amount: Option<i64>) -> Action {
    let amount = amount.map(mc);
    Action::Reverse { seq, amount }
}

pub(crate) fn agreed(key: &str) -> Order {
    Order {
        approved_by: Some("somebody else".to_owned()),
        ..order(key)
    }
}

/// Kind, reason and amount of what an order wrote.
pub(crate) fn wrote(world: &World) -> Vec<(EntryKind, Option<String>, i64)> {
    let entries = world.store.entries(world.pool);
    let tx = entries.last().unwrap().tx;
    let own = entries.iter().filter(|entry| entry.tx == tx);
    own.map(|entry| {
        let amount = entry.amount.millicredits();
        (entry.kind, entry.reason.clone(), amount)
    })
    .collect()
}

#[test]
fn an_order_says_who_and_why_and_is_proven_by_its_entry() {
    let mut world = World::new(100_000);
    let order = agreed("case 7");
    let ordered = world.carry_out(&order, &adjust(5_000)).unwrap();
    let why = Some("why".to_owned());
    let key = Some("case 7".to_owned());
    let expected = [(EntryKind::Order, why, 0), (EntryKind::Grant, key, 5_000)];
    assert_eq!(wrote(&world), expected);
    let record = world.store.orders(world.pool).next().unwrap().clone();
    assert_eq!((&record.order, record.pool), (&order, world.pool));
    assert_eq!((record.entries.first, record.entries.last), (3, 4));
    let first = &ordered.entries[0];
    assert_eq!(first.detail, Some(record.chained_digest()));
    assert_eq!((first.actor.as_str(), first.tx), ("me", 3));
    assert_eq!(ordered.entries, world.store.entries(world.pool)[2..]);
    assert_eq!((ordered.granted(), ordered.revoked()), (mc(5_000), mc(0)));
    assert_eq!(ordered.envelope(), None);
    assert_eq!(ordered.balance, world.balance());
    world.audit();
}

#[test]
fn all_that_an_order_writes_names_who_ordered_it() {
    let book = full_world().book();
    assert_eq!(book.orders.len(), 10);
    for row in &book.orders {
        let is_its = |entry: &&Entry| (row.entries.first..=row.entries.last).contains(&entry.seq);
        for entry in book.entries.iter().filter(is_its) {
            assert_eq!(entry.actor, row.order.actor, "{entry:?}");
        }
    }
}

#[test]
fn the_same_order_is_answered_again_and_another_one_refused() {
    let mut world = World::new(100_000);
    let first = world.carry_out(&order("k"), &adjust(5_000)).unwrap();
    world.now = world.now.plus_millis(DAY_MS);
    let again = world.carry_out(&order("k"), &adjust(5_000)).unwrap();
    assert_eq!(again, first);
    assert_eq!(world.store.entries(world.pool).len(), 4);
    let conflict = Refusal::OrderConflict {
        key: "k".to_owned(),
    };
    let words: [fn(&mut Order); 3] = [
        |order| order.actor.push('!'),
        |order| order.reason.push('!'),
        |order| order.approved_by = Some("x".to_owned()),
    ];
    for alter in words {
        let mut other = order("k");
        alter(&mut other);
        assert_eq!(refusal(world.carry_out(&other, &adjust(5_000))), conflict);
    }
    for other in [adjust(5_001), Action::SetFrozen { frozen: true }] {
        assert_eq!(refusal(world.carry_out(&order("k"), &other)), conflict);
    }
    world.audit();
}

/// Each part of what is ordered has its part in the digest: another one is another order.
#[test]
fn every_term_of_an_action_tells_orders_apart() {
    let grant = |kind, amount, priority, expires_at| Action::Grant {
        kind,
        amount: mc(amount),
        priority,
        expires_at,
    };
    let later = Some(ANCHOR.plus_millis(DAY_MS));
    let change = |name, amount, terms| Action::ChangePlan {
        plan: plan(name, amount),
        terms,
    };
    let take = |source: &str, cause| Action::TakeBack {
        source: source.to_owned(),
        cause,
    };
    let (me, you) = (member(1), member(2));
    let set = |member, limit: Option<i64>| Action::SetMember {
        member,
        limit: limit.map(mc),
    };
    let envelope = |member, offset, cap| Action::SetEnvelope {
        member,
        scope: EnvelopeScope::Day {
            utc_offset_minutes: offset,
        },
        cap: mc(cap),
    };
    let actions = [
        change("a", 1, PlanTerms::Budget),
        change("b", 1, PlanTerms::Budget),
        change("a", 2, PlanTerms::Budget),
        change("a", 1, PlanTerms::Subscription),
        grant(GrantKind::TopUp, 1, 1, None),
        grant(GrantKind::Promo, 1, 1, None),
        grant(GrantKind::TopUp, 2, 1, None),
        grant(GrantKind::TopUp, 1, 2, None),
        grant(GrantKind::TopUp, 1, 1, later),
        adjust(1),
        adjust(-1),
        Action::Adjust {
            change: mc(1),
            expires_at: later,
        },
        Action::SetFrozen { frozen: true },
        Action::SetFrozen { frozen: false },
        set(me, None),
        set(me, Some(0)),
        set(me, Some(1)),
        set(you, None),
        Action::RemoveMember { member: me },
        Action::RemoveMember { member: you },
        envelope(None, 0, 1),
        envelope(Some(me), 0, 1),
        envelope(None, 1, 1),
        envelope(None, 0, 2),
        take("a", TakeBackCause::Refund),
        take("b", TakeBackCause::Refund),
        take("a", TakeBackCause::Chargeback),
        reverse(4, None),
        reverse(6, None),
        reverse(4, Some(1)),
        Action::RemoveEnvelope { no: 1 },
        Action::RemoveEnvelope { no: 2 },
    ];
    let mut founded = World::new(100_000);
    for source in ["a", "b"] {
        founded.grant(&top_up(source, 10)).unwrap();
    }
    for kind in [WorkKind::Image, WorkKind::Video] {
        let set = Action::SetEnvelope {
            member: None,
            scope: EnvelopeScope::Modality(kind),
            cap: mc(1),
        };
        founded.order(&set).unwrap();
    }
    for first in &actions {
        let mut world = founded.clone();
        world.carry_out(&order("k"), first).unwrap();
        for other in actions.iter().filter(|other| *other != first) {
            let refused = refusal(world.carry_out(&order("k"), other));
            let is_conflict = matches!(refused, Refusal::OrderConflict { .. });
            assert!(is_conflict, "{first:?} and {other:?}: {refused}");
        }
    }
}

#[test]
fn an_order_that_was_refused_leaves_its_key_free() {
    let mut world = World::new(100_000);
    let before = world.book();
    let expected = Refusal::NotUnused {
        needed: mc(100_001),
        available: mc(100_000),
    };
    let refused = world.carry_out(&order("k"), &adjust(-100_001));
    assert_eq!(refusal(refused), expected);
    assert_eq!(world.book(), before, "nothing was written");
    world.carry_out(&order("k"), &adjust(-100_000)).unwrap();
    assert_eq!(world.sums(), (0, 0, 0));
    world.audit();
}

#[test]
fn more_than_ten_thousand_credits_need_two_people() {
    assert_eq!(TWO_PERSON_ABOVE, mc(10_000_000));
    let mut world = World::new(90_000_000);
    let needs = Refusal::NeedsApproval {
        above: TWO_PERSON_ABOVE,
    };
    for amount in [10_000_001, -10_000_001] {
        let mut alone = order("alone");
        for nobody in [None, Some(""), Some("me")] {
            alone.approved_by = nobody.map(str::to_owned);
            assert_eq!(refusal(world.carry_out(&alone, &adjust(amount))), needs);
        }
        let key = format!("two {amount}");
        world.carry_out(&agreed(&key), &adjust(amount)).unwrap();
    }
    for amount in [10_000_000, -10_000_000] {
        world.order(&adjust(amount)).unwrap();
    }
    for kind in [GrantKind::Admin, GrantKind::Promo] {
        let mut gift = top_up(kind.as_str(), 10_000_001);
        gift.kind = kind;
        assert_eq!(refusal(world.grant(&gift)), needs);
        gift.amount = mc(10_000_000);
        world.grant(&gift).unwrap();
    }
    world.grant(&top_up("bought", 10_000_001)).unwrap();
    let id = world.send(1, 20_000_000);
    world.settle(id, 20_000_000).unwrap();
    let seq = world.record(1).resolved_by.unwrap().first;
    let whole = reverse(seq, None);
    assert_eq!(refusal(world.order(&whole)), needs);
    world.carry_out(&agreed("whole"), &whole).unwrap();
    world.audit();
}

/// The last spent goes first, whatever it is: bought credits, then the plan's month.
#[test]
fn less_is_taken_from_what_is_spent_last() {
    let mut world = World::new(10_000);
    world.grant(&top_up("bought", 5_000)).unwrap();
    let mut gift = top_up("gift", 3_000);
    gift.priority = 1;
    world.grant(&gift).unwrap();
    world.order(&adjust(-6_000)).unwrap();
    let revoked = |world: &World| -> Vec<i64> {
        let grants = world.store.all_grants(world.pool);
        grants.map(|grant| grant.revoked.millicredits()).collect()
    };
    assert_eq!(revoked(&world), [1_000, 5_000, 0]);
    let last = world.store.entries(world.pool).last().unwrap();
    assert_eq!(
        (last.debit, last.credit, last.actor.as_str()),
        (Account::Available(0), Account::HouseGrants, "me")
    );
    world.order(&adjust(-12_000)).unwrap();
    assert_eq!(revoked(&world), [10_000, 5_000, 3_000]);
    assert_eq!(world.sums(), (0, 0, 0));
    world.audit();
}

#[test]
fn an_adjustment_of_nothing_or_with_an_end_for_a_minus_is_refused() {
    let mut world = World::new(10_000);
    let nothing = Refusal::InvalidAmount { amount: mc(0) };
    assert_eq!(refusal(world.order(&adjust(0))), nothing);
    let ends = |change, at| Action::Adjust {
        change: mc(change),
        expires_at: Some(at),
    };
    let later = ANCHOR.plus_millis(1);
    for bad in [ends(-1, later), ends(1, ANCHOR)] {
        let refused = refusal(world.order(&bad));
        assert!(matches!(refused, Refusal::InvalidGrant { .. }), "{refused}");
    }
    world.order(&ends(1, later)).unwrap();
    let grant = world.store.all_grants(world.pool).last().unwrap();
    assert_eq!(
        (grant.kind, grant.priority, grant.expires_at),
        (GrantKind::Admin, 100, Some(later))
    );
    let key = "plan:0".to_owned();
    let refused = refusal(world.carry_out(&order(&key), &adjust(1)));
    assert_eq!(refused, Refusal::InvalidGrant { source_key: key });
}

#[test]
fn an_order_without_a_key_an_actor_or_a_reason_is_refused() {
    let mut world = World::new(10_000);
    let before = world.book();
    type Blank = fn(&mut Order, String);
    let words: [(&'static str, Blank); 3] = [
        ("key", |order, blank| order.key = blank),
        ("actor", |order, blank| order.actor = blank),
        ("reason", |order, blank| order.reason = blank),
    ];
    for (field, alter) in words {
        for blank in ["", " \t\n"] {
            let mut order = order("k");
            alter(&mut order, blank.to_owned());
            let refused = refusal(world.carry_out(&order, &adjust(1)));
            assert_eq!(refused, Refusal::TextMissing { field });
        }
    }
    assert_eq!(world.book(), before);
}

#[test]
fn words_that_are_too_long_are_refused() {
    let mut world = World::new(10_000);
    let long = "x".repeat(1_025);
    type Lengthen = fn(&mut Order, String);
    let orders: [(&'static str, Lengthen); 4] = [
        ("key", |order, long| order.key = long),
        ("actor", |order, long| order.actor = long),
        ("reason", |order, long| order.reason = long),
        ("approved_by", |order, long| order.approved_by = Some(long)),
    ];
    for (field, alter) in orders {
        let mut order = order("k");
        alter(&mut order, long.clone());
        let expected = Refusal::TextTooLong {
            field,
            limit_bytes: 1_024,
        };
        assert_eq!(refusal(world.carry_out(&order, &adjust(1))), expected);
        alter(&mut order, long[1..].to_owned());
        world.carry_out(&order, &adjust(1)).unwrap();
        world = World::new(10_000);
    }
    let plan = plan(&long, 1);
    let terms = PlanTerms::Budget;
    let refused = refusal(world.order(&Action::ChangePlan { plan, terms }));
    assert!(matches!(
        refused,
        Refusal::TextTooLong { field: "plan", .. }
    ));
}

/// A plan is proven from the first day on, and again with every change.
#[test]
fn a_plan_is_in_the_chain() {
    let mut world = World::new(10_000);
    let proven = |world: &World| {
        let entries = world.store.entries(world.pool).iter();
        let plans = entries.filter(|entry| entry.kind == EntryKind::Plan);
        plans
            .map(|entry| (entry.seq, entry.detail))
            .collect::<Vec<_>>()
    };
    assert_eq!(proven(&world).len(), 1);
    world.change_plan(20_000, PlanTerms::Budget);
    world.change_plan(20_000, PlanTerms::Budget);
    assert_eq!(
        proven(&world).len(),
        2,
        "a plan that stays is not said again"
    );
    world.change_plan(5_000, PlanTerms::Subscription);
    assert_eq!(proven(&world).len(), 3);
    let state = world.book().pool;
    assert_eq!(proven(&world)[2].1, Some(state.plan_digest()));
    let mut altered = vec![state.clone(); 5];
    altered[0].plan.amount = mc(1);
    altered[1].plan.plan.push('!');
    altered[2].next_plan = None;
    altered[3].next_plan = Some(plan("plan-5000", 1));
    altered[4].id = pool_id(2);
    for other in altered {
        assert_ne!(other.plan_digest(), state.plan_digest(), "{other:?}");
    }
    world.audit();
}

#[test]
fn every_order_runs_alone_and_a_turns_commands_do_not() {
    let world = World::new(10_000);
    let pool = world.pool;
    let ordered = Command::Order {
        pool,
        order: order("k"),
        action: adjust(1),
    };
    assert!(ordered.runs_alone());
    assert_eq!((ordered.pool(), ordered.hold()), (pool, None));
    let hold = Command::Hold(world.request(1, 5));
    assert!(!hold.runs_alone());
    assert_eq!((hold.pool(), hold.hold()), (pool, Some(world.id(1))));
    let step = Command::OnHold {
        pool,
        hold: world.id(2),
        step: HoldStep::Expire,
    };
    assert!(!step.runs_alone());
    assert_eq!((step.pool(), step.hold()), (pool, Some(world.id(2))));
    let mut world = world;
    let answer = world.run(&ordered).unwrap();
    assert!(matches!(answer, Answer::Ordered(_)));
}

/// A source that granted before there were orders has no order to answer with, and grants once.
#[test]
fn a_source_of_before_there_were_orders_grants_once() {
    let mut world = World::new(10_000);
    let state = world.book().pool;
    let old = Grant {
        no: 2,
        source: "old".to_owned(),
        ..world.book().grants[0].clone()
    };
    let granted = PeriodMove {
        pool: world.pool,
        no: 0,
        granted: old.amount,
        posted: mc(0),
        pending: mc(0),
        expired: mc(0),
    };
    let to = PoolState {
        grant_count: 2,
        ..state
    };
    let effects = vec![
        Effect::Advance {
            from_seq: to.seq,
            to,
        },
        Effect::AddGrant(old),
        Effect::MovePeriod(granted),
    ];
    world.store.apply(effects).unwrap();
    let key = "old".to_owned();
    for action in [adjust(10_000), adjust(1)] {
        let refused = refusal(world.carry_out(&order(&key), &action));
        assert_eq!(refused, Refusal::OrderConflict { key: key.clone() });
    }
    assert_eq!(world.sums(), (20_000, 0, 0));
}
