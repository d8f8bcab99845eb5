//! Each field of each row, forged on its own: the audit says which row lies, and in what.

use anyai_ledger::{
    Action, Checkpoint, CostBasis, EnvelopeScope, GrantKind, HoldState, PlanTerms, SeqRange,
    WorkKind,
};
use anyai_units::{Credits, HoldId, PoolId, UtcMillis};
use uuid::Uuid;

use crate::book::Book;
use crate::fixture::{DAY_MS, World, conversation, mc, member, order, plan, top_up, turn};

/// Two months with everything in them: holds in each state, two members, two envelopes, orders of
/// most kinds, a reversal, a signed head.
pub(crate) fn full_world() -> World {
    let mut world = World::new(100_000);
    world.grant(&top_up("bought", 50_000)).unwrap();
    let id = world.send(1, 30_000);
    world.settle(id, 35_000).unwrap();
    let limit = Some(mc(90_000));
    world
        .order(&Action::SetMember {
            member: member(77),
            limit,
        })
        .unwrap();
    world
        .order(&Action::RemoveMember { member: member(5) })
        .unwrap();
    let day = EnvelopeScope::Day {
        utc_offset_minutes: 60,
    };
    for (scope, cap) in [
        (day, 80_000),
        (EnvelopeScope::Modality(WorkKind::Chat), 90_000),
    ] {
        let cap = mc(cap);
        let set = Action::SetEnvelope {
            member: None,
            scope,
            cap,
        };
        world.order(&set).unwrap();
    }
    let id = world.send(2, 10_000);
    world.settle(id, 4_000).unwrap();
    let id = world.send(3, 5_000);
    world.void(id).unwrap();
    world.hold(4, 20_000).unwrap();
    let settled = world.record(1).resolved_by.unwrap().first;
    let reverse = Action::Reverse {
        seq: settled,
        amount: Some(mc(7_000)),
    };
    world.order(&reverse).unwrap();
    world.change_plan(60_000, PlanTerms::Budget);
    world.change_plan(10_000, PlanTerms::Subscription);
    let minus = Action::Adjust {
        change: mc(-2_000),
        expires_at: None,
    };
    world.order(&minus).unwrap();
    world.now = world.now.plus_millis(30 * DAY_MS);
    let id = world.send(5, 6_000);
    world.settle(id, 1_000).unwrap();
    world.hold(6, 2_000).unwrap();
    let balance = world.balance();
    let checkpoint = Checkpoint {
        pool: world.pool,
        seq: balance.head_seq,
        hash: balance.head_hash,
        at: world.now,
        key: [1; 32],
        signature: [2; 64],
    };
    anyai_ledger::put_checkpoint(&mut world.store, checkpoint).unwrap();
    world.order(&Action::SetFrozen { frozen: true }).unwrap();
    world.audit();
    world
}

type Forge = fn(&mut Book);

#[track_caller]
fn assert_named(cases: &[(&str, Forge)]) {
    let book = full_world().book();
    for (named, forge) in cases {
        let mut forged = book.clone();
        forge(&mut forged);
        assert_ne!(forged, book, "{named}: nothing was forged");
        let fault = forged.audit().expect_err(named).to_string();
        assert!(fault.contains(named), "{named}: {fault}");
    }
}

fn more(amount: &mut Credits) {
    *amount = mc(amount.millicredits() + 1);
}

fn later(at: &mut UtcMillis) {
    *at = at.plus_millis(1);
}

fn other_pool() -> PoolId {
    PoolId::from_uuid(Uuid::from_u128(999))
}

#[test]
fn every_field_of_a_pool_is_named() {
    assert_named(&[
        ("entry 1 belongs to another pool", |book| {
            book.pool.id = other_pool();
        }),
        ("entry 1 does not follow", |book| {
            book.pool.epoch.0[0] ^= 1;
        }),
        ("entry 1 opens the pool of another epoch", |book| {
            later(&mut book.pool.anchor);
        }),
        ("the pool's plan", |book| more(&mut book.pool.plan.amount)),
        ("the pool's plan", |book| book.pool.plan.plan.push('!')),
        ("the pool's plan", |book| {
            book.pool.next_plan = Some(plan("next", 1));
        }),
        ("the pool's frozen", |book| book.pool.frozen = false),
        ("the pool's period", |book| book.pool.period += 1),
        ("the pool's period", |book| book.pool.period -= 1),
        ("the pool's grant_count", |book| book.pool.grant_count += 1),
        ("the pool's seq", |book| book.pool.seq += 1),
        ("the pool's head_hash", |book| book.pool.head_hash.0[0] ^= 1),
        ("the pool's last_at", |book| later(&mut book.pool.last_at)),
    ]);
}

