//! The file: how a connection is set up, and what is checked before the first command.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use tempfile::TempDir;

use super::migrate::migrate_from;
use crate::LedgerError;
use crate::error::classify;

/// `PRAGMA application_id`: marks the file as ours. The ASCII bytes `ANYL`.
const APPLICATION_ID: i32 = 0x414e_594c;
/// `PRAGMA user_version`: the newest format this program reads, and the one it writes.
const FORMAT: u32 = 4;
pub(super) const SCHEMA: &str = concat!(
    include_str!("schema.sql"),
    include_str!("price_card.sql"),
    include_str!("dense.sql")
);

/// Limits of an open ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerOptions {
    /// How long a command waits while another process writes.
    pub busy_timeout_ms: u32,
    /// The largest the file may grow; `None` for what the disk has.
    pub max_file_bytes: Option<u64>,
}

impl Default for LedgerOptions {
    fn default() -> Self {
        Self {
            busy_timeout_ms: 5_000,
            max_file_bytes: None,
        }
    }
}

/// How long a start waits before it looks again whether the file is free.
const RETRY: Duration = Duration::from_millis(10);

/// Opens the file for writing, makes its tables when it is new, and refuses what is not ours.
/// Nothing is written before the file has been recognised.
///
/// SQLite does not wait for its locks while the journal of a new file is being switched, so when
/// several programs make one ledger at once, all but one begin again.
pub(crate) fn open_writer(path: &Path, options: LedgerOptions) -> Result<Connection, LedgerError> {
    make_folder(path)?;
    let started = Instant::now();
    let patience = Duration::from_millis(u64::from(options.busy_timeout_ms));
    loop {
        match try_open_writer(path, options) {
            Err(LedgerError::Busy) if started.elapsed() < patience => std::thread::sleep(RETRY),
            answer => return answer,
        }
    }
}

fn try_open_writer(path: &Path, options: LedgerOptions) -> Result<Connection, LedgerError> {
    let at_path = |error| classify(error, path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        .union(OpenFlags::SQLITE_OPEN_CREATE)
        .union(OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let mut connection = Connection::open_with_flags(path, flags).map_err(at_path)?;
    wait_when_busy(&connection, options).map_err(at_path)?;
    let found = recognise(&connection, path)?;
    configure(&connection, options).map_err(at_path)?;
    if found != Recognised::Ledger {
        make(&mut connection, path)?;
    }
    connection
        .pragma_update(None, "foreign_keys", true)
        .map_err(at_path)?;
    Ok(connection)
}

/// A connection that reads, and the copy it reads from when the file is of an older format.
pub(crate) struct Opened {
    pub(crate) connection: Connection,
    pub(crate) _copy: Option<TempDir>,
}

/// Opens the file for reading only.
pub(crate) fn open_reader(path: &Path) -> Result<Opened, LedgerError> {
    let connection = open_read_only(path)?;
    let _copy = None;
    match recognise(&connection, path)? {
        Recognised::Ledger => Ok(Opened { connection, _copy }),
        Recognised::Older(_) => read_copy(&connection, path),
        Recognised::Empty => Err(LedgerError::NotALedger {
            place: path.display().to_string(),
        }),
    }
}

/// Reads a file of an older format from a copy in today's: the file itself is left as it is.
fn read_copy(connection: &Connection, path: &Path) -> Result<Opened, LedgerError> {
    let folder = tempfile::tempdir().map_err(|source| LedgerError::File {
        place: path.display().to_string(),
        source,
    })?;
    let copy = folder.path().join("ledger.db");
    connection
        .execute("VACUUM INTO ?", [copy.to_string_lossy()])
        .map_err(|error| classify(error, path))?;
    drop(open_writer(&copy, LedgerOptions::default())?);
    Ok(Opened {
        connection: open_read_only(&copy)?,
        _copy: Some(folder),
    })
}

/// A second connection to a file that this program writes. It changes nothing, but may be the last to
/// close, and whoever closes last folds the write-ahead log into the file.
pub(crate) fn open_beside_writer(path: &Path) -> Result<Opened, LedgerError> {
    let at_path = |error| classify(error, path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let connection = Connection::open_with_flags(path, flags).map_err(at_path)?;
    wait_when_busy(&connection, LedgerOptions::default()).map_err(at_path)?;
    connection
        .pragma_update(None, "query_only", true)
        .map_err(at_path)?;
    let _copy = None;
    Ok(Opened { connection, _copy })
}

fn open_read_only(path: &Path) -> Result<Connection, LedgerError> {
    let at_path = |error| classify(error, path);
    std::fs::metadata(path).map_err(|source| LedgerError::File {
        place: path.display().to_string(),
        source,
    })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);
    let connection = Connection::open_with_flags(path, flags).map_err(at_path)?;
    wait_when_busy(&connection, LedgerOptions::default()).map_err(at_path)?;
    Ok(connection)
}

fn make_folder(path: &Path) -> Result<(), LedgerError> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder
        .map_or(Ok(()), std::fs::create_dir_all)
        .map_err(|source| LedgerError::File {
            place: path.display().to_string(),
            source,
        })
}

fn wait_when_busy(connection: &Connection, options: LedgerOptions) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_millis(u64::from(options.busy_timeout_ms)))
}

