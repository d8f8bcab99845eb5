//! Chains that were begun before there were `plan` entries and terms of grants: they are accepted as
//! they are, until the first `plan` entry, and prove less.

use std::collections::HashMap;

use anyai_ledger::{
    AuditFault, Digest, EntryKind, HoldRecord, PlanTerms, SeqRange, canonical_bytes, entry_hash,
};
use sha2::{Digest as _, Sha256};

use crate::book::Book;
use crate::fixture::{DAY_MS, World, mc, plan};

/// What a hold's entry carried then: allocations and envelopes were not part of it.
fn first_terms(row: &HoldRecord) -> Digest {
    let mut bytes = b"anyai.terms.1".to_vec();
    bytes.extend(row.id.uuid().as_bytes());
    bytes.extend(row.turn.uuid().as_bytes());
    bytes.extend(row.member.uuid().as_bytes());
    bytes.extend(row.fingerprint);
    bytes.extend(row.period.to_be_bytes());
    bytes.extend(row.estimate.millicredits().to_be_bytes());
    bytes.extend(row.ceiling.millicredits().to_be_bytes());
    bytes.extend(row.price_version.to_be_bytes());
    for text in [row.model.as_str(), row.kind.as_str()] {
        bytes.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    Digest(Sha256::digest(&bytes).into())
}

/// The same rows as an older program would have written them.
fn aged(book: &Book) -> Book {
    let mut aged = book.clone();
    let wrote = |kind| kind != EntryKind::Plan;
    aged.entries.retain(|entry| wrote(entry.kind));
    let seqs = aged.entries.iter().map(|entry| entry.seq);
    let seqs: HashMap<u64, u64> = seqs.zip(1..).collect();
    let mut first_of_tx = HashMap::new();
    let mut prev_hash = aged.pool.epoch;
    for entry in &mut aged.entries {
        entry.seq = seqs[&entry.seq];
        entry.tx = *first_of_tx.entry(entry.tx).or_insert(entry.seq);
        if entry.kind == EntryKind::Grant {
            entry.detail = None;
        }
        if entry.kind == EntryKind::Hold {
            let row = book.holds.iter().find(|row| Some(row.id) == entry.hold);
            entry.detail = row.map(first_terms);
        }
        entry.prev_hash = prev_hash;
        entry.hash = entry_hash(entry);
        prev_hash = entry.hash;
    }
    aged.pool.seq = u64::try_from(aged.entries.len()).unwrap();
    aged.pool.head_hash = prev_hash;
    for row in &mut aged.holds {
        row.resolved_by = row.resolved_by.map(|range| SeqRange {
            first: seqs[&range.first],
            last: seqs[&range.last],
        });
    }
    aged
}

fn early_book() -> Book {
    let mut world = World::new(100_000);
    let id = world.send(1, 10_000);
    world.settle(id, 4_000).unwrap();
    world.hold(2, 5_000).unwrap();
    world.now = world.now.plus_millis(40 * DAY_MS);
    let id = world.send(3, 10_000);
    world.void(id).unwrap();
    aged(&world.book())
}

#[test]
fn an_early_chain_is_accepted_as_it_is() {
    let book = early_book();
    let kinds: Vec<_> = book.entries.iter().map(|entry| entry.kind).collect();
    assert!(!kinds.contains(&EntryKind::Plan));
    assert!(!canonical_bytes(&book.entries[0]).is_empty());
    book.audit().unwrap();
    let mut later = book.clone();
    later.pool.last_at = later.pool.last_at.plus_millis(1);
    later.audit().unwrap();
    let mut replanned = book;
    replanned.pool.plan = plan("another", 7);
    replanned.audit().unwrap();
}

#[test]
fn what_an_early_chain_proves_is_still_proven() {
    type Forge = fn(&mut Book);
    let cases: [(&str, Forge); 8] = [
        ("the pool's plan", |book| book.pool.plan.amount = mc(-1)),
        ("the pool's last_at", |book| {
            book.pool.last_at = book.pool.last_at.plus_millis(-1);
        }),
        ("the pool's period", |book| book.pool.period = 0),
        (": terms", |book| book.holds[0].model.push('!')),
        (": allocations", |book| {
            book.holds[0].allocations[0].amount = mc(1);
        }),
        ("grant 1: amount", |book| book.grants[0].amount = mc(1)),
        ("grant 1: effective_at", |book| {
            book.grants[0].effective_at = book.pool.last_at;
        }),
        ("period 0: granted", |book| {
            book.periods[0].granted = mc(1);
        }),
    ];
    let book = early_book();
    for (named, forge) in cases {
        let mut forged = book.clone();
        forge(&mut forged);
        let fault = forged.audit().expect_err(named).to_string();
        assert!(fault.contains(named), "{named}: {fault}");
    }
}

/// After the first `plan` entry the short form is a forgery.
#[test]
fn a_later_hold_carries_all_its_terms() {
    let mut world = World::new(100_000);
    world.change_plan(200_000, PlanTerms::Budget);
    world.hold(1, 5_000).unwrap();
    let mut book = world.book();
    let short = first_terms(&book.holds[0]);
    let last = book.entries.last_mut().unwrap();
    last.detail = Some(short);
    last.hash = entry_hash(last);
    book.pool.head_hash = last.hash;
    let (hold, what) = (book.holds[0].id, "terms");
    assert_eq!(book.audit(), Err(AuditFault::Hold { hold, what }));
}
