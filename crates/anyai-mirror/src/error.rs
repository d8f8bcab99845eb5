//! Why the mirror did not do what it was asked.

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// What a caller can act on.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The file was written by a newer program. It was not touched.
    #[error("{path} was written by a newer program (version {found}, this one reads {supported})")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest this program reads.
        supported: u32,
    },
    /// The file is damaged. Opening it again sets it aside and starts a new one.
    #[error("the local copy is damaged")]
    Damaged(#[source] rusqlite::Error),
    /// The disk, or the room the mirror may take, is full. Nothing was written.
    #[error("there is no room left for the local copy")]
    DiskFull(#[source] rusqlite::Error),
    /// Another process held the file for longer than the busy timeout.
    #[error("the local copy is in use by another process")]
    Busy(#[source] rusqlite::Error),
    /// The file cannot be opened, read or written.
    #[error("the local copy cannot be read or written")]
    Unavailable(#[source] rusqlite::Error),
    /// Its folder cannot be used.
    #[error("{path} cannot be used")]
    Folder {
        /// The path.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A statement of ours was refused: a fault of the program.
    #[error("the local copy refused a statement")]
    Statement(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for MirrorError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error),
            Some(ErrorCode::DiskFull) => Self::DiskFull(error),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(error),
            Some(
                ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::SystemIoFailure
                | ErrorCode::NoLargeFileSupport
                | ErrorCode::FileLockingProtocolFailed,
            ) => Self::Unavailable(error),
            Some(_) => Self::Statement(error),
            // A column that does not read back as what was written into it.
            None => match error {
                rusqlite::Error::FromSqlConversionFailure(..)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::InvalidColumnType(..)
                | rusqlite::Error::Utf8Error(..) => Self::Damaged(error),
                other => Self::Statement(other),
            },
        }
    }
}