#[test]
fn every_field_of_a_period_is_named() {
    assert_named(&[
        ("period 0: pool", |book| {
            book.periods[0].pool = other_pool();
        }),
        ("period 0: range", |book| {
            later(&mut book.periods[0].bounds.starts_at);
        }),
        ("period 0: range", |book| {
            later(&mut book.periods[0].bounds.ends_at);
        }),
        ("period 7: existence", |book| book.periods[1].bounds.no = 7),
        ("period 0: granted", |book| {
            more(&mut book.periods[0].granted);
        }),
        ("period 0: posted", |book| more(&mut book.periods[0].posted)),
        ("period 0: pending", |book| {
            more(&mut book.periods[0].pending);
        }),
        ("period 0: expired", |book| {
            more(&mut book.periods[0].expired);
        }),
        ("period 1: existence", |book| {
            book.periods.pop();
        }),
        ("period 1: existence", |book| {
            book.periods.push(book.periods[1].clone());
        }),
    ]);
}

#[test]
fn every_field_of_a_grant_is_named() {
    assert_named(&[
        ("grant 2: terms", |book| {
            book.grants[1].pool = other_pool();
        }),
        ("grant 9: number", |book| book.grants[1].no = 9),
        ("grant 2: period", |book| book.grants[1].period = 1),
        ("grant 2: terms", |book| {
            book.grants[1].kind = GrantKind::Admin;
        }),
        ("grant 2: amount", |book| {
            more(&mut book.grants[1].amount);
        }),
        ("grant 1: used", |book| more(&mut book.grants[0].used)),
        ("grant 2: held", |book| more(&mut book.grants[1].held)),
        ("grant 2: revoked", |book| {
            more(&mut book.grants[1].revoked);
        }),
        ("grant 2: expired", |book| {
            more(&mut book.grants[1].expired);
        }),
        ("grant 2: terms", |book| {
            book.grants[1].priority = 1;
        }),
        ("grant 2: effective_at", |book| {
            later(&mut book.grants[1].effective_at);
        }),
        ("grant 2: terms", |book| {
            book.grants[1].expires_at = Some(UtcMillis::from_millis(i64::MAX));
        }),
        ("grant 2: existence", |book| {
            book.grants[1].source = "bougth".to_owned();
        }),
        ("existence", |book| {
            book.grants.pop();
        }),
    ]);
}

fn held(book: &mut Book, number: u128) -> &mut anyai_ledger::HoldRecord {
    let found = book.holds.iter_mut().find(|row| row.turn == turn(number));
    found.unwrap()
}

#[test]
fn every_term_of_a_hold_is_named() {
    assert_named(&[
        (": existence", |book| {
            held(book, 2).id = HoldId::from_uuid(Uuid::from_u128(3));
        }),
        (": pool", |book| held(book, 2).pool = other_pool()),
        (": terms", |book| held(book, 2).member = member(1)),
        (": terms", |book| held(book, 2).turn = turn(99)),
        (": terms", |book| held(book, 2).fingerprint[0] ^= 1),
        (": terms", |book| held(book, 2).period = 1),
        (": terms", |book| more(&mut held(book, 2).estimate)),
        (": terms", |book| more(&mut held(book, 2).ceiling)),
        (": terms", |book| held(book, 2).price_version += 1),
        (": terms", |book| held(book, 2).model.push('!')),
        (": terms", |book| held(book, 2).kind = WorkKind::Video),
        (": terms", |book| {
            held(book, 2).conversation = Some(conversation(1));
        }),
        (": terms", |book| held(book, 2).allocations[0].grant += 1),
        (": terms", |book| {
            more(&mut held(book, 2).allocations[0].amount);
        }),
        (": terms", |book| held(book, 2).allocations.clear()),
        (": terms", |book| held(book, 2).envelopes[0].envelope += 1),
        (": terms", |book| held(book, 2).envelopes[0].window += 1),
        (": terms", |book| held(book, 2).envelopes.clear()),
        (": created_at", |book| later(&mut held(book, 2).created_at)),
        (": dispatched_at", |book| held(book, 2).dispatched_at = None),
        (": dispatched_at", |book| {
            held(book, 6).dispatched_at = Some(book.pool.last_at);
        }),
        (": dispatched_at", |book| {
            held(book, 6).state = HoldState::Dispatched;
        }),
        (": dispatched_at", |book| {
            held(book, 6).state = HoldState::Unknown;
        }),
    ]);
}

