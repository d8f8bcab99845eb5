//! Opening the file, and setting a damaged one aside.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyai_units::UtcMillis;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::error::MirrorError;
use crate::rescue;
use crate::schema::{self, SCHEMA_VERSION};

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Files up to this size are checked whole at every opening; of larger ones only what is read.
const CHECKED_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Limits of the file.
#[derive(Clone, Copy, Debug)]
pub struct MirrorOptions {
    /// The most the file may take on the disk.
    pub bytes_max: u64,
}

impl Default for MirrorOptions {
    fn default() -> Self {
        Self {
            bytes_max: 64 * 1024 * 1024 * 1024,
        }
    }
}

/// The mirror of one studio, open for reading and writing.
#[derive(Debug)]
pub struct Mirror {
    pub(crate) connection: Connection,
    path: PathBuf,
}

/// A second connection to the same file that only reads, so that a list does not wait for a batch.
#[derive(Debug)]
pub struct Reader(Mirror);

/// An open mirror, and what happened on the way.
#[derive(Debug)]
pub struct OpenedMirror {
    /// The mirror.
    pub mirror: Mirror,
    /// The damaged file that was replaced, where there was one.
    pub set_aside: Option<SetAside>,
}

/// A damaged file that was kept beside the new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Where it is now; a note beside it says why.
    pub path: PathBuf,
    /// How many drafts were carried over.
    pub drafts: usize,
    /// How many unsent turns were carried over.
    pub unsent: usize,
}

impl Mirror {
    /// Opens the file, or makes it. A damaged one is renamed, a note is written beside it, and a
    /// new one takes over the drafts and unsent turns that can still be read.
    ///
    /// # Errors
    /// [`MirrorError::Newer`] for a newer program's file, which is left as it is; otherwise what
    /// the disk or SQLite refused.
    pub fn open(
        path: &Path,
        options: MirrorOptions,
        now: UtcMillis,
    ) -> Result<OpenedMirror, MirrorError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|source| MirrorError::Folder {
                path: folder.to_owned(),
                source,
            })?;
        }
        match Self::open_sound(path, options) {
            Ok(mirror) => Ok(OpenedMirror {
                mirror,
                set_aside: None,
            }),
            Err(MirrorError::Damaged(cause)) => {
                replace_damaged(path, options, now, &cause.to_string())
            }
            Err(error) => Err(error),
        }
    }

    fn open_sound(path: &Path, options: MirrorOptions) -> Result<Self, MirrorError> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        let found = schema::version(&connection)?;
        if found > SCHEMA_VERSION {
            return Err(MirrorError::Newer {
                path: path.to_owned(),
                found,
                supported: SCHEMA_VERSION,
            });
        }
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // The server has everything but drafts and outbox; those are flushed on their own.
        connection.pragma_update(None, "synchronous", "FULL")?;
        limit_pages(&connection, options)?;
        check(&connection, path)?;
        schema::migrate(&mut connection)?;
        Ok(Self {
            connection,
            path: path.to_owned(),
        })
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.path
    }

    /// A second connection for reading.
    ///
    /// # Errors
    /// When the file cannot be opened again.
    pub fn reader(&self) -> Result<Reader, MirrorError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        Ok(Reader(Self {
            connection,
            path: self.path.clone(),
        }))
    }

    /// A transaction that takes the write lock at once: it reads before it writes.
    pub(crate) fn write(&mut self) -> Result<Transaction<'_>, MirrorError> {
        Ok(self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?)
    }
}

impl Deref for Reader {
    type Target = Mirror;
    fn deref(&self) -> &Mirror {
        &self.0
    }
}

fn limit_pages(connection: &Connection, options: MirrorOptions) -> Result<(), MirrorError> {
    let page_bytes: u32 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    // Rounded down: the limit is never passed.
    let pages = (options.bytes_max / u64::from(page_bytes).max(1)).max(1);
    connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
    Ok(())
}

fn check(connection: &Connection, path: &Path) -> Result<(), MirrorError> {
    let bytes = fs::metadata(path).map_or(0, |metadata| metadata.len());
    if bytes > CHECKED_BYTES_MAX {
        return Ok(());
    }
    let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(MirrorError::Damaged(rusqlite::Error::SqliteFailure(
        code,
        Some(verdict),
    )))
}

fn replace_damaged(
    path: &Path,
    options: MirrorOptions,
    now: UtcMillis,
    cause: &str,
) -> Result<OpenedMirror, MirrorError> {
    let rescued = rescue::read(path);
    let aside = set_aside(path, now, cause)?;
    let mut mirror = Mirror::open_sound(path, options)?;
    let summary = SetAside {
        path: aside,
        drafts: rescued.drafts.len(),
        unsent: rescued.outbox.len(),
    };
    mirror.take_over(&rescued)?;
    Ok(OpenedMirror {
        mirror,
        set_aside: Some(summary),
    })
}

/// Renames the file and SQLite's two companions, which belong to it.
fn set_aside(path: &Path, now: UtcMillis, cause: &str) -> Result<PathBuf, MirrorError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| MirrorError::Folder { path, source }
    };
    let aside = with_suffix(path, &format!(".damaged-{}", now.millis()));
    for companion in ["", "-wal", "-shm"] {
        let from = with_suffix(path, companion);
        if from.exists() {
            fs::rename(&from, with_suffix(&aside, companion)).map_err(failed(&from))?;
        }
    }
    let note = with_suffix(&aside, ".txt");
    let text = format!(
        "Any AI Studio found this file damaged ({cause}) and made a new one from the studio \
         server's records. Drafts and unsent turns were carried over where they could be read. \
         This copy is not used any more and may be deleted.\n"
    );
    fs::write(&note, text).map_err(failed(&note))?;
    Ok(aside)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
