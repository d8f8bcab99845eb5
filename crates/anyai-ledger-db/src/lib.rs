//! The ledger's store on SQLite: one writer thread, hash-chained entries, and the two types a
//! provider call needs, [`CommittedHold`] and [`Dispatch`].
//!
//! A paid turn, from the ledger's side:
//!
//! ```no_run
//! # use anyai_ledger::{CostReport, HoldRequest};
//! # use anyai_ledger_db::{Dispatch, Held, Ledger, LedgerError};
//! # use anyai_units::UtcMillis;
//! # async fn call_provider(_permission: &Dispatch) -> CostReport { unimplemented!() }
//! # async fn turn(request: HoldRequest, now: UtcMillis) -> Result<(), LedgerError> {
//! let ledger = Ledger::open(std::path::Path::new("ledger.sqlite"))?;
//! if let Held::New(hold) = ledger.hold(request, now).await? {
//!     let dispatch = ledger.dispatch(hold, None, now).await?;
//!     let report = call_provider(&dispatch).await;
//!     ledger.settle(&dispatch, report, now).await?;
//! }
//! # Ok(())
//! # }
//! ```

mod asked;
mod backing;
mod check;
mod checkpoints;
mod columns;
mod engine;
mod error;
mod export;
mod feed;
mod holds;
mod ledger;
mod pools;
mod postgres;
mod price_cards;
mod reads;
mod rows;
mod sqlite;
mod statement;
mod text;
mod tokens;
mod verify;
mod watchers;
mod witness;

pub use check::{Problem, Report, SignedPool, VerifyOptions};
pub use checkpoints::{CheckpointKey, CheckpointPolicy};
pub use error::LedgerError;
pub use export::{write_statement_csv, write_statement_json};
pub use feed::{Changes, Overruns};
pub use holds::{Expired, Held, Sent};
pub use ledger::Ledger;
pub use pools::Removed;
pub use postgres::{
    PostgresOptions, keep_price_card_in_postgres, statements_in_postgres, verify_postgres,
    verify_postgres_before, verify_postgres_with,
};
pub use price_cards::{PriceCard, keep_price_card_in_file};
pub use sqlite::LedgerOptions;
pub use statement::statements_in_file;
pub use tokens::{CommittedHold, Dispatch, HoldRef, OpenHold};
pub use verify::{verify_file, verify_file_before, verify_file_with};
pub use witness::Witness;
