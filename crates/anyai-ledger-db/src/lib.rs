//! The ledger's store on SQLite: one writer thread, hash-chained entries, and the two types a
//! provider call needs, [`CommittedHold`] and [`Dispatch`].

mod check;
mod error;
mod file;
mod ledger;
mod rows;
mod sqlite;
mod tokens;
mod verify;
mod writer;

pub use check::{Problem, Report};
pub use error::LedgerError;
pub use file::LedgerOptions;
pub use ledger::{Changes, Expired, Held, Ledger};
pub use tokens::{CommittedHold, Dispatch, OpenHold};
pub use verify::verify_file;
