//! Offline verification, for `anyai ledger verify` and for whoever doubts.

use std::path::Path;

use crate::LedgerError;
use crate::backing::Reader;
use crate::check::{Report, VerifyOptions, check};
use crate::reads::at_one_moment;
use crate::sqlite::SqliteReader;
use crate::witness::{Nobody, Witness};

/// Reads the ledger at `path` and derives every chain, sum and balance again from its entries.
///
/// The file is opened read-only, and read as of one moment; a server may be running on it.
///
/// # Errors
/// When the file cannot be read as a ledger at all: it is missing, something else, or newer than
/// this program. A ledger that can be read and lies is an answer, not an error.
pub fn verify_file(path: &Path) -> Result<Report, LedgerError> {
    verify_file_with(path, &VerifyOptions::default())
}

/// [`verify_file`], insisting on more.
///
/// # Errors
/// As [`verify_file`].
pub fn verify_file_with(path: &Path, options: &VerifyOptions) -> Result<Report, LedgerError> {
    verify_file_before(path, options, &mut Nobody)
}

/// [`verify_file_with`], and before a witness.
///
/// # Errors
/// As [`verify_file`].
pub fn verify_file_before(
    path: &Path,
    options: &VerifyOptions,
    witness: &mut dyn Witness,
) -> Result<Report, LedgerError> {
    let mut reader = SqliteReader::open(path)?;
    at_one_moment(&mut reader, |reader| check(reader, options, witness))
        .map_err(|error| reader.explain(error))
}
