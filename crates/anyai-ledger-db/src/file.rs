//! The file: how a connection is set up, and what is checked before the first command.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::LedgerError;
use crate::error::classify;

/// `PRAGMA application_id`: marks the file as ours. The ASCII bytes `ANYL`.
const APPLICATION_ID: i32 = 0x414e_594c;
/// `PRAGMA user_version`: the newest format this program reads, and the one it writes.
const FORMAT: u32 = 1;
const SCHEMA: &str = include_str!("schema.sql");

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

/// Opens the file for writing, makes its tables when it is new, and refuses what is not ours.
/// Nothing is written before the file has been recognised.
pub(crate) fn open_writer(path: &Path, options: LedgerOptions) -> Result<Connection, LedgerError> {
    let at_path = |error| classify(error, path);
    make_folder(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(at_path)?;
    wait_when_busy(&connection, options).map_err(at_path)?;
    let is_new = recognise(&connection, path)? == Recognised::Empty;
    configure(&connection, options).map_err(at_path)?;
    if is_new {
        create(&mut connection, path)?;
    }
    Ok(connection)
}

/// Opens the file for reading only.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, LedgerError> {
    let at_path = |error| classify(error, path);
    std::fs::metadata(path).map_err(|source| LedgerError::File {
        path: path.to_owned(),
        source,
    })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(at_path)?;
    wait_when_busy(&connection, LedgerOptions::default()).map_err(at_path)?;
    match recognise(&connection, path)? {
        Recognised::Ledger => Ok(connection),
        Recognised::Empty => Err(LedgerError::NotALedger {
            path: path.to_owned(),
        }),
    }
}

fn make_folder(path: &Path) -> Result<(), LedgerError> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder
        .map_or(Ok(()), std::fs::create_dir_all)
        .map_err(|source| LedgerError::File {
            path: path.to_owned(),
            source,
        })
}

fn wait_when_busy(connection: &Connection, options: LedgerOptions) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_millis(u64::from(options.busy_timeout_ms)))
}

/// Durable at every commit, and never half a constraint.
fn configure(connection: &Connection, options: LedgerOptions) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
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
    Ledger,
}

fn recognise(connection: &Connection, path: &Path) -> Result<Recognised, LedgerError> {
    let at_path = |error| classify(error, path);
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let application = number("PRAGMA application_id").map_err(at_path)?;
    let format = number("PRAGMA user_version").map_err(at_path)?;
    let tables = number("SELECT count(*) FROM sqlite_schema").map_err(at_path)?;
    if application == 0 && format == 0 && tables == 0 {
        return Ok(Recognised::Empty);
    }
    let path = || PathBuf::from(path);
    let format = u32::try_from(format).unwrap_or(0);
    if application != i64::from(APPLICATION_ID) || format == 0 {
        return Err(LedgerError::NotALedger { path: path() });
    }
    if format > FORMAT {
        let (file, program) = (format, FORMAT);
        return Err(LedgerError::NewerThanProgram {
            path: path(),
            file,
            program,
        });
    }
    Ok(Recognised::Ledger)
}

/// All tables in one transaction. Another process may have made them first.
fn create(connection: &mut Connection, path: &Path) -> Result<(), LedgerError> {
    let at_path = |error| classify(error, path);
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(at_path)?;
    if recognise(&transaction, path)? == Recognised::Ledger {
        return Ok(());
    }
    transaction.execute_batch(SCHEMA).map_err(at_path)?;
    transaction
        .pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(at_path)?;
    transaction
        .pragma_update(None, "user_version", FORMAT)
        .map_err(at_path)?;
    transaction.commit().map_err(at_path)
}
