//! The audit: a row that lies is found, and an entry that lies is named, even when its chain was
//! computed again by whoever changed it.

use anyai_ledger::{
    Account, Audit, AuditFault, Entry, EntryKind, HoldRecord, HoldState, PoolState, RowCounts,
    Rows, entry_hash,
};
use anyai_units::{Credits, HoldId};
use uuid::Uuid;

use crate::fixture::{DAY_MS, World, mc, top_up};

/// A grant, an overrun, a void, an open hold, a revoked and a carried part: one of each.
fn busy_world() -> World {
    let mut world = World::new(100_000);
    let request = top_up(world.pool, "order-1", 50_000);
    world.grant(&request).unwrap();
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

fn state(world: &mut World) -> PoolState {
    world.store.pool(world.pool).unwrap().unwrap()
}

/// Changes the entries, and computes every hash again, as somebody with the file could.
fn forged(world: &mut World, forge: impl FnOnce(&mut Vec<Entry>)) -> Result<(), AuditFault> {
    let state = state(world);
    let mut entries = world.store.entries(world.pool).to_vec();
    forge(&mut entries);
    let mut prev_hash = state.epoch;
    for entry in &mut entries {
        entry.prev_hash = prev_hash;
        entry.hash = entry_hash(entry);
        prev_hash = entry.hash;
    }
    let mut audit = Audit::new(&state);
    entries.iter().try_for_each(|entry| audit.take(entry))
}

fn position(entries: &[Entry], kind: EntryKind) -> usize {
    entries.iter().position(|entry| entry.kind == kind).unwrap()
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
            entries[0].amount = mc(10);
            entries[1].amount = mc(10);
            position(entries, EntryKind::Hold)
        }),
        ("a negative amount", |entries| {
            entries[1].amount = mc(-1);
            1
        }),
        ("a date before the entry before", |entries| {
            entries[2].at = entries[2].at.plus_millis(-1);
            2
        }),
        ("a grant out of the overrun account", |entries| {
            entries[1].debit = Account::HouseOverrun;
            1
        }),
        ("the same source twice", |entries| {
            entries[1].reason = entries[0].reason.clone();
            1
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
fn a_hold_that_kept_something_back_is_named() {
    let mut world = World::new(100_000);
    let id = world.send(1, 10_000);
    world.settle(id, 4_000).unwrap();
    let state = state(&mut world);
    let mut audit = Audit::new(&state);
    let without_release = &world.store.entries(world.pool)[..3];
    without_release
        .iter()
        .try_for_each(|entry| audit.take(entry))
        .unwrap();
    let fault = audit
        .compare_hold(&world.record(1), mc(10_000), mc(4_000))
        .unwrap_err();
    assert_eq!(
        fault,
        AuditFault::Hold {
            hold: id,
            what: "return"
        }
    );
}

#[test]
fn a_hold_on_a_frozen_pool_is_named() {
    let mut world = World::new(100_000);
    let (pool, now) = (world.pool, world.now);
    anyai_ledger::set_frozen(&mut world.store, pool, true, "admin", "why", now).unwrap();
    anyai_ledger::set_frozen(&mut world.store, pool, false, "admin", "why", now).unwrap();
    world.hold(1, 10).unwrap();
    let fault = forged(&mut world, |entries| entries[2].kind = EntryKind::Freeze).unwrap_err();
    assert_eq!(fault.seq(), Some(4));
}

fn audited(world: &mut World) -> Audit {
    let mut audit = Audit::new(&state(world));
    world
        .store
        .entries(world.pool)
        .iter()
        .try_for_each(|entry| audit.take(entry))
        .unwrap();
    audit
}

#[test]
fn every_sum_of_a_period_is_compared() {
    let mut world = busy_world();
    let audit = audited(&mut world);
    let row = world.store.period(world.pool, 0).unwrap().unwrap();
    let more = |amount: Credits| mc(amount.millicredits() + 1);
    audit.compare_period(&row).unwrap();
    let mut rows = vec![row.clone(); 7];
    rows[4].bounds.starts_at = row.bounds.starts_at.plus_millis(1);
    rows[5].bounds.ends_at = row.bounds.ends_at.plus_millis(1);
    rows[6].bounds.no = 1;
    rows[0].granted = more(row.granted);
    rows[1].posted = more(row.posted);
    rows[2].pending = more(row.pending);
    rows[3].expired = more(row.expired);
    for row in rows {
        let fault = audit.compare_period(&row).unwrap_err();
        assert!(matches!(fault, AuditFault::Period { .. }), "{fault}");
    }
}

#[test]
fn every_field_of_a_pool_is_compared() {
    let mut world = busy_world();
    let audit = audited(&mut world);
    let row = state(&mut world);
    let counts = RowCounts {
        grants: 2,
        holds: 4,
    };
    audit.compare_pool(&row, counts).unwrap();
    let mut rows = vec![row.clone(); 7];
    rows[5].plan.amount = mc(-1);
    rows[6].next_plan = Some(crate::fixture::plan("debt", -1));
    rows[0].seq += 1;
    rows[1].head_hash.0[0] ^= 1;
    rows[2].frozen = true;
    rows[3].grant_count += 1;
    rows[4].last_at = rows[4].last_at.plus_millis(-1);
    for row in &rows {
        assert!(audit.compare_pool(row, counts).is_err(), "{row:?}");
    }
    for counts in [
        RowCounts {
            grants: 3,
            ..counts
        },
        RowCounts { holds: 3, ..counts },
    ] {
        assert!(audit.compare_pool(&row, counts).is_err(), "{counts:?}");
    }
}

#[test]
fn every_sum_of_a_grant_is_compared() {
    let mut world = busy_world();
    let audit = audited(&mut world);
    let grant = world.store.all_grants(world.pool).next().unwrap().clone();
    let (used, held) = (grant.used, grant.held);
    audit.compare_grant(&grant, used, held).unwrap();
    let mut rows = vec![grant.clone(); 5];
    rows[0].amount = mc(1);
    rows[1].revoked = mc(1);
    rows[2].expired = mc(1);
    rows[3].source = "plan:9".to_owned();
    rows[4].used = mc(1);
    for row in rows {
        assert!(audit.compare_grant(&row, used, held).is_err(), "{row:?}");
    }
    assert!(audit.compare_grant(&grant, mc(1), held).is_err());
    assert!(audit.compare_grant(&grant, used, mc(1)).is_err());
}

#[test]
fn every_field_of_a_hold_is_compared() {
    let mut world = busy_world();
    let audit = audited(&mut world);
    let settled = world.record(2);
    let (allocated, used) = (mc(10_000), mc(4_000));
    audit.compare_hold(&settled, allocated, used).unwrap();
    let alter: [fn(&mut HoldRecord); 11] = [
        |row| row.model.push('!'),
        |row| row.estimate = mc(1),
        |row| row.ceiling = mc(1),
        |row| row.state = HoldState::Voided,
        |row| row.state = HoldState::Dispatched,
        |row| row.charged = Some(mc(3_999)),
        |row| row.overrun = mc(1),
        |row| row.basis = Some(anyai_ledger::CostBasis::Counted),
        |row| row.reason = Some("why".to_owned()),
        |row| row.resolved_at = None,
        |row| row.id = HoldId::from_uuid(Uuid::from_u128(3)),
    ];
    for alter in alter {
        let mut row = settled.clone();
        alter(&mut row);
        assert!(
            audit.compare_hold(&row, allocated, used).is_err(),
            "{row:?}"
        );
    }
    assert!(audit.compare_hold(&settled, mc(9_999), used).is_err());
    assert!(audit.compare_hold(&settled, allocated, mc(3_999)).is_err());
    let mut open = world.record(4);
    audit.compare_hold(&open, mc(20_000), mc(0)).unwrap();
    open.state = HoldState::Settled;
    assert!(audit.compare_hold(&open, mc(20_000), mc(0)).is_err());
}
