//! The ledger's store on SQLite: one writer thread, hash-chained entries, and the two types a
//! provider call needs, [`CommittedHold`] and [`Dispatch`].

mod error;
mod ledger;
mod tokens;
mod verify;

pub use error::LedgerError;
pub use ledger::{Changes, Expired, Held, Ledger};
pub use tokens::{CommittedHold, Dispatch, OpenHold};
pub use verify::{Problem, Report, verify_file};
