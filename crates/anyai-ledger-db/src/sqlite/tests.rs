//! The guards of SQLite's writes, and the names of its errors.

use anyai_ledger::Changes;
use rusqlite::ffi;
use tempfile::TempDir;

use super::SqliteBacking;
use crate::backing::tests::{Shelf, guards_hold_on};
use crate::{LedgerError, LedgerOptions};

struct File {
    _folder: TempDir,
    backing: SqliteBacking,
}

guards_hold_on!(File);

impl Shelf for File {
    type Backing = SqliteBacking;

    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let backing = SqliteBacking::open(&path, LedgerOptions::default()).unwrap();
        Self {
            _folder: folder,
            backing,
        }
    }

    fn backing(&mut self) -> &mut SqliteBacking {
        &mut self.backing
    }

    fn unguard(&mut self) {
        self.execute(
            "PRAGMA ignore_check_constraints=on; PRAGMA foreign_keys=off; \
             DROP TRIGGER hold_final; DROP TRIGGER entry_no_update;",
        );
    }

    fn execute(&mut self, sql: &str) {
        self.backing.connection.execute_batch(sql).unwrap();
    }

    fn is_made_twice(_: &Changes, error: &LedgerError) -> bool {
        let LedgerError::Database(error) = error else {
            return false;
        };
        error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation)
    }
}

/// What the driver calls a busy or damaged file gets the name that tells the caller what to do.
#[test]
fn errors_are_named_for_the_caller() {
    let named = |code| {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        crate::error::classify(error, std::path::Path::new("l.db"))
    };
    assert!(matches!(named(ffi::SQLITE_FULL), LedgerError::DiskFull));
    assert!(matches!(named(ffi::SQLITE_BUSY), LedgerError::Busy));
    assert!(matches!(named(ffi::SQLITE_LOCKED), LedgerError::Busy));
    let named_damaged = named(ffi::SQLITE_CORRUPT);
    assert!(matches!(named_damaged, LedgerError::Damaged { .. }));
    let named_other = named(ffi::SQLITE_NOTADB);
    assert!(matches!(named_other, LedgerError::NotALedger { .. }));
    for code in [ffi::SQLITE_CANTOPEN, ffi::SQLITE_PERM, ffi::SQLITE_READONLY] {
        assert!(matches!(named(code), LedgerError::File { .. }), "{code}");
    }
    let named_guard = named(ffi::SQLITE_CONSTRAINT);
    assert!(matches!(named_guard, LedgerError::GuardBroken { .. }));
    assert!(matches!(named(ffi::SQLITE_IOERR), LedgerError::Database(_)));
}
