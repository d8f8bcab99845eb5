//! A period's rows, gathered for its statement.

use std::ops::Range;
use std::path::Path;

use anyai_ledger::{
    Account, Batch, Changes, Command, Entry, Head, HoldRecord, Period, PoolState, Refusal, Rows,
    Statement, StatementRows, statement,
};
use anyai_units::{PoolId, UtcMillis};

use crate::backing::Reader;
use crate::check::require_sound;
use crate::reads::at_one_moment;
use crate::sqlite::SqliteReader;
use crate::{Ledger, LedgerError};

/// How many entries are read at a time.
const PAGE: u32 = 4_096;

impl Ledger {
    /// The statement of the period `no` as the ledger stands at `now`: what is due by then is counted,
    /// also what no command has written yet. `None` when the pool was not used in that period.
    ///
    /// # Errors
    /// Refused when there is no such pool, and when its rows do not add up to each other.
    pub async fn statement(
        &self,
        pool: PoolId,
        no: u32,
        now: UtcMillis,
    ) -> Result<Option<Statement>, LedgerError> {
        self.reads
            .read(move |reader| {
                let standing = Standing::read(reader, pool, now, Some(no))?;
                let period = standing.periods.first();
                period
                    .map(|period| gather(reader, &standing, period))
                    .transpose()
            })
            .await
    }
}

/// Every pool's statement as it stands at `now`, or one pool's, of the period that begins in the span;
/// read from the file at `path` without a server. The file is opened read-only, and audited first.
///
/// # Errors
/// When the file cannot be read as a ledger, and when it does not follow from its entries.
pub fn statements_in_file(
    path: &Path,
    pool: Option<PoolId>,
    begins: &Range<UtcMillis>,
    now: UtcMillis,
) -> Result<Vec<Statement>, LedgerError> {
    let mut reader = SqliteReader::open(path)?;
    at_one_moment(&mut reader, |reader| {
        require_sound(reader, &path.display().to_string())?;
        all_statements(reader, pool, begins, now)
    })
    .map_err(|error| reader.explain(error))
}

pub(crate) fn all_statements(
    reader: &mut dyn Reader,
    only: Option<PoolId>,
    begins: &Range<UtcMillis>,
    now: UtcMillis,
) -> Result<Vec<Statement>, LedgerError> {
    let mut statements = Vec::new();
    for pool in reader.pools()? {
        if only.is_some_and(|only| only != pool.id) {
            continue;
        }
        let standing = Standing::read(reader, pool.id, now, None)?;
        for period in &standing.periods {
            if begins.contains(&period.bounds.starts_at) {
                statements.push(gather(reader, &standing, period)?);
            }
        }
    }
    Ok(statements)
}

/// A pool at an instant: its rows with what time alone has done since its last command. Nothing of that is
/// written here.
struct Standing {
    as_of: UtcMillis,
    /// The last entry that is written.
    head: Head,
    pool: PoolState,
    periods: Vec<Period>,
    /// The entries after the head, and their rows.
    due: Changes,
}

impl Standing {
    /// With all periods, or only this one.
    fn read(
        reader: &mut dyn Reader,
        id: PoolId,
        now: UtcMillis,
        only: Option<u32>,
    ) -> Result<Self, LedgerError> {
        let unknown = Refusal::UnknownPool { pool: id };
        let written = reader.pool(id)?.ok_or(unknown.clone())?;
        let mut batch = Batch::new(reader);
        batch.run(&Command::Balance { pool: id }, now)?;
        let pool = batch.pool(id)?.ok_or(unknown)?;
        let mut periods = Vec::new();
        for no in only.map_or(0..=pool.period, |no| no..=no) {
            periods.extend(batch.period(id, no)?);
        }
        Ok(Self {
            as_of: now.max(written.last_at),
            head: Head {
                seq: written.seq,
                hash: written.head_hash,
            },
            pool,
            periods,
            due: batch.into_changes(),
        })
    }
}

fn gather(
    reader: &mut dyn Reader,
    standing: &Standing,
    period: &Period,
) -> Result<Statement, LedgerError> {
    let (id, due) = (period.pool, &standing.due);
    let first = first_at(reader, id, standing.head.seq, period.bounds.starts_at)?;
    let (mut entries, holds) = touching(reader, period, first)?;
    entries.extend(due.entries.iter().cloned());
    let mut grants = reader.all_grants(id)?;
    grants.extend(due.new_grants.iter().cloned());
    let checkpoint = reader.checkpoints(id)?.pop();
    Ok(statement(&StatementRows {
        as_of: standing.as_of,
        head: standing.head,
        pool: &standing.pool,
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