#[test]
fn every_field_of_a_holds_end_is_named() {
    assert_named(&[
        (": state", |book| held(book, 2).state = HoldState::Voided),
        (": state", |book| {
            held(book, 2).state = HoldState::Dispatched
        }),
        (": state", |book| held(book, 3).state = HoldState::Settled),
        (": state", |book| {
            held(book, 6).state = HoldState::Voided;
        }),
        (": charge", |book| held(book, 2).charged = Some(mc(3_999))),
        (": charge", |book| held(book, 2).charged = None),
        (": charge", |book| held(book, 6).charged = Some(mc(0))),
        (": report", |book| {
            held(book, 2).basis = Some(CostBasis::Counted)
        }),
        (": report", |book| held(book, 2).basis = None),
        (": report", |book| more(&mut held(book, 1).overrun)),
        (": overrun", |book| more(&mut held(book, 3).overrun)),
        (": allocations", |book| {
            more(&mut held(book, 2).allocations[0].used);
        }),
        (": allocations", |book| {
            more(&mut held(book, 6).allocations[0].used);
        }),
        (": reason", |book| held(book, 3).reason = None),
        (": reason", |book| {
            held(book, 2).reason = Some(String::new())
        }),
        (": end", |book| held(book, 2).resolved_at = None),
        (": end", |book| {
            held(book, 6).resolved_at = Some(book.pool.last_at);
        }),
        (": entries", |book| held(book, 2).resolved_by = None),
        (": entries", |book| {
            let range = held(book, 2).resolved_by.as_mut().unwrap();
            range.first -= 1;
        }),
        (": entries", |book| {
            let range = held(book, 2).resolved_by.as_mut().unwrap();
            range.last += 1;
        }),
        (": entries", |book| {
            let range = SeqRange { first: 1, last: 1 };
            held(book, 6).resolved_by = Some(range);
        }),
        (": existence", |book| {
            book.holds.push(book.holds[0].clone());
        }),
        (": used", |book| {
            book.holds.remove(0);
        }),
    ]);
}

#[test]
fn every_field_of_a_member_is_named() {
    assert_named(&[
        (": limit", |book| book.members[1].pool = other_pool()),
        (": existence", |book| book.members[1].member = member(78)),
        (": limit", |book| book.members[1].limit = Some(mc(90_001))),
        (": limit", |book| book.members[1].limit = None),
        (": limit", |book| book.members[0].is_removed = false),
        (": existence", |book| {
            book.members.pop();
        }),
        (": existence", |book| {
            book.member_uses[0].pool = other_pool();
        }),
        (": existence", |book| {
            book.member_uses[0].member = member(78);
        }),
        (": existence", |book| book.member_uses[0].period = 9),
        (": posted", |book| more(&mut book.member_uses[0].posted)),
        (": pending", |book| more(&mut book.member_uses[0].pending)),
        (": existence", |book| {
            book.member_uses.pop();
        }),
    ]);
}

