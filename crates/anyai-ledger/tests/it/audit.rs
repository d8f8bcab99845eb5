//! The audit: a row that lies is found, and an entry that lies is named, even when its chain was
//! computed again by whoever changed it.

use anyai_ledger::{Account, Action, AuditFault, Entry, EntryKind, entry_hash};
use anyai_units::HoldId;
use uuid::Uuid;

use crate::fixture::{DAY_MS, World, mc, member, top_up};
use crate::forgeries::full_world;

/// A grant, an overrun, a void, an open hold, a revoked and a carried part: one of each.
fn busy_world() -> World {
    let mut world = World::new(100_000);
    world.grant(&top_up("order-1", 50_000)).unwrap();
    let id = world.send(1, 30_000);
    world.settle(id, 35_000).unwrap();
    let id = world.send(2, 10_000);
    world.settle(id, 4_000).unwrap();
    let id = world.send(3, 5_000);
    world.void(id).unwrap();
    world.hold(4, 20_000).unwrap();
    world.change_plan(60_000, anyai_ledger::PlanTerms::Budget);
    world.audit();
    world
}

/// Changes the entries, and computes every hash again, as somebody with the file could.
fn forged(world: &mut World, forge: impl FnOnce(&mut Vec<Entry>)) -> Result<(), AuditFault> {
    let mut book = world.book();
    forge(&mut book.entries);
    let mut prev_hash = book.pool.epoch;
    for entry in &mut book.entries {
        entry.prev_hash = prev_hash;
        entry.hash = entry_hash(entry);
        prev_hash = entry.hash;
    }
    book.pool.head_hash = prev_hash;
    book.audit()
}

fn position(entries: &[Entry], kind: EntryKind) -> usize {
    entries.iter().position(|entry| entry.kind == kind).unwrap()
}

/// A refund, part of it taken back, and part of that given again.
#[test]
fn what_gives_back_of_a_charge_names_its_hold_all_along() {
    let taken_back = || {
        let mut world = World::new(100_000);
        let id = world.send(1, 30_000);
        world.settle(id, 20_000).unwrap();
        let other = world.send(2, 30_000);
        world.settle(other, 20_000).unwrap();
        let mut seq = world.record(1).resolved_by.unwrap().first;
        for amount in [9_000, 5_000, 2_000] {
            let amount = Some(mc(amount));
            world.order(&Action::Reverse { seq, amount }).unwrap();
            seq = world.balance().head_seq;
        }
        world.audit();
        world
    };
    let last = |entries: &[Entry], kind| {
        entries
            .iter()
            .rposition(|entry| entry.kind == kind)
            .unwrap()
    };
    let other = taken_back().record(2).id;
    for (kind, hold) in [
        (EntryKind::Revoke, Some(other)),
        (EntryKind::Grant, Some(other)),
        (EntryKind::Grant, None),
    ] {
        let mut named = 0;
        let fault = forged(&mut taken_back(), |entries| {
            let at = last(entries, kind);
            entries[at].hold = hold;
            named = entries[at].seq;
        });
        let fault = fault.unwrap_err();
        assert_eq!(fault.seq(), Some(named), "{kind} {hold:?}: {fault}");
    }
    // Ledgers of before say nothing of the hold, and leave what its member spent as it was.
    let fault = forged(&mut taken_back(), |entries| {
        let at = last(entries, EntryKind::Revoke);
        entries[at].hold = None;
        entries.truncate(at + 1);
    });
    assert!(fault.unwrap_err().to_string().starts_with("the pool's"));
    let fault = forged(&mut taken_back(), |entries| entries[1].hold = Some(other));
    assert_eq!(
        fault.unwrap_err().seq(),
        Some(2),
        "a month gives back no charge"
    );
}