/// Durable at every commit. Foreign keys are minded once the tables are made.
fn configure(connection: &Connection, options: LedgerOptions) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    // What a savepoint would undo is kept in memory; of a full batch it would go through a file.
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // Without it, statements over the tables with partial indexes are compiled anew each time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(64);
    if let Some(max_file_bytes) = options.max_file_bytes {
        let page_bytes: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        // Rounded down: the file stays within the limit.
        let max_pages = max_file_bytes
            .checked_div(u64::from(page_bytes))
            .unwrap_or(1)
            .max(1);
        connection.pragma_update_and_check(
            None,
            "max_page_count",
            max_pages.to_string(),
            |_| Ok(()),
        )?;
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Recognised {
    /// A new file, or one whose making was interrupted before anything was in it.
    Empty,
    /// Of this older format.
    Older(u32),
    Ledger,
}

/// What the file is, as of one moment: while another process makes the tables, its marks must not
/// be seen one by one.
fn recognise(connection: &Connection, path: &Path) -> Result<Recognised, LedgerError> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Deferred)
        .map_err(|error| classify(error, path))?;
    recognise_in(&transaction, path)
}

fn recognise_in(transaction: &Transaction<'_>, path: &Path) -> Result<Recognised, LedgerError> {
    let number = |sql: &str| {
        let found = transaction.query_row(sql, [], |row| row.get::<_, i64>(0));
        found.map_err(|error| classify(error, path))
    };
    let application = number("PRAGMA application_id")?;
    let format = number("PRAGMA user_version")?;
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    if application == 0 && format == 0 && tables == 0 {
        return Ok(Recognised::Empty);
    }
    let place = path.display().to_string();
    let format = u32::try_from(format).unwrap_or(0);
    if application != i64::from(APPLICATION_ID) || format == 0 {
        return Err(LedgerError::NotALedger { place });
    }
    if format > FORMAT {
        return Err(LedgerError::NewerThanProgram {
            place,
            file: format,
            program: FORMAT,
        });
    }
    if format < FORMAT {
        return Ok(Recognised::Older(format));
    }
    Ok(Recognised::Ledger)
}

/// All tables in one transaction. Another process may have made them first.
fn make(connection: &mut Connection, path: &Path) -> Result<(), LedgerError> {
    let at_path = |error| classify(error, path);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(at_path)?;
    let made = match recognise_in(&transaction, path)? {
        Recognised::Ledger => return Ok(()),
        Recognised::Older(format) => migrate_from(format, &transaction),
        Recognised::Empty => transaction.execute_batch(SCHEMA),
    };
    made.map_err(at_path)?;
    transaction
        .pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(at_path)?;
    transaction
        .pragma_update(None, "user_version", FORMAT)
        .map_err(at_path)?;
    transaction.commit().map_err(at_path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Settings of a connection, which nobody can see from outside.
    #[test]
    fn a_writer_is_durable_and_strict() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let options = LedgerOptions {
            busy_timeout_ms: 1_234,
            ..LedgerOptions::default()
        };
        let connection = open_writer(&path, options).unwrap();
        let pragma = |name: &str| -> i64 {
            connection
                .pragma_query_value(None, name, |row| row.get(0))
                .unwrap()
        };
        assert_eq!(pragma("synchronous"), 2, "FULL: a commit is on the disk");
        assert_eq!(pragma("temp_store"), 2, "MEMORY: no files beside it");
        assert_eq!(pragma("foreign_keys"), 1);
        assert_eq!(pragma("busy_timeout"), 1_234);
        assert_eq!(pragma("application_id"), i64::from(APPLICATION_ID));
        assert_eq!(pragma("user_version"), i64::from(FORMAT));
    }

    /// Somebody reads the new file just then: the start waits, and not for ever.
    #[test]
    fn a_new_file_is_made_once_it_is_free_and_not_waited_for_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let reader = Connection::open(&path).unwrap();
        let look = "BEGIN; SELECT count(*) FROM sqlite_schema";
        reader.execute_batch(look).unwrap();
        let options = LedgerOptions {
            busy_timeout_ms: 50,
            ..LedgerOptions::default()
        };
        let busy = open_writer(&path, options);
        assert!(matches!(busy, Err(LedgerError::Busy)), "{busy:?}");
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| open_writer(&path, LedgerOptions::default()));
            std::thread::sleep(Duration::from_millis(200));
            reader.execute_batch("COMMIT").unwrap();
            writer.join().unwrap().unwrap();
        });
    }

    #[test]
    fn a_reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        drop(open_writer(&path, LedgerOptions::default()).unwrap());
        let reader = open_reader(&path).unwrap().connection;
        let error = reader.execute("DELETE FROM pool", []).unwrap_err();
        assert_eq!(
            error.sqlite_error_code(),
            Some(rusqlite::ErrorCode::ReadOnly)
        );
    }
}
