//! Files that are not what they should be: each is refused in a sentence that says why, and left
//! as it was.

use std::fs;
use std::path::Path;

use anyai_ledger_db::{Ledger, LedgerError, Report, verify_file};
use rusqlite::Connection;

use crate::fixture::{Fixture, NOW, mc, reported};

async fn closed_ledger() -> Fixture {
    let f = Fixture::new().await;
    for number in 0..3 {
        let dispatch = f.dispatch(number, mc(1_000)).await;
        f.ledger
            .settle(&dispatch, reported(mc(400)), NOW)
            .await
            .unwrap();
    }
    let _open = f.hold(9, mc(7_000)).await;
    f
}

/// Changes the file behind the ledger's back, past its triggers and checks.
fn tamper(path: &Path, sql: &str) {
    let connection = Connection::open(path).unwrap();
    connection
        .execute_batch(
            "PRAGMA ignore_check_constraints=on; DROP TRIGGER entry_no_update; \
             DROP TRIGGER entry_no_delete; DROP TRIGGER hold_final; DROP TRIGGER hold_no_delete; \
             DROP TRIGGER grant_no_delete;",
        )
        .unwrap();
    connection.execute_batch(sql).unwrap();
}

#[track_caller]
fn refused(path: &Path) -> LedgerError {
    let before = fs::read(path).unwrap();
    let error = Ledger::open(path).unwrap_err();
    assert_eq!(
        fs::read(path).unwrap(),
        before,
        "a refused file is left as it was"
    );
    assert!(error.to_string().contains("ledger"), "{error}");
    error
}

#[tokio::test]
async fn a_lying_entry_is_named() {
    let lies = [
        "UPDATE entry SET amount=amount+1 WHERE seq=3",
        "UPDATE entry SET reason='x' WHERE seq=3",
        "UPDATE entry SET at=at-1 WHERE seq=3",
        "UPDATE entry SET hash=zeroblob(32) WHERE seq=3",
        "UPDATE entry SET prev_hash=zeroblob(32) WHERE seq=3",
        "UPDATE entry SET kind='gift' WHERE seq=3",
        "UPDATE entry SET debit='held:00' WHERE seq=3",
        "DELETE FROM entry WHERE seq=3",
    ];
    for lie in lies {
        let f = closed_ledger().await;
        drop(f.ledger);
        tamper(&f.path, lie);
        let report = verify_file(&f.path).unwrap();
        assert!(!report.sound, "{lie}");
        let problem = report.first_problem.unwrap();
        assert_eq!(
            (problem.pool, problem.seq),
            (Some(f.pool), Some(3)),
            "{lie}: {problem:?}"
        );
        assert!(problem.what.contains("entry 3"), "{lie}: {problem:?}");
        let error = Ledger::open(&f.path).unwrap_err();
        assert!(
            matches!(error, LedgerError::Damaged { .. }),
            "{lie}: {error}"
        );
        assert!(error.to_string().contains("entry 3"), "{error}");
    }
}

#[tokio::test]
async fn a_lying_row_is_named() {
    let lies = [
        ("UPDATE period SET posted=posted-1", "period 0: posted"),
        ("UPDATE period SET pending=0", "period 0: pending"),
        ("UPDATE period SET granted=granted+1", "period 0: granted"),
        ("UPDATE period SET expired=1", "period 0: expired"),
        ("UPDATE period SET ends_at=ends_at+1", "period 0: range"),
        ("UPDATE grant_ SET used=used-1", "grant 1: used"),
        ("UPDATE grant_ SET held=0", "grant 1: held"),
        ("UPDATE grant_ SET amount=amount+1", "grant 1: amount"),
        (
            "UPDATE hold SET charged=charged-1 WHERE charged IS NOT NULL",
            "report",
        ),
        ("UPDATE hold SET model='cheap'", "terms"),
        ("UPDATE hold SET ceiling=1 WHERE state='held'", "terms"),
        (
            "UPDATE hold SET allocations=allocations||';1:5:0'",
            "ceiling",
        ),
        (
            "UPDATE hold SET allocations='2:'||substr(allocations,3)",
            "grant 1: ",
        ),
        ("UPDATE pool SET seq=seq-1", "pool's seq"),
        ("UPDATE pool SET head_hash=zeroblob(32)", "pool's head_hash"),
        ("UPDATE pool SET frozen=1", "pool's frozen"),
        ("UPDATE pool SET plan_amount=-1", "pool's plan"),
        (
            "UPDATE hold SET state='dispatched', charged=NULL WHERE charged IS NOT NULL",
            "state",
        ),
    ];
    for (lie, expected) in lies {
        let f = closed_ledger().await;
        drop(f.ledger);
        tamper(&f.path, lie);
        let problem = verify_file(&f.path).unwrap().first_problem.unwrap();
        assert!(problem.what.contains(expected), "{lie}: {problem:?}");
        assert!(
            matches!(Ledger::open(&f.path), Err(LedgerError::Damaged { .. })),
            "{lie}"
        );
    }
}

#[tokio::test]
async fn a_row_that_belongs_to_nothing_is_found() {
    let f = closed_ledger().await;
    drop(f.ledger);
    tamper(
        &f.path,
        "PRAGMA foreign_keys=off; INSERT INTO period VALUES(zeroblob(16),0,0,1,5,0,0,0)",
    );
    let problem = verify_file(&f.path).unwrap().first_problem.unwrap();
    assert!(problem.what.contains("period"), "{problem:?}");
}