#[test]
fn a_rechained_forgery_that_cannot_be_is_named() {
    type Forge = fn(&mut Vec<Entry>) -> usize;
    let forgeries: [(&str, Forge); 13] = [
        (
            "a void after a settlement that took everything",
            |entries| {
                let settle = entries[position(entries, EntryKind::Settle)].clone();
                let last = entries.last().unwrap().clone();
                let seq = last.seq + 1;
                entries.push(Entry {
                    seq,
                    tx: seq,
                    kind: EntryKind::Void,
                    credit: Account::Available(0),
                    amount: mc(0),
                    at: last.at,
                    ..settle
                });
                entries.len() - 1
            },
        ),
        ("a charge above the hold", |entries| {
            let at = position(entries, EntryKind::Settle);
            entries[at].amount = mc(30_001);
            at
        }),
        ("a second settlement", |entries| {
            let at = position(entries, EntryKind::Void);
            entries[at].kind = EntryKind::Settle;
            entries[at].credit = Account::HouseRevenue;
            entries[at].hold = entries[position(entries, EntryKind::Settle)].hold;
            at
        }),
        ("a grant less than its holds", |entries| {
            entries[1].amount = mc(10);
            entries[3].amount = mc(10);
            position(entries, EntryKind::Hold)
        }),
        ("a negative amount", |entries| {
            entries[3].amount = mc(-1);
            3
        }),
        ("a date before the entry before", |entries| {
            entries[2].at = entries[2].at.plus_millis(-1);
            2
        }),
        ("a grant out of the overrun account", |entries| {
            entries[3].debit = Account::HouseOverrun;
            3
        }),
        ("the same source twice", |entries| {
            entries[3].reason = entries[1].reason.clone();
            3
        }),
        ("the same turn twice", |entries| {
            let first = position(entries, EntryKind::Hold);
            let second = entries
                .iter()
                .rposition(|entry| entry.kind == EntryKind::Hold)
                .unwrap();
            entries[second].hold = entries[first].hold;
            second
        }),
        ("a settlement of nothing", |entries| {
            let at = position(entries, EntryKind::Settle);
            entries[at].hold = Some(HoldId::from_uuid(Uuid::from_u128(1)));
            at
        }),
        ("a release before its settlement", |entries| {
            let at = position(entries, EntryKind::Release);
            entries.swap(at, at - 1);
            entries[at - 1].seq -= 1;
            entries[at].seq += 1;
            entries[at - 1].tx = entries[at - 1].seq;
            at - 1
        }),
        ("a settlement from another month", |entries| {
            let at = position(entries, EntryKind::Settle);
            entries[at].debit = Account::Held(1);
            at
        }),
        ("an entry of no command", |entries| {
            entries[3].tx = 1;
            3
        }),
    ];
    for (what, forge) in forgeries {
        let mut index = usize::MAX;
        let fault = forged(&mut busy_world(), |entries| index = forge(entries)).unwrap_err();
        let seq = u64::try_from(index + 1).unwrap();
        assert_eq!(fault.seq(), Some(seq), "{what}: {fault}");
        assert!(matches!(fault, AuditFault::Entry { .. }), "{what}: {fault}");
    }
    forged(&mut busy_world(), |_| ()).unwrap();
}

/// Both months have credits held, so that only the hold's own month tells.
#[test]
fn a_settlement_out_of_another_months_holds_is_named() {
    let mut world = World::new(100_000);
    let id = world.send(1, 10_000);
    world.now = world.now.plus_millis(40 * DAY_MS);
    world.hold(2, 10_000).unwrap();
    world.settle(id, 10_000).unwrap();
    let fault = forged(&mut world, |entries| {
        let at = position(entries, EntryKind::Settle);
        entries[at].debit = Account::Held(1);
    });
    let expected = position(world.store.entries(world.pool), EntryKind::Settle) + 1;
    assert_eq!(
        fault.unwrap_err().seq(),
        Some(u64::try_from(expected).unwrap())
    );
}

#[test]
fn a_hold_on_a_frozen_pool_is_named() {
    let mut world = World::new(100_000);
    world.freeze(true);
    world.freeze(false);
    world.hold(1, 10).unwrap();
    let fault = forged(&mut world, |entries| entries[5].kind = EntryKind::Freeze).unwrap_err();
    assert_eq!(fault.seq(), Some(7));
}

#[test]
fn a_hold_that_kept_something_back_is_named() {
    let mut world = World::new(100_000);
    let id = world.send(1, 10_000);
    world.settle(id, 4_000).unwrap();
    let fault = forged(&mut world, |entries| {
        let release = entries.last_mut().unwrap();
        release.amount = mc(5_999);
    });
    let what = "return";
    let mut book = world.book();
    book.holds[0].resolved_by.as_mut().unwrap().last -= 1;
    book.entries.pop();
    book.pool.seq -= 1;
    book.pool.head_hash = book.entries.last().unwrap().hash;
    assert_eq!(
        book.audit().unwrap_err(),
        AuditFault::Hold { hold: id, what }
    );
    assert_eq!(fault.unwrap_err(), AuditFault::Hold { hold: id, what });
}

