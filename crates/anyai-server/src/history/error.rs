//! What can go wrong with the history's file, each with what it means for the caller.

use std::sync::Arc;

/// Why the history could not be read or written. Whatever the variant, the file holds either all
/// of the change or nothing of it.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum HistoryError {
    /// The disk is full; nothing before it was lost.
    #[error("the disk is full: the history could not store this, and changed nothing")]
    DiskFull,
    /// Another process kept the file locked for longer than the busy timeout.
    #[error("another process is using the history; nothing was changed")]
    Busy,
    /// The file's contents contradict each other.
    #[error("the history is damaged: {problem}")]
    Damaged {
        /// The first contradiction.
        problem: String,
    },
    /// SQLite reported something else.
    #[error("the history's database: {0}")]
    Database(Arc<rusqlite::Error>),
    /// The store was closed.
    #[error("the history is closed")]
    Closed,
}

impl HistoryError {
    pub(crate) fn damaged(problem: impl Into<String>) -> Self {
        Self::Damaged {
            problem: problem.into(),
        }
    }
}

impl From<rusqlite::Error> for HistoryError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as C;
        match error.sqlite_error_code() {
            Some(C::DiskFull) => Self::DiskFull,
            Some(C::DatabaseBusy | C::DatabaseLocked) => Self::Busy,
            Some(C::DatabaseCorrupt | C::NotADatabase) => Self::damaged(error.to_string()),
            _ => Self::Database(Arc::new(error)),
        }
    }
}