/// What no entry speaks of is still checked: here an index that is gone, with its pages left over.
#[tokio::test]
async fn pages_that_belong_to_nothing_are_found() {
    let f = closed_ledger().await;
    drop(f.ledger);
    let remove = "PRAGMA writable_schema=on; DELETE FROM sqlite_schema WHERE name='hold_open'";
    tamper(&f.path, remove);
    let problem = verify_file(&f.path).unwrap().first_problem.unwrap();
    assert!(problem.what.contains("never used"), "{problem:?}");
    assert!(matches!(
        Ledger::open(&f.path),
        Err(LedgerError::Damaged { .. })
    ));
}

/// One bit of an entry on the disk itself, where SQLite does not look.
#[tokio::test]
async fn a_flipped_bit_on_the_disk_is_named() {
    let f = closed_ledger().await;
    drop(f.ledger);
    let connection = Connection::open(&f.path).unwrap();
    connection
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    let hash: Vec<u8> = connection
        .query_row("SELECT hash FROM entry WHERE seq=4", [], |row| row.get(0))
        .unwrap();
    drop(connection);
    let mut bytes = fs::read(&f.path).unwrap();
    let places: Vec<_> = bytes
        .windows(32)
        .enumerate()
        .filter(|(_, at)| *at == hash)
        .collect();
    let first = places[0].0;
    bytes[first] ^= 1;
    fs::write(&f.path, &bytes).unwrap();
    let Report {
        sound,
        first_problem,
        ..
    } = verify_file(&f.path).unwrap();
    assert!(!sound);
    let problem = first_problem.unwrap();
    assert!(matches!(problem.seq, Some(4 | 5)), "{problem:?}");
    assert!(matches!(refused(&f.path), LedgerError::Damaged { .. }));
}

#[tokio::test]
async fn a_newer_ledger_is_refused() {
    let f = closed_ledger().await;
    drop(f.ledger);
    let connection = Connection::open(&f.path).unwrap();
    connection.execute_batch("PRAGMA user_version=3").unwrap();
    drop(connection);
    for error in [refused(&f.path), verify_file(&f.path).unwrap_err()] {
        let LedgerError::NewerThanProgram { file, program, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!((*file, *program), (3, 2));
        assert!(error.to_string().contains("newer version"), "{error}");
    }
}

#[test]
fn what_is_not_a_ledger_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    for garbage in [
        &b"not a database, but long enough to look at"[..],
        &[0xff; 8_192],
    ] {
        fs::write(&path, garbage).unwrap();
        assert!(matches!(refused(&path), LedgerError::NotALedger { .. }));
        assert!(matches!(
            verify_file(&path),
            Err(LedgerError::NotALedger { .. })
        ));
    }
    fs::remove_file(&path).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("CREATE TABLE recipes(name TEXT)")
        .unwrap();
    drop(connection);
    assert!(matches!(refused(&path), LedgerError::NotALedger { .. }));
}

#[tokio::test]
async fn a_truncated_ledger_is_refused() {
    let f = closed_ledger().await;
    drop(f.ledger);
    let connection = Connection::open(&f.path).unwrap();
    connection
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    drop(connection);
    let whole = fs::read(&f.path).unwrap();
    for length in [whole.len() - 4_096, whole.len() / 2, 4_096, 5_000, 100, 60] {
        fs::write(&f.path, &whole[..length]).unwrap();
        let error = Ledger::open(&f.path).unwrap_err();
        let is_named = matches!(
            error,
            LedgerError::Damaged { .. } | LedgerError::NotALedger { .. }
        );
        assert!(is_named, "{length} bytes: {error:?}");
        assert_eq!(fs::read(&f.path).unwrap().len(), length, "left as it was");
    }
    fs::write(&f.path, &whole).unwrap();
    Ledger::open(&f.path).unwrap();
}

/// Making the tables was interrupted: there is nothing in the file yet, and nothing to lose.
#[tokio::test]
async fn an_empty_file_becomes_a_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    fs::write(&path, b"").unwrap();
    assert!(matches!(
        verify_file(&path),
        Err(LedgerError::NotALedger { .. })
    ));
    assert_eq!(fs::read(&path).unwrap(), b"", "verifying makes nothing");
    Ledger::open(&path).unwrap();
    let report = verify_file(&path).unwrap();
    assert_eq!((report.pools, report.entries, report.sound), (0, 0, true));
}

#[test]
fn a_path_that_cannot_be_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.db");
    let error = verify_file(&missing).unwrap_err();
    assert!(matches!(error, LedgerError::File { .. }), "{error:?}");
    assert!(!missing.exists(), "verifying makes nothing");
    let error = Ledger::open(folder.path()).unwrap_err();
    assert!(matches!(error, LedgerError::File { .. }), "{error:?}");
    let file = folder.path().join("file");
    fs::write(&file, b"x").unwrap();
    let error = Ledger::open(&file.join("ledger.db")).unwrap_err();
    assert!(matches!(error, LedgerError::File { .. }), "{error:?}");
}

/// A server may be running on the file, and its last commits may be in the log still.
#[tokio::test]
async fn a_ledger_in_use_is_verified_without_disturbing_it() {
    let f = closed_ledger().await;
    let before = f.verify();
    let _hold = f.hold(100, mc(1)).await;
    let after = f.verify();
    assert_eq!(
        after.entries,
        before.entries + 1,
        "what was committed is seen"
    );
}
