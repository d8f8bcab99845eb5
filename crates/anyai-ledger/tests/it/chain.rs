//! The chain: bytes that never change, and every tampered bit found.

use anyai_ledger::{
    Account, ChainFault, Digest, Entry, EntryKind, Head, canonical_bytes, entry_hash, verify_chain,
};
use anyai_units::{HoldId, UtcMillis};
use uuid::Uuid;

use crate::fixture::{World, mc, pool_id};

fn full_entry() -> Entry {
    let mut entry = Entry {
        pool: pool_id(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10),
        seq: 7,
        tx: 5,
        debit: Account::Held(3),
        credit: Account::HouseRevenue,
        amount: mc(12_340),
        kind: EntryKind::Settle,
        hold: Some(HoldId::from_uuid(Uuid::from_u128(
            0x1111_2222_3333_4444_5555_6666_7777_8888,
        ))),
        reverses: Some(2),
        detail: Some(Digest([0xab; 32])),
        actor: "ledger".to_owned(),
        reason: Some("größer".to_owned()),
        at: UtcMillis::from_millis(1_795_348_800_000),
        prev_hash: Digest([0xcd; 32]),
        hash: Digest::default(),
    };
    entry.hash = entry_hash(&entry);
    entry
}

fn bare_entry() -> Entry {
    let mut entry = Entry {
        debit: Account::Available(0),
        credit: Account::Available(0),
        amount: mc(0),
        kind: EntryKind::Freeze,
        hold: None,
        reverses: None,
        detail: None,
        actor: String::new(),
        reason: None,
        ..full_entry()
    };
    entry.hash = entry_hash(&entry);
    entry
}

