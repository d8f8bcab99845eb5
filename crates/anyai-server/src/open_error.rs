//! Why a studio cannot be opened, as a sentence with the file concerned and a code a screen words.

use std::path::{Path, PathBuf};

use anyai_ledger_db::LedgerError;
use anyai_units::UtcMillis;
use anyai_wire::{Code, Detail, WireError};

use crate::history::HistoryError;
use crate::turns::NotFinished;

/// Why a studio cannot be opened. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another program has the studio open.
    #[error("the studio in {folder} is open in another program; close that first")]
    InUse {
        /// The data folder.
        folder: PathBuf,
    },
    /// The disk is full.
    #[error("the disk is full: {path} could not be written")]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// A file was written by a newer program.
    #[error("{path} was written by a newer version of this program; nothing was changed")]
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// A history was written by an older program, and is only to be read here.
    #[error("{path} has the older format {format}; its server brings it up to date when it starts")]
    Older {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: i32,
    },
    /// A file is damaged.
    #[error("{path} is damaged: {problem}; nothing was changed")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The ledger is there and its history is not.
    #[error(
        "{path} is missing beside {ledger}, which cannot be used without it; put the file back \
         from a backup, or move the whole folder away to start anew; nothing was changed"
    )]
    HistoryMissing {
        /// The file that is missing.
        path: PathBuf,
        /// The ledger it belongs to.
        ledger: PathBuf,
    },
    /// The history is that of another ledger.
    #[error(
        "{path} and {ledger} do not belong together; put both files back from one backup, or move \
         the whole folder away to start anew; nothing was changed"
    )]
    HistoryForeign {
        /// The history.
        path: PathBuf,
        /// The ledger beside it.
        ledger: PathBuf,
    },
    /// Another studio keeps its files in the same place: each would remove the other's.
    #[error(
        "another studio keeps its pictures, clips and documents in this bucket; give each studio a \
         prefix of its own, like s3://bucket/studio; nothing was changed"
    )]
    AssetsForeign,
    /// A file cannot be opened or written.
    #[error("{path} cannot be used: {reason}")]
    Unavailable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The database that keeps the ledger cannot be used.
    #[error("{problem}")]
    Database {
        /// What it said; never a password.
        problem: String,
    },
    /// The clock of this computer is not that of the database that servers share.
    #[error(
        "this computer's clock is {} that of the ledger's database, and months begin by it: set the one \
         that is wrong, and start again; nothing was changed",
        apart(.here, .there)
    )]
    ClockWrong {
        /// What time it is here.
        here: UtcMillis,
        /// What time it is by the database.
        there: UtcMillis,
    },
    /// The plan for a new pool is in no catalogue.
    #[error("there is no plan {plan_id:?}")]
    PlanUnknown {
        /// The plan.
        plan_id: String,
    },
    /// Something the program carries with it does not load: a vocabulary, TLS roots, randomness.
    #[error("this program cannot start: {what}")]
    Broken {
        /// What does not load.
        what: String,
    },
}

impl OpenError {
    /// What a program acts on.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::InUse { .. }
            | Self::Unavailable { .. }
            | Self::Older { .. }
            | Self::Database { .. }
            | Self::AssetsForeign
            | Self::ClockWrong { .. } => Code::DataUnavailable,
            Self::DiskFull { .. } => Code::DiskFull,
            Self::Newer { .. } => Code::DataNewer,
            Self::Damaged { .. } | Self::HistoryMissing { .. } | Self::HistoryForeign { .. } => {
                Code::DataDamaged
            }
            Self::PlanUnknown { .. } => Code::PlanUnknown,
            Self::Broken { .. } => Code::Internal,
        }
    }

    /// The file or folder concerned.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::InUse { folder } => Some(folder),
            Self::DiskFull { path }
            | Self::Newer { path }
            | Self::Older { path, .. }
            | Self::Damaged { path, .. }
            | Self::HistoryMissing { path, .. }
            | Self::HistoryForeign { path, .. }
            | Self::Unavailable { path, .. } => Some(path),
            Self::PlanUnknown { .. }
            | Self::Broken { .. }
            | Self::Database { .. }
            | Self::AssetsForeign
            | Self::ClockWrong { .. } => None,
        }
    }

    pub(crate) fn from_history(error: HistoryError, path: PathBuf) -> Self {
        match error {
            HistoryError::Damaged { problem } => Self::Damaged { path, problem },
            HistoryError::DiskFull => Self::DiskFull { path },
            other => Self::Unavailable {
                path,
                reason: other.to_string(),
            },
        }
    }

    pub(crate) fn from_io(error: std::io::Error, path: &Path) -> Self {
        let path = path.to_owned();
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { path }
            }
            _ => Self::Unavailable {
                path,
                reason: error.to_string(),
            },
        }
    }

    pub(crate) fn from_reconciler(error: NotFinished, ledger: &Path, history: &Path) -> Self {
        match error {
            NotFinished::History(error) => Self::from_history(error, history.to_owned()),
            NotFinished::Ledger(error) => Self::from_ledger(error, ledger.to_owned()),
        }
    }

    pub(crate) fn from_ledger(error: LedgerError, path: PathBuf) -> Self {
        match error {
            LedgerError::NewerThanProgram { .. } => Self::Newer { path },
            LedgerError::Damaged { problem, .. } => Self::Damaged { path, problem },
            LedgerError::DiskFull => Self::DiskFull { path },
            other => Self::Unavailable {
                path,
                reason: other.to_string(),
            },
        }
    }
}

/// Rounded down: at least so many seconds.
fn apart(here: &UtcMillis, there: &UtcMillis) -> String {
    let seconds = here.millis().abs_diff(there.millis()) / 1_000;
    match here > there {
        true => format!("{seconds} seconds ahead of"),
        false => format!("{seconds} seconds behind"),
    }
}

impl From<&OpenError> for WireError {
    fn from(error: &OpenError) -> Self {
        let wire = Self::new(error.code(), error.to_string());
        match error.path() {
            Some(path) => wire.with_detail(Detail::File {
                path: path.display().to_string(),
            }),
            None => wire,
        }
    }
}
