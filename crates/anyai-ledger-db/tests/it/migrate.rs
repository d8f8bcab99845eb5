//! A ledger as an older program wrote it: opened, moved to today's tables, and carried on.

use std::fs;

use anyai_ledger::{CostBasis, HoldState, Refusal, Resolution, old_hold_id};
use anyai_ledger_db::{
    Held, Ledger, LedgerError, PriceCard, Sent, keep_price_card_in_file, verify_file,
};
use anyai_units::{MemberId, UtcMillis};
use rusqlite::Connection;
use tempfile::TempDir;
use uuid::Uuid;

use crate::fixture::{Place, Store, mc, pool_id, refusal, reported, request, turn};

const FORMAT_1: &str = include_str!("fixtures/format_1.sql");
const FORMAT_2: &str = include_str!("fixtures/format_2.sql");
/// What the program of format 3 made of a file of format 2.
const FORMAT_3: &str = concat!(
    include_str!("fixtures/format_2.sql"),
    include_str!("../../src/sqlite/price_card.sql"),
    "PRAGMA user_version=3;"
);
/// A second after the last command of the old program.
const LATER: UtcMillis = UtcMillis::from_millis(1_797_940_813_000);

/// The file as the oldest program left it.
fn old_file() -> Place {
    file_of(FORMAT_1)
}

fn file_of(dump: &str) -> Place {
    let place = Place::new(Store::Sqlite);
    let connection = Connection::open(place.path()).unwrap();
    connection.execute_batch(dump).unwrap();
    place
}

/// What makes and guards the tables of a file.
fn guards_of(place: &Place) -> Vec<String> {
    let connection = Connection::open(place.path()).unwrap();
    let sql = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<Result<_, _>>().unwrap()
}

/// Every format that was ever written: today's tables, every row, and work that goes on.
#[tokio::test]
async fn a_ledger_of_every_format_opens_with_todays_tables() {
    let new = Place::new(Store::Sqlite);
    drop(new.open().unwrap());
    for (format, dump, entries) in [(1, FORMAT_1, 32), (2, FORMAT_2, 51), (3, FORMAT_3, 51)] {
        let place = file_of(dump);
        assert_eq!(number(&place, "PRAGMA user_version"), format);
        let report = place.verify().unwrap();
        assert_eq!((report.pools, report.entries), (2, entries));
        assert_eq!(report.first_problem, None);
        assert_eq!(number(&place, "PRAGMA user_version"), format, "only read");
        let ledger = place.open().unwrap();
        assert_eq!(guards_of(&place), guards_of(&new), "of format {format}");
        assert_eq!(number(&place, "PRAGMA user_version"), 4);
        let card = PriceCard {
            version: 1,
            body: "prices".to_owned(),
            kept_at: LATER,
        };
        keep_price_card_in_file(place.path(), &card).unwrap();
        assert_eq!(ledger.price_card(1).await.unwrap(), Some(card));
        for hold in ledger.open_holds().await.unwrap() {
            ledger.void(&hold, "not known", LATER).await.unwrap();
        }
        let balance = ledger.balance(pool_id(1), LATER).await.unwrap();
        assert_eq!(balance.period.pending, mc(0));
        drop(ledger);
        assert_eq!(place.verify().unwrap().first_problem, None);
        place.open().unwrap();
    }
}

#[test]
fn a_ledger_of_format_2_that_lies_is_refused() {
    for (lie, expected) in [
        ("UPDATE entry SET amount=amount+1 WHERE seq=3", "entry 3"),
        ("UPDATE period SET posted=posted-1 WHERE posted>0", "posted"),
    ] {
        let place = file_of(FORMAT_2);
        place.tamper(lie);
        let said = place.open().map(drop).unwrap_err().to_string();
        assert!(said.contains(expected), "{lie}: {said}");
    }
}