/// What orders, plans, members and envelopes say, forged and chained again.
#[test]
fn a_rechained_note_that_cannot_be_is_named() {
    type Forge = fn(&mut Vec<Entry>) -> usize;
    let forgeries: [(&str, Forge); 16] = [
        ("opens the pool of another epoch", |entries| {
            entries[0].at = entries[0].at.plus_millis(-1);
            0
        }),
        ("plans nothing", |entries| {
            entries[0].detail = None;
            0
        }),
        ("goes back to a past period", |entries| {
            let last = entries
                .iter()
                .rposition(|entry| entry.kind == EntryKind::Plan);
            let last = last.unwrap();
            let back = Account::Available(0);
            entries[last].kind = EntryKind::Plan;
            (entries[last + 2].debit, entries[last + 2].credit) = (back, back);
            entries[last + 2].kind = EntryKind::Plan;
            entries[last + 2].detail = entries[last].detail;
            entries[last + 2].amount = mc(0);
            last + 2
        }),
        ("grants without its terms", |entries| {
            entries[1].detail = None;
            1
        }),
        ("is not of the period that runs", |entries| {
            entries[1].credit = Account::Available(1);
            1
        }),
        ("orders nothing", |entries| {
            let at = position(entries, EntryKind::Order);
            entries[at].detail = None;
            at
        }),
        (
            "moves credits between accounts its kind does not",
            |entries| {
                let at = position(entries, EntryKind::Order);
                entries[at].amount = mc(1);
                at
            },
        ),
        ("sets nothing for a member", |entries| {
            let at = position(entries, EntryKind::Member);
            entries[at].detail = None;
            at
        }),
        (
            "moves credits between accounts its kind does not",
            |entries| {
                let at = position(entries, EntryKind::Member);
                entries[at].credit = Account::Member(member(9));
                at
            },
        ),
        (
            "moves credits between accounts its kind does not",
            |entries| {
                let at = position(entries, EntryKind::Member);
                entries[at].amount = mc(1);
                at
            },
        ),
        ("sets nothing for an envelope", |entries| {
            let at = position(entries, EntryKind::Envelope);
            entries[at].detail = None;
            at
        }),
        ("skips an envelope's number", |entries| {
            let at = position(entries, EntryKind::Envelope);
            let account = Account::Envelope(2);
            (entries[at].debit, entries[at].credit) = (account, account);
            at
        }),
        ("starts an envelope a second time", |entries| {
            let envelopes = entries
                .iter()
                .rposition(|entry| entry.kind == EntryKind::Envelope);
            let at = envelopes.unwrap();
            let account = Account::Envelope(1);
            (entries[at].debit, entries[at].credit) = (account, account);
            at
        }),
        ("refunds no charge", |entries| {
            let at = position(entries, EntryKind::Refund);
            entries[at].reverses = None;
            at
        }),
        ("reverses what it cannot", |entries| {
            let at = position(entries, EntryKind::Refund);
            entries[at].reverses = Some(1);
            at
        }),
        ("reverses more than there was", |entries| {
            let at = position(entries, EntryKind::Refund);
            entries[at].amount = mc(30_001);
            at
        }),
    ];
    for (what, forge) in forgeries {
        let mut index = usize::MAX;
        let fault = forged(&mut full_world(), |entries| index = forge(entries)).unwrap_err();
        let seq = u64::try_from(index + 1).unwrap();
        assert_eq!(fault, AuditFault::Entry { seq, what }, "{what}: {fault}");
    }
    forged(&mut full_world(), |_| ()).unwrap();
}

/// A provider may report anything, more than once.
#[test]
fn overruns_beyond_every_sum_are_sound() {
    let mut world = World::new(100_000);
    for number in 1..=3 {
        let id = world.send(number, 10_000);
        world.settle(id, i64::MAX).unwrap();
    }
    world.audit();
}

/// The same entry reversed twice comes to more than it was, whatever each claims.
#[test]
fn reversals_are_summed_up() {
    let mut world = World::new(100_000);
    let id = world.send(1, 10_000);
    world.settle(id, 10_000).unwrap();
    let seq = world.record(1).resolved_by.unwrap().first;
    for amount in [4_000, 6_000] {
        let amount = Some(mc(amount));
        world.order(&Action::Reverse { seq, amount }).unwrap();
    }
    world.audit();
    let fault = forged(&mut world, |entries| {
        entries.last_mut().unwrap().amount = mc(6_001);
    });
    let what = "reverses more than there was";
    let seq = u64::try_from(world.store.entries(world.pool).len()).unwrap();
    assert_eq!(fault.unwrap_err(), AuditFault::Entry { seq, what });
}