/// Written out by hand from the table in the module's documentation, not by the program.
fn bytes_by_hand() -> Vec<u8> {
    let mut bytes = b"anyai.entry.1".to_vec();
    bytes.extend([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    bytes.extend([0, 0, 0, 0, 0, 0, 0, 7]);
    bytes.extend([0, 0, 0, 0, 0, 0, 0, 5]);
    bytes.extend(b"\0\0\0\x06held:3");
    bytes.extend(b"\0\0\0\x0dhouse_revenue");
    bytes.extend([0, 0, 0, 0, 0, 0, 0x30, 0x34]);
    bytes.extend(b"\0\0\0\x06settle");
    bytes.push(1);
    bytes.extend([0x11, 0x11, 0x22, 0x22, 0x33, 0x33, 0x44, 0x44]);
    bytes.extend([0x55, 0x55, 0x66, 0x66, 0x77, 0x77, 0x88, 0x88]);
    bytes.push(1);
    bytes.extend([0, 0, 0, 0, 0, 0, 0, 2]);
    bytes.push(1);
    bytes.extend([0xab; 32]);
    bytes.extend(b"\0\0\0\x06ledger");
    bytes.push(1);
    bytes.extend("\0\0\0\u{8}größer".as_bytes());
    bytes.extend([0, 0, 1, 0xa2, 3, 0x20, 0xa2, 0]);
    bytes
}

#[test]
fn the_canonical_bytes_are_the_documented_ones() {
    assert_eq!(canonical_bytes(&full_entry()), bytes_by_hand());
}

/// Computed by another program (Python's hashlib over bytes built from the same table). A change
/// here breaks every chain that was ever written.
#[test]
fn the_hashes_are_the_ones_other_programs_compute() {
    assert_eq!(
        full_entry().hash.to_string(),
        "b306aa597ea56254309b1bc211b3862724f55c3ec3ee224309b9c8f00639d100"
    );
    assert_eq!(
        bare_entry().hash.to_string(),
        "206d00e565af5bc26555b07647b169b498217870be93ae565adfe5e25eab4691"
    );
}

fn some_chain() -> (World, Head) {
    let mut world = World::new(50_000);
    let epoch = world.balance().epoch;
    let id = world.send(1, 20_000);
    world.settle(id, 25_000).unwrap();
    let id = world.send(2, 5_000);
    world.void(id).unwrap();
    (
        world,
        Head {
            seq: 0,
            hash: epoch,
        },
    )
}

#[test]
fn a_chain_is_verified_whole_or_page_by_page() {
    let (mut world, start) = some_chain();
    let balance = world.balance();
    let entries = world.store.entries(world.pool);
    assert_eq!(entries.len(), 7);
    let whole = verify_chain(world.pool, start, entries).unwrap();
    let mut paged = start;
    for page in entries.chunks(2) {
        paged = verify_chain(world.pool, paged, page).unwrap();
    }
    assert_eq!(whole, paged);
    assert_eq!(
        whole,
        Head {
            seq: balance.head_seq,
            hash: balance.head_hash
        }
    );
}

/// Each field on its own, so that none is left out of the hash.
#[test]
fn every_altered_field_is_found() {
    type Alter = fn(&mut Entry);
    let alter: [(&str, Alter); 13] = [
        ("tx", |entry| entry.tx += 1),
        ("debit", |entry| entry.debit = Account::Held(9)),
        ("credit", |entry| entry.credit = Account::HouseBreakage),
        ("amount", |entry| {
            entry.amount = mc(entry.amount.millicredits() + 1)
        }),
        ("kind", |entry| entry.kind = EntryKind::Revoke),
        ("hold", |entry| {
            entry.hold = Some(HoldId::from_uuid(Uuid::from_u128(5)))
        }),
        ("no hold", |entry| entry.hold = None),
        ("reverses", |entry| entry.reverses = Some(1)),
        ("detail", |entry| entry.detail = Some(Digest([1; 32]))),
        ("actor", |entry| entry.actor.push('x')),
        ("reason", |entry| entry.reason = Some("x".to_owned())),
        ("at", |entry| entry.at = entry.at.plus_millis(1)),
        ("hash", |entry| entry.hash.0[31] ^= 1),
    ];
    let (world, start) = some_chain();
    for (field, alter) in alter {
        let mut entries = world.store.entries(world.pool).to_vec();
        let held = entries
            .iter()
            .position(|entry| entry.hold.is_some())
            .unwrap();
        alter(&mut entries[held]);
        let seq = entries[held].seq;
        let fault = verify_chain(world.pool, start, &entries).unwrap_err();
        assert_eq!(fault, ChainFault::Altered { seq }, "{field}");
        assert_eq!(fault.seq(), seq);
    }
}

#[test]
fn a_rewritten_entry_breaks_the_next_one() {
    let (world, start) = some_chain();
    let mut entries = world.store.entries(world.pool).to_vec();
    entries[2].amount = mc(1);
    entries[2].hash = entry_hash(&entries[2]);
    let fault = verify_chain(world.pool, start, &entries).unwrap_err();
    assert_eq!(fault, ChainFault::Unlinked { seq: 4 });
}

#[test]
fn missing_repeated_and_foreign_entries_are_found() {
    let (world, start) = some_chain();
    let entries = world.store.entries(world.pool).to_vec();
    let verify = |entries: &[Entry]| verify_chain(world.pool, start, entries).unwrap_err();

    let mut missing = entries.clone();
    missing.remove(1);
    assert_eq!(
        verify(&missing),
        ChainFault::Gap {
            expected: 2,
            found: 3
        }
    );

    let mut repeated = entries.clone();
    repeated.insert(1, entries[0].clone());
    assert_eq!(
        verify(&repeated),
        ChainFault::Gap {
            expected: 2,
            found: 1
        }
    );

    let mut swapped = entries.clone();
    swapped.swap(1, 2);
    assert_eq!(
        verify(&swapped),
        ChainFault::Gap {
            expected: 2,
            found: 3
        }
    );

    let mut foreign = entries.clone();
    foreign[3].pool = pool_id(2);
    assert_eq!(verify(&foreign), ChainFault::OtherPool { seq: 4 });

    let other_epoch = Head {
        seq: 0,
        hash: Digest([0; 32]),
    };
    let fault = verify_chain(world.pool, other_epoch, &entries).unwrap_err();
    assert_eq!(
        fault,
        ChainFault::Unlinked { seq: 1 },
        "another life of the pool"
    );
}

#[test]
fn two_lives_of_a_pool_have_different_epochs() {
    let first = World::new(1).balance().epoch;
    let again = World::new(1).balance().epoch;
    assert_eq!(
        first, again,
        "made from the pool, its anchor and its opening alone"
    );
    let mut later = anyai_ledger::MemoryStore::new();
    let (pool, plan) = (pool_id(1), crate::fixture::plan("plan", 1));
    let anchor = crate::fixture::ANCHOR;
    let opened = anchor.plus_millis(1);
    let later = anyai_ledger::ensure_pool(&mut later, pool, plan, anchor, opened).unwrap();
    assert_ne!(later.epoch, first);
}