fn number(place: &Place, sql: &str) -> i64 {
    let connection = Connection::open(place.path()).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn an_older_ledger_opens_and_is_sound() {
    let place = old_file();
    assert_eq!(number(&place, "PRAGMA user_version"), 1);
    let ledger = place.open().unwrap();
    assert_eq!(number(&place, "PRAGMA user_version"), 4);
    let old_tables =
        "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'old%' OR name LIKE '%alloc'";
    assert_eq!(number(&place, old_tables), 0);
    let report = place.verify().unwrap();
    assert_eq!((report.pools, report.entries, report.sound), (2, 32, true));
    let balance = ledger.balance(pool_id(1), LATER).await.unwrap();
    let period = &balance.period;
    assert_eq!((period.granted, period.posted), (mc(120_000), mc(0)));
    assert_eq!(
        (period.pending, balance.available),
        (mc(9_000), mc(111_000))
    );
    assert_eq!((balance.plan.plan.as_str(), balance.head_seq), ("more", 27));
    assert_eq!(balance.next_plan.unwrap().plan, "free");
    assert!(ledger.balance(pool_id(2), LATER).await.unwrap().frozen);
    drop(ledger);
    place.open().unwrap();
    assert!(place.verify().unwrap().sound, "opened a second time");
}

#[tokio::test]
async fn an_older_ledgers_holds_are_all_there() {
    let place = old_file();
    let ledger = place.open().unwrap();
    let pool = pool_id(1);
    let states = [
        (1, HoldState::Settled, 30_000, Some(12_340), 0),
        (2, HoldState::Settled, 60_000, Some(45_000), 0),
        (3, HoldState::Settled, 2_000, Some(2_000), 500),
        (4, HoldState::Voided, 1_000, None, 0),
        (5, HoldState::Settled, 8_000, Some(3_000), 0),
        (6, HoldState::Dispatched, 7_000, None, 0),
        (7, HoldState::Held, 4_000, None, 0),
        (8, HoldState::Unknown, 5_000, None, 0),
        (9, HoldState::Voided, 500, None, 0),
    ];
    for (number, state, ceiling, charged, overrun) in states {
        let hold = ledger.hold_of(pool, turn(number)).await.unwrap().unwrap();
        let found = (hold.state, hold.ceiling, hold.charged, hold.overrun);
        assert_eq!(found, (state, mc(ceiling), charged.map(mc), mc(overrun)));
        assert_eq!(hold.id, old_hold_id(pool, turn(number)), "ids are kept");
        assert!(hold.envelopes.is_empty() && hold.conversation.is_none());
    }
    let over_two = ledger.hold_of(pool, turn(2)).await.unwrap().unwrap();
    let parts = over_two.allocations.iter();
    let parts: Vec<_> = parts
        .map(|part| (part.grant, part.amount, part.used))
        .collect();
    let expected = [(2, mc(37_660), mc(37_660)), (1, mc(22_340), mc(7_340))];
    assert_eq!(parts, expected, "in the order of spending");
    let overrun = ledger.hold_of(pool, turn(3)).await.unwrap().unwrap();
    assert_eq!(overrun.basis, Some(CostBasis::Counted));
    let sent = ledger.hold_of(pool, turn(6)).await.unwrap().unwrap();
    assert_eq!(sent.provider_op.as_deref(), Some("video-6"));
    assert_eq!(ledger.hold_of(pool, turn(10)).await.unwrap(), None);
    assert_eq!(ledger.open_holds().await.unwrap().len(), 3);
}

#[tokio::test]
async fn what_members_of_an_older_ledger_spent_is_summed() {
    let place = old_file();
    drop(place.open().unwrap());
    let connection = Connection::open(place.path()).unwrap();
    let sql = "SELECT member, period, posted, pending FROM member_use WHERE pool=? ORDER BY 1,2";
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([pool_id(1).uuid().as_bytes()], |row| {
        let member = Uuid::from_bytes(row.get(0)?).as_u128();
        Ok((member, row.get(1)?, row.get(2)?, row.get(3)?))
    });
    let rows: Vec<(u128, i64, i64, i64)> = rows.unwrap().map(Result::unwrap).collect();
    assert_eq!(
        rows,
        [
            (77, 0, 12_340 + 2_000 + 3_000, 0),
            (77, 1, 0, 4_000 + 5_000),
            (78, 0, 45_000, 7_000),
            (78, 1, 0, 0),
        ]
    );
}

/// The reconciler's work, the apps' repeated turns, and new ones.
#[tokio::test]
async fn an_older_ledger_is_carried_on() {
    let place = old_file();
    let ledger = place.open().unwrap();
    let pool = pool_id(1);
    for hold in ledger.open_holds().await.unwrap() {
        let ended = match hold.record().state {
            HoldState::Held => ledger.void(&hold, "not sent", LATER).await.unwrap(),
            _ => ledger
                .settle(&hold, reported(mc(1_000)), LATER)
                .await
                .unwrap(),
        };
        assert!(matches!(
            ended,
            Resolution::Settled(_) | Resolution::Voided(_)
        ));
    }
    let mut again = request(pool, 1, mc(30_000));
    again.member = MemberId::from_uuid(Uuid::from_u128(77));
    let held = ledger.hold(again.clone(), LATER).await.unwrap();
    assert!(
        matches!(held, Held::Existing(record) if record.charged == Some(mc(12_340))),
        "a turn from before is not held a second time"
    );
    let sent = ledger.hold_dispatched(again.clone(), LATER).await.unwrap();
    assert!(matches!(sent, Sent::Existing(_)));
    again.fingerprint = [9; 32];
    let conflict = Refusal::IdempotencyConflict { turn: turn(1) };
    assert_eq!(refusal(ledger.hold(again.clone(), LATER).await), conflict);
    assert_eq!(
        refusal(ledger.hold_dispatched(again, LATER).await),
        conflict
    );
    let mut new = request(pool, 10, mc(10_000));
    new.expires_at = LATER.plus_millis(1_000);
    let Held::New(hold) = ledger.hold(new, LATER).await.unwrap() else {
        panic!("held before")
    };
    let dispatch = ledger.dispatch(hold, None, LATER).await.unwrap();
    ledger
        .settle(&dispatch, reported(mc(6_000)), LATER)
        .await
        .unwrap();
    let balance = ledger.balance(pool, LATER).await.unwrap();
    assert_eq!(
        (balance.period.posted, balance.period.pending),
        (mc(7_000), mc(0))
    );
    drop(ledger);
    assert_eq!(place.verify().unwrap().first_problem, None);
    place.open().unwrap();
}

/// Verifying only reads, also when the file is older than the program.
#[test]
fn verifying_an_older_ledger_leaves_it_as_it_was() {
    let place = old_file();
    let before = fs::read(place.path()).unwrap();
    let report = verify_file(place.path()).unwrap();
    assert_eq!((report.pools, report.entries), (2, 32));
    assert_eq!(report.first_problem, None);
    assert_eq!(fs::read(place.path()).unwrap(), before);
    assert_eq!(number(&place, "PRAGMA user_version"), 1);
}

/// The audit after the copy is the usual one: what lied before lies still.
#[test]
fn an_older_ledger_that_lies_is_refused() {
    for (lie, expected) in [
        (
            "UPDATE hold_alloc SET used=used-1 WHERE used>0",
            "allocations",
        ),
        (
            "UPDATE hold_alloc SET amount=amount+1 WHERE grant_no=2",
            "allocations",
        ),
        ("DELETE FROM hold_alloc", "allocations"),
        ("UPDATE entry SET amount=amount+1 WHERE seq=3", "entry 3"),
        ("UPDATE period SET posted=posted-1 WHERE posted>0", "posted"),
        ("UPDATE hold SET model='cheap'", "terms"),
    ] {
        let place = old_file();
        place.tamper(lie);
        for error in [place.open().unwrap_err(), place.open().unwrap_err()] {
            let is_damaged = matches!(error, LedgerError::Damaged { .. });
            assert!(
                is_damaged && error.to_string().contains(expected),
                "{lie}: {error}"
            );
        }
        let problem = place.verify().unwrap().first_problem.unwrap();
        assert!(problem.what.contains(expected), "{lie}: {problem:?}");
    }
}

/// Several programs begin on the old file at once: one of them moves it, all of them work.
#[test]
fn many_programs_can_open_one_older_ledger() {
    let place = old_file();
    let openers: Vec<_> = (0..6)
        .map(|_| {
            let path = place.path().to_owned();
            std::thread::spawn(move || Ledger::open(&path).map(drop))
        })
        .collect();
    for opener in openers {
        opener.join().unwrap().unwrap();
    }
    assert!(place.verify().unwrap().sound);
}

/// Copies a file and its log, as a backup would.
fn copy_of(place: &Place) -> (TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    fs::copy(place.path(), &path).unwrap();
    (folder, path)
}

#[test]
fn a_full_disk_leaves_an_older_ledger_whole() {
    let place = old_file();
    let (_folder, path) = copy_of(&place);
    let bytes = fs::metadata(&path).unwrap().len();
    let options = anyai_ledger_db::LedgerOptions {
        max_file_bytes: Some(bytes + 4_096),
        ..anyai_ledger_db::LedgerOptions::default()
    };
    let error = Ledger::open_with(&path, options).unwrap_err();
    assert!(matches!(error, LedgerError::DiskFull), "{error:?}");
    let connection = Connection::open(&path).unwrap();
    let version: i64 = connection
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap();
    assert_eq!(version, 1);
    let allocations: i64 = connection
        .query_row("SELECT count(*) FROM hold_alloc", [], |row| row.get(0))
        .unwrap();
    assert_eq!(allocations, 11);
    drop(connection);
    Ledger::open(&path).unwrap();
}
