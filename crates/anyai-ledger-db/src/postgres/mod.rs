//! The ledger on PostgreSQL 15 or newer.
//!
//! Several programs may write one ledger. A batch locks the rows of its pools, in the order of their
//! ids, and reads what it needs behind the locks; so each pool has one writer at a time, and the
//! database's own queue hands it on, batch by batch. Nothing is remembered from one batch to the next.
//!
//! A batch is three round trips: lock and read, write, commit; one statement reads everything and one
//! writes it. The answer to a commit can be lost with the connection, so each writer has a row that says
//! which batch it committed last.

mod address;
mod fault;
mod fields;
mod heads;
mod load;
mod reader;
mod session;
mod sums;
mod table;
mod tables;
#[cfg(test)]
mod tests;
mod tls;
mod turns;
mod write;
mod writing;

use std::ops::Range;

use anyai_ledger::Statement;
use anyai_units::{PoolId, UtcMillis};

use crate::asked::Asked;
use crate::backing::Reader;
use crate::check::{Report, VerifyOptions, check, require_sound};
use crate::price_cards::require_same;
use crate::reads::at_one_moment;
use crate::statement::all_statements;
use crate::witness::{Nobody, Witness};
use crate::{Ledger, LedgerError, PriceCard};

use address::Address;
use session::Session;
use writing::PostgresBacking;

/// How a ledger on PostgreSQL is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostgresOptions {
    /// How many connections write: as many as there are processors, from 2 to 8, if nobody says. A
    /// pool's commands always go through the same one, so more of them help many pools, not one; too
    /// many make small batches.
    pub lanes: usize,
    /// How long a lost connection is tried again before whoever waits is told. The server keeps the
    /// lock of a session that stands still for ten seconds.
    pub patience_ms: u32,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            lanes: std::thread::available_parallelism().map_or(2, |lanes| lanes.get().clamp(2, 8)),
            patience_ms: 15_000,
        }
    }
}

impl Ledger {
    /// Opens the ledger in the database with this address, `postgresql://user@host/database`, or
    /// makes its tables, checks all of it, and starts its threads.
    ///
    /// # Errors
    /// [`LedgerError::Address`], [`LedgerError::Disconnected`], [`LedgerError::NewerThanProgram`],
    /// [`LedgerError::NotALedger`] and [`LedgerError::Damaged`].
    pub fn open_postgres(address: &str, options: PostgresOptions) -> Result<Self, LedgerError> {
        let address = Address::parse(address)?;
        on_own_thread(|| {
            let mut reader = Session::new(address.clone(), options)?;
            reader.make_tables()?;
            let lanes = 0..options.lanes.max(1);
            let backings = lanes.map(|_| PostgresBacking::new(address.clone(), options));
            let backings = backings.collect::<Result<Vec<_>, _>>()?;
            let place = address.place().to_owned();
            let ledger = Self::start(backings, Box::new(Asked(reader)), place)?;
            heads::watch(ledger.watchers(), Session::new(address, options)?)?;
            Ok(ledger)
        })
    }
}

/// [`crate::verify_file`] for a ledger on PostgreSQL.
///
/// # Errors
/// When the database cannot be read as a ledger at all. A ledger that can be read and lies is an
/// answer, not an error.
pub fn verify_postgres(address: &str) -> Result<Report, LedgerError> {
    verify_postgres_with(address, &VerifyOptions::default())
}

/// [`verify_postgres`], insisting on more.
///
/// # Errors
/// As [`verify_postgres`].
pub fn verify_postgres_with(address: &str, options: &VerifyOptions) -> Result<Report, LedgerError> {
    verify_postgres_before(address, options, &mut Nobody)
}

/// [`verify_postgres_with`], and before a witness.
///
/// # Errors
/// As [`verify_postgres`].
pub fn verify_postgres_before(
    address: &str,
    options: &VerifyOptions,
    witness: &mut dyn Witness,
) -> Result<Report, LedgerError> {
    read_postgres(address, |reader| check(reader, options, witness))
}

/// [`crate::statements_in_file`] for a ledger on PostgreSQL.
///
/// # Errors
/// As [`crate::statements_in_file`].
pub fn statements_in_postgres(
    address: &str,
    pool: Option<PoolId>,
    begins: &Range<UtcMillis>,
    now: UtcMillis,
) -> Result<Vec<Statement>, LedgerError> {
    let place = Address::parse(address)?.place().to_owned();
    read_postgres(address, |reader| {
        require_sound(reader, &place)?;
        all_statements(reader, pool, begins, now)
    })
}

/// [`crate::keep_price_card_in_file`] for a ledger on PostgreSQL.
///
/// # Errors
/// As [`crate::keep_price_card_in_file`].
pub fn keep_price_card_in_postgres(address: &str, card: &PriceCard) -> Result<(), LedgerError> {
    let address = Address::parse(address)?;
    on_own_thread(|| {
        let mut session = Session::new(address, PostgresOptions::default())?;
        session.make_tables()?;
        session.keep(card)?;
        let kept = Asked(session).price_card(card.version)?;
        require_same(kept.as_ref(), card)
    })
}

/// Reads a ledger that no server of this program has open.
fn read_postgres<T: Send>(
    address: &str,
    read: impl FnOnce(&mut dyn Reader) -> Result<T, LedgerError> + Send,
) -> Result<T, LedgerError> {
    let address = Address::parse(address)?;
    on_own_thread(|| {
        let mut reader = Session::new(address, PostgresOptions::default())?;
        reader.require_tables()?;
        let mut reader = Asked(reader);
        at_one_moment(&mut reader, read).map_err(|error| reader.explain(error))
    })
}

/// Runs on a thread that has no runtime yet: a session brings its own.
fn on_own_thread<T: Send>(
    work: impl FnOnce() -> Result<T, LedgerError> + Send,
) -> Result<T, LedgerError> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().name("ledger-open".to_owned());
        let thread = thread.spawn_scoped(scope, work);
        let thread = thread.map_err(|source| LedgerError::File {
            place: "PostgreSQL".to_owned(),
            source,
        })?;
        thread.join().map_err(|_| LedgerError::Closed)?
    })
}
