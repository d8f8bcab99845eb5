//! Files that are not what they should be: each is refused in a sentence that says why, and left
//! as it was.

use std::fs;
use std::path::Path;

use anyai_ledger_db::{Ledger, LedgerError, Report, verify_file};
use rusqlite::Connection;

use crate::fixture::{Fixture, Place, Store, mc};

/// A ledger with some turns, that nobody has open.
async fn closed_ledger() -> Place {
    crate::lies::some_turns(Store::Sqlite).await.close()
}

#[track_caller]
fn refused(path: &Path) -> LedgerError {
    let before = fs::read(path).unwrap();
    let error = Ledger::open(path).unwrap_err();
    let is_untouched = fs::read(path).unwrap() == before;
    assert!(is_untouched, "a refused file is left as it was");
    assert!(error.to_string().contains("ledger"), "{error}");
    error
}

#[tokio::test]
async fn a_row_that_belongs_to_nothing_is_found() {
    for (orphan, expected) in [
        (
            "INSERT INTO period VALUES(zeroblob(16),0,0,1,5,0,0,0)",
            "a row of period",
        ),
        (
            "UPDATE hold SET pool=zeroblob(16); UPDATE entry SET hold=NULL",
            "entry 3",
        ),
        ("UPDATE hold SET id=zeroblob(16) WHERE state='held'", "held"),
    ] {
        let place = closed_ledger().await;
        place.tamper(orphan);
        let problem = place.verify().unwrap().first_problem.unwrap();
        assert!(problem.what.contains(expected), "{problem:?}");
    }
}

/// What no entry speaks of is still checked: here an index that is gone, with its pages left over.
#[tokio::test]
async fn pages_that_belong_to_nothing_are_found() {
    let place = closed_ledger().await;
    let remove = "PRAGMA writable_schema=on; DELETE FROM sqlite_schema WHERE name='hold_open'";
    place.tamper(remove);
    let problem = verify_file(place.path()).unwrap().first_problem.unwrap();
    assert!(problem.what.contains("never used"), "{problem:?}");
    assert!(matches!(
        Ledger::open(place.path()),
        Err(LedgerError::Damaged { .. })
    ));
}

/// One bit of an entry on the disk itself, where SQLite does not look.
#[tokio::test]
async fn a_flipped_bit_on_the_disk_is_named() {
    let place = closed_ledger().await;
    let connection = Connection::open(place.path()).unwrap();
    connection
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    let hash: Vec<u8> = connection
        .query_row("SELECT hash FROM entry WHERE seq=4", [], |row| row.get(0))
        .unwrap();
    drop(connection);
    let mut bytes = fs::read(place.path()).unwrap();
    let places: Vec<_> = bytes
        .windows(32)
        .enumerate()
        .filter(|(_, at)| *at == hash)
        .collect();
    let first = places[0].0;
    bytes[first] ^= 1;
    fs::write(place.path(), &bytes).unwrap();
    let Report {
        sound,
        first_problem,
        ..
    } = verify_file(place.path()).unwrap();
    assert!(!sound);
    let problem = first_problem.unwrap();
    assert!(matches!(problem.seq, Some(4 | 5)), "{problem:?}");
    assert!(matches!(refused(place.path()), LedgerError::Damaged { .. }));
}

#[tokio::test]
async fn a_newer_ledger_is_refused() {
    let place = closed_ledger().await;
    let connection = Connection::open(place.path()).unwrap();
    // The ledger's reader may still be on its way out: then nobody has put the log into the file yet.
    let newer = "PRAGMA user_version=5; PRAGMA wal_checkpoint(TRUNCATE)";
    connection.execute_batch(newer).unwrap();
    drop(connection);
    for error in [
        refused(place.path()),
        verify_file(place.path()).unwrap_err(),
    ] {
        let LedgerError::NewerThanProgram { file, program, .. } = &error else {
            panic!("{error}")
        };
        assert_eq!((*file, *program), (5, 4));
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
    let ours = i64::from(u32::from_be_bytes(*b"ANYL"));
    for (application, format, tables) in [
        (0, 0, "CREATE TABLE recipes(name TEXT)"),
        (0, 2, ""),
        (7, 0, ""),
        (7, 2, "CREATE TABLE recipes(name TEXT)"),
        (ours, 0, ""),
        (ours, 0, "CREATE TABLE recipes(name TEXT)"),
    ] {
        fs::remove_file(&path).unwrap();
        let marks = format!("PRAGMA application_id={application}; PRAGMA user_version={format}");
        let connection = Connection::open(&path).unwrap();
        connection
            .execute_batch(&format!("{marks}; {tables}"))
            .unwrap();
        drop(connection);
        let before = fs::read(&path).unwrap();
        let error = refused(&path);
        let is_named = matches!(error, LedgerError::NotALedger { .. });
        assert!(is_named, "{marks} {tables}: {error}");
        assert_eq!(fs::read(&path).unwrap(), before, "left as it was");
    }
}

#[tokio::test]
async fn a_truncated_ledger_is_refused() {
    let place = closed_ledger().await;
    let connection = Connection::open(place.path()).unwrap();
    connection
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    drop(connection);
    let whole = fs::read(place.path()).unwrap();
    for length in [whole.len() - 4_096, whole.len() / 2, 4_096, 5_000, 100, 60] {
        fs::write(place.path(), &whole[..length]).unwrap();
        let error = Ledger::open(place.path()).unwrap_err();
        let is_named = matches!(
            error,
            LedgerError::Damaged { .. } | LedgerError::NotALedger { .. }
        );
        assert!(is_named, "{length} bytes: {error:?}");
        assert_eq!(
            fs::read(place.path()).unwrap().len(),
            length,
            "left as it was"
        );
    }
    fs::write(place.path(), &whole).unwrap();
    Ledger::open(place.path()).unwrap();
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
    let f = Fixture::on_file().await;
    let before = f.verify();
    let _hold = f.hold(100, mc(1)).await;
    let after = f.verify();
    assert_eq!(
        after.entries,
        before.entries + 1,
        "what was committed is seen"
    );
}
