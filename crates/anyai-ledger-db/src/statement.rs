//! A period's rows, gathered for its statement.

use std::ops::Range;
use std::path::Path;

use anyai_ledger::{
    Account, Entry, HoldRecord, Period, Refusal, Statement, StatementRows, statement,
};
use anyai_units::{PoolId, UtcMillis};

use crate::backing::Reader;
use crate::reads::at_one_moment;
use crate::sqlite::SqliteReader;
use crate::{Ledger, LedgerError};

/// How many entries are read at a time.
const PAGE: u32 = 4_096;

impl Ledger {
    /// The statement of the period `no`, as of the pool's last command; `None` when the pool was not
    /// used in it.
    ///
    /// # Errors
    /// Refused when there is no such pool, and when its rows do not add up to each other.
    pub async fn statement(&self, pool: PoolId, no: u32) -> Result<Option<Statement>, LedgerError> {
        self.reads
            .read(move |reader| match reader.period(pool, no)? {
                Some(period) => gather(reader, &period).map(Some),
                None => Ok(None),
            })
            .await
    }
}

/// Every pool's statement, or one pool's, of the period that begins in the span; read from the file at
/// `path` without a server. The file is opened read-only.
///
/// # Errors
/// When the file cannot be read as a ledger, and when a pool's rows do not add up to each other.
pub fn statements_in_file(
    path: &Path,
    pool: Option<PoolId>,
    begins: &Range<UtcMillis>,
) -> Result<Vec<Statement>, LedgerError> {
    let mut reader = SqliteReader::open(path)?;
    at_one_moment(&mut reader, |reader| all_statements(reader, pool, begins))
        .map_err(|error| reader.explain(error))
}

pub(crate) fn all_statements(
    reader: &mut dyn Reader,
    only: Option<PoolId>,
    begins: &Range<UtcMillis>,
) -> Result<Vec<Statement>, LedgerError> {
    let mut statements = Vec::new();
    for pool in reader.pools()? {
        if only.is_some_and(|only| only != pool.id) {
            continue;
        }
        for period in reader.periods(pool.id)? {
            if begins.contains(&period.bounds.starts_at) {
                statements.push(gather(reader, &period)?);
            }
        }
    }
    Ok(statements)
}

fn gather(reader: &mut dyn Reader, period: &Period) -> Result<Statement, LedgerError> {
    let id = period.pool;
    let pool = reader.pool(id)?.ok_or(Refusal::UnknownPool { pool: id })?;
    let first = first_at(reader, id, pool.seq, period.bounds.starts_at)?;
    let (entries, holds) = touching(reader, period, first)?;
    let grants = reader.all_grants(id)?;
    let checkpoint = reader.checkpoints(id)?.pop();
    Ok(statement(&StatementRows {
        pool: &pool,
        period,
        entries: &entries,
        grants: &grants,
        holds: &holds,
        checkpoint,
    })?)
}

/// The first entry at `at` or later: entries are dated in their order.
fn first_at(
    reader: &mut dyn Reader,
    pool: PoolId,
    last: u64,
    at: UtcMillis,
) -> Result<u64, LedgerError> {
    let (mut low, mut high) = (1, last.saturating_add(1));
    while low < high {
        let middle = low.midpoint(high);
        let entry = reader.entry(pool, middle)?;
        let is_before = entry
            .ok_or(Refusal::BooksDisagree { pool })
            .map(|entry| entry.at < at)?;
        if is_before {
            low = middle.saturating_add(1);
        } else {
            high = middle;
        }
    }
    Ok(low)
}

/// The entries from `first` that touch the period, and the holds that count in it.
fn touching(
    reader: &mut dyn Reader,
    period: &Period,
    first: u64,
) -> Result<(Vec<Entry>, Vec<HoldRecord>), LedgerError> {
    let (pool, no) = (period.pool, period.bounds.no);
    let is_in = |account| matches!(account, Account::Available(n) | Account::Held(n) if n == no);
    let (mut entries, mut holds) = (Vec::new(), Vec::new());
    let mut read = first.saturating_sub(1);
    loop {
        let page = reader.entries(pool, read, PAGE)?;
        let (Some(from), Some(to)) = (page.first(), page.last()) else {
            return Ok((entries, holds));
        };
        let placed = reader.holds_placed(pool, from.seq, to.seq)?;
        holds.extend(placed.into_iter().filter(|hold| hold.period == no));
        read = to.seq;
        let touching = page.into_iter();
        entries.extend(touching.filter(|entry| is_in(entry.debit) || is_in(entry.credit)));
    }
}