#[test]
fn every_field_of_an_envelope_is_named() {
    assert_named(&[
        ("envelope 1: terms", |book| {
            book.envelopes[0].pool = other_pool();
        }),
        ("envelope 3: existence", |book| book.envelopes[0].no = 3),
        ("envelope 1: terms", |book| {
            book.envelopes[0].member = Some(member(1));
        }),
        ("envelope 1: terms", |book| {
            book.envelopes[0].scope = EnvelopeScope::Day {
                utc_offset_minutes: 61,
            };
        }),
        ("envelope 1: terms", |book| more(&mut book.envelopes[0].cap)),
        ("envelope 1: terms", |book| {
            book.envelopes[0].is_removed = true;
        }),
        ("envelope 2: posted", |book| {
            book.envelopes.pop();
        }),
        ("envelope 1: existence", |book| {
            book.envelope_uses[0].pool = other_pool();
        }),
        ("envelope 9: existence", |book| {
            book.envelope_uses[0].envelope = 9;
        }),
        ("envelope 1: existence", |book| {
            book.envelope_uses[0].window += 9;
        }),
        ("envelope 1: posted", |book| {
            more(&mut book.envelope_uses[0].posted);
        }),
        ("envelope 1: pending", |book| {
            more(&mut book.envelope_uses[0].pending);
        }),
        ("envelope 2: existence", |book| {
            book.envelope_uses.pop();
        }),
    ]);
}

#[test]
fn every_word_of_an_order_is_named() {
    assert_named(&[
        (": pool", |book| book.orders[0].pool = other_pool()),
        (": content", |book| book.orders[0].order.key.push('!')),
        (": actor", |book| book.orders[0].order.actor.push('!')),
        (": reason", |book| book.orders[0].order.reason.push('!')),
        (": content", |book| {
            book.orders[0].order.approved_by = Some("nobody".to_owned());
        }),
        (": content", |book| book.orders[0].digest.0[0] ^= 1),
        (": existence", |book| book.orders[0].entries.first += 1),
        (": entries", |book| book.orders[0].entries.last += 1),
        (": existence", |book| {
            book.orders.pop();
        }),
    ]);
}

/// What was set for a member before is true no more, whoever restores the row.
#[test]
fn an_old_row_put_back_is_named() {
    let mut world = full_world();
    let before = world.book();
    let change = Action::SetMember {
        member: member(77),
        limit: Some(mc(10)),
    };
    world.order(&change).unwrap();
    let cap = mc(10);
    let scope = EnvelopeScope::Modality(WorkKind::Chat);
    let change = Action::SetEnvelope {
        member: None,
        scope,
        cap,
    };
    world.order(&change).unwrap();
    let mut restored = world.book();
    restored.members = before.members;
    let fault = restored.audit().unwrap_err().to_string();
    assert!(
        fault.ends_with("limit is not what the entries and holds come to"),
        "{fault}"
    );
    let mut restored = world.book();
    restored.envelopes = before.envelopes;
    let fault = restored.audit().unwrap_err().to_string();
    assert!(fault.starts_with("envelope 2: terms"), "{fault}");
    world.audit();
}

/// Two rows changed so that their sums still agree: the terms in the chain do not.
#[test]
fn a_forgery_that_adds_up_is_named() {
    let mut book = full_world().book();
    let row = held(&mut book, 2);
    row.envelopes.clear();
    let (charged, period) = (row.charged.unwrap(), row.period);
    for used in &mut book.envelope_uses {
        if used.envelope == 2 && used.window == i64::from(period) {
            let left = used.posted.millicredits() - charged.millicredits();
            used.posted = mc(left);
        }
    }
    let fault = book.audit().unwrap_err().to_string();
    assert!(fault.contains(": terms"), "{fault}");
}

#[test]
fn an_order_of_another_time_is_not_this_one() {
    let mut world = full_world();
    let first = order("once");
    let freeze = Action::SetFrozen { frozen: false };
    let ordered = world.carry_out(&first, &freeze).unwrap();
    let mut book = world.book();
    let row = book.orders.iter_mut().find(|row| row.order == first);
    let row = row.unwrap();
    let (seq, last) = (row.entries.first, row.entries.last);
    assert_eq!(
        (seq, last),
        (ordered.entries[0].seq, ordered.entries.last().unwrap().seq)
    );
    row.entries.last -= 1;
    let fault = book.audit().unwrap_err().to_string();
    assert_eq!(
        fault,
        format!("the order at entry {seq}: entries is not what its entries say")
    );
}
