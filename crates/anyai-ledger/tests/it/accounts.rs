//! A kind of entry moves credits between its own accounts and no others. Every entry of a pool that
//! has all kinds is forged to every pair of accounts, and chained again.

use std::collections::HashSet;

use anyai_ledger::{Account, Audit, AuditFault, Entry, EntryKind, PoolState, entry_hash};

use anyai_units::HoldId;
use uuid::Uuid;

use crate::book::Book;
use crate::fixture::{DAY_MS, HOUR_MS, World, mc, member, top_up};
use crate::forgeries::full_world;

const OTHER_ACCOUNTS: &str = "moves credits between accounts its kind does not";

/// On top of the full world: thawed, then a top-up and a gift held over the end of the month, the one
/// to come back, the other to expire.
fn world_of_all_kinds() -> World {
    let mut world = full_world();
    world.freeze(false);
    let mut gift = top_up("gift", 4_000);
    (gift.priority, gift.expires_at) = (1, Some(world.now.plus_millis(HOUR_MS)));
    world.grant(&gift).unwrap();
    let all = world.sums().0;
    world.hold(9, all).unwrap();
    world.now = world.now.plus_millis(40 * DAY_MS);
    world.void(world.id(9)).unwrap();
    world.audit();
    world
}

/// The table of the chain's documentation; the periods are judged apart.
fn is_its_own(kind: EntryKind, debit: Account, credit: Account) -> bool {
    use Account::{
        Available, Envelope, Held, HouseBreakage, HouseGrants, HouseOverrun, HouseRevenue, Member,
    };
    use EntryKind as Kind;
    match (kind, debit, credit) {
        (Kind::Grant, HouseGrants, Available(_))
        | (Kind::Refund, HouseRevenue, Available(_))
        | (Kind::Revoke, Available(_), HouseGrants)
        | (Kind::Expire, Available(_) | Held(_), HouseBreakage)
        | (Kind::Settle, Held(_), HouseRevenue)
        | (Kind::Overrun, HouseOverrun, HouseRevenue) => true,
        (Kind::Carry, Available(from) | Held(from), Available(to)) => from < to,
        (Kind::Hold, Available(from), Held(to))
        | (Kind::Release | Kind::Void, Held(from), Available(to))
        | (Kind::Freeze | Kind::Thaw | Kind::Plan | Kind::Order, Available(from), Available(to)) => {
            from == to
        }
        (Kind::Member, Member(_), Member(_)) | (Kind::Envelope, Envelope(_), Envelope(_)) => {
            debit == credit
        }
        _ => false,
    }
}

fn accounts(pool: &PoolState) -> Vec<Account> {
    let periods = 0..=pool.period + 1;
    let houses = [
        Account::HouseGrants,
        Account::HouseRevenue,
        Account::HouseOverrun,
        Account::HouseBreakage,
        Account::Member(member(77)),
        Account::Member(member(78)),
        Account::Envelope(1),
        Account::Envelope(2),
    ];
    let of_periods = periods.flat_map(|no| [Account::Available(no), Account::Held(no)]);
    of_periods.chain(houses).collect()
}

fn chained(entry: Entry) -> Entry {
    let hash = entry_hash(&entry);
    Entry { hash, ..entry }
}

/// Each entry with the audit that took all entries before it.
fn each_entry(book: &Book, mut judge: impl FnMut(&Audit, &Entry)) {
    let mut audit = Audit::new(&book.pool);
    for entry in &book.entries {
        judge(&audit, entry);
        audit.take(entry).unwrap();
    }
    assert_eq!(audit.entries(), book.pool.seq);
    book.compare(audit).unwrap();
}

#[test]
fn a_kind_moves_credits_between_its_accounts_only() {
    let book = world_of_all_kinds().book();
    let accounts = accounts(&book.pool);
    let mut kinds = HashSet::new();
    each_entry(&book, |audit, entry| {
        let is_held = matches!(entry.debit, Account::Held(_));
        kinds.insert((entry.kind, is_held));
        let seq = entry.seq;
        for (debit, credit) in accounts
            .iter()
            .flat_map(|debit| accounts.iter().map(|credit| (*debit, *credit)))
            .filter(|(debit, credit)| !is_its_own(entry.kind, *debit, *credit))
        {
            let forged = chained(Entry {
                debit,
                credit,
                ..entry.clone()
            });
            let fault = audit.clone().take(&forged).unwrap_err();
            let expected = [OTHER_ACCOUNTS, "takes more than there is"];
            let expected = expected.map(|what| AuditFault::Entry { seq, what });
            assert!(expected.contains(&fault), "{forged:?}: {fault}");
        }
    });
    assert_eq!(
        kinds.len(),
        18,
        "all kinds, two of them from both accounts: {kinds:?}"
    );
}

#[test]
fn an_entry_that_only_says_something_moves_nothing() {
    let book = world_of_all_kinds().book();
    let mut said = HashSet::new();
    each_entry(&book, |audit, entry| {
        let is_start = entry.kind == EntryKind::Envelope;
        if entry.debit != entry.credit || is_start {
            return;
        }
        said.insert(entry.kind);
        let forged = chained(Entry {
            amount: mc(1),
            ..entry.clone()
        });
        let (seq, what) = (entry.seq, OTHER_ACCOUNTS);
        let fault = audit.clone().take(&forged).unwrap_err();
        assert_eq!(fault, AuditFault::Entry { seq, what }, "{forged:?}");
    });
    assert_eq!(said.len(), 5, "{said:?}");
}

/// Credits are a grant's wherever they move, and a hold's while they are held.
#[test]
fn an_entry_names_the_grant_and_the_hold_it_is_about() {
    type Forge = fn(&mut Entry);
    let grants: [(&str, Forge); 2] = [
        ("names no grant", |entry| entry.reason = None),
        ("names a grant that was never made", |entry| {
            entry.reason = Some("nobody's".to_owned());
        }),
    ];
    let holds: [(&str, Forge); 2] = [
        ("names no hold", |entry| entry.hold = None),
        ("names a hold that was never placed", |entry| {
            entry.hold = Some(HoldId::from_uuid(Uuid::nil()));
        }),
    ];
    let mut named = HashSet::new();
    each_entry(&world_of_all_kinds().book(), |audit, entry| {
        use EntryKind as Kind;
        let is_held = matches!(entry.debit, Account::Held(_)) || entry.kind == Kind::Overrun;
        let is_granted = matches!(entry.kind, Kind::Revoke | Kind::Expire | Kind::Carry);
        let forgeries = grants.iter().filter(|_| is_granted);
        for (what, forge) in forgeries.chain(holds.iter().filter(|_| is_held)) {
            let mut forged = entry.clone();
            forge(&mut forged);
            let (seq, what) = (entry.seq, *what);
            let fault = audit.clone().take(&chained(forged)).unwrap_err();
            assert_eq!(fault, AuditFault::Entry { seq, what }, "{entry:?}");
            named.insert((entry.kind, is_held, what));
        }
    });
    assert_eq!(named.len(), 22, "{named:?}");
}
