//! The whole file against its entries: SQLite's own checks, then the audit of each pool.

use anyai_ledger::{Audit, AuditFault, PoolState, RowCounts};
use anyai_units::PoolId;
use rusqlite::{Connection, Row, Transaction, TransactionBehavior};

use crate::{LedgerError, rows};

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
    /// How many entries were read, up to the first problem.
    pub entries: u64,
    /// Whether everything follows from the entries.
    pub sound: bool,
    /// The first problem, when it is not sound.
    pub first_problem: Option<Problem>,
}

/// Why checking stopped: the file lies, or it cannot be read on.
enum Stop {
    Lie(Problem),
    Unreadable(rusqlite::Error),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// Checks the file as of one moment.
pub(crate) fn check(connection: &Connection) -> Result<Report, LedgerError> {
    let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Deferred)?;
    let mut report = Report {
        pools: 0,
        entries: 0,
        sound: true,
        first_problem: None,
    };
    let problem = match check_all(&transaction, &mut report) {
        Ok(()) => return Ok(report),
        Err(Stop::Lie(problem)) => problem,
        Err(Stop::Unreadable(error)) if is_damage(&error) => Problem {
            pool: None,
            seq: None,
            what: error.to_string(),
        },
        Err(Stop::Unreadable(error)) => return Err(error.into()),
    };
    report.sound = false;
    report.first_problem = Some(problem);
    Ok(report)
}

/// Whether the error is the file's fault, not the disk's or another process's.
fn is_damage(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        Some(code) => code == rusqlite::ErrorCode::DatabaseCorrupt,
        None => true,
    }
}

fn check_all(transaction: &Transaction<'_>, report: &mut Report) -> Result<(), Stop> {
    // The pools first: their audit names the entry, where SQLite's check names a page.
    let mut pools = transaction.prepare("SELECT * FROM pool ORDER BY id")?;
    let mut rows = pools.query([])?;
    while let Some(row) = rows.next()? {
        let pool = rows::pool_state(row)?;
        report.pools += 1;
        check_pool(transaction, &pool, report)?;
    }
    check_orphans(transaction)?;
    check_pages(transaction)
}

fn check_pool(
    transaction: &Transaction<'_>,
    pool: &PoolState,
    report: &mut Report,
) -> Result<(), Stop> {
    let lie = |fault: AuditFault| {
        Stop::Lie(Problem {
            pool: Some(pool.id),
            seq: fault.seq(),
            what: fault.to_string(),
        })
    };
    let mut audit = Audit::new(pool);
    let taken = take_entries(transaction, pool.id, &mut audit, &lie);
    report.entries += audit.entries();
    taken?;
    let counts = RowCounts {
        grants: count_rows(
            transaction,
            "SELECT count(*) AS n FROM grant_ WHERE pool=?",
            pool.id,
        )?,
        holds: count_rows(
            transaction,
            "SELECT count(*) AS n FROM hold WHERE pool=?",
            pool.id,
        )?,
    };
    audit.compare_pool(pool, counts).map_err(lie)?;
    for_each(
        transaction,
        "SELECT * FROM period WHERE pool=? ORDER BY no",
        pool.id,
        |row| audit.compare_period(&rows::period(row)?).map_err(lie),
    )?;
    for_each(transaction, GRANTS, pool.id, |row| {
        let (used, held) = (
            rows::credits(row, "sum_used")?,
            rows::credits(row, "sum_held")?,
        );
        audit
            .compare_grant(&rows::grant(row)?, used, held)
            .map_err(lie)
    })?;
    for_each(transaction, HOLDS, pool.id, |row| {
        let (allocated, used) = (
            rows::credits(row, "allocated")?,
            rows::credits(row, "used")?,
        );
        audit
            .compare_hold(&rows::hold(row)?, allocated, used)
            .map_err(lie)
    })
}

const GRANTS: &str = "SELECT g.*, coalesce(s.used,0) AS sum_used, coalesce(s.held,0) AS sum_held \
     FROM grant_ g LEFT JOIN (SELECT a.grant_no, sum(a.used) AS used, \
       sum(CASE WHEN h.resolved_at IS NULL THEN a.amount ELSE 0 END) AS held \
       FROM hold_alloc a JOIN hold h ON h.id=a.hold WHERE a.pool=?1 GROUP BY a.grant_no) s \
     ON s.grant_no=g.no WHERE g.pool=?1 ORDER BY g.no";

const HOLDS: &str = "SELECT h.*, \
     coalesce((SELECT sum(amount) FROM hold_alloc WHERE hold=h.id),0) AS allocated, \
     coalesce((SELECT sum(used) FROM hold_alloc WHERE hold=h.id),0) AS used \
     FROM hold h WHERE h.pool=?1 ORDER BY h.created_at, h.id";

fn take_entries(
    transaction: &Transaction<'_>,
    pool: PoolId,
    audit: &mut Audit,
    lie: &impl Fn(AuditFault) -> Stop,
) -> Result<(), Stop> {
    for_each(
        transaction,
        "SELECT * FROM entry WHERE pool=? ORDER BY seq",
        pool,
        |row| {
            let entry = rows::entry(row).map_err(|error| {
                let seq = audit.entries().saturating_add(1);
                let what = format!("entry {seq} cannot be read: {error}");
                Stop::Lie(Problem {
                    pool: Some(pool),
                    seq: Some(seq),
                    what,
                })
            })?;
            audit.take(&entry).map_err(lie)
        },
    )
}

fn for_each(
    transaction: &Transaction<'_>,
    sql: &str,
    pool: PoolId,
    mut visit: impl FnMut(&Row<'_>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut statement = transaction.prepare(sql)?;
    let mut rows = statement.query([pool.uuid().into_bytes()])?;
    while let Some(row) = rows.next()? {
        visit(row)?;
    }
    Ok(())
}

fn count_rows(transaction: &Transaction<'_>, sql: &str, pool: PoolId) -> rusqlite::Result<u64> {
    transaction.query_row(sql, [pool.uuid().into_bytes()], |row| rows::count(row, "n"))
}

/// Rows that belong to no pool would not be seen by any audit.
fn check_orphans(transaction: &Transaction<'_>) -> Result<(), Stop> {
    let mut statement = transaction.prepare("PRAGMA foreign_key_check")?;
    let mut rows = statement.query([])?;
    match rows.next()? {
        None => Ok(()),
        Some(row) => {
            let table: String = row.get(0)?;
            let what = format!("a row of {table} belongs to nothing");
            Err(Stop::Lie(Problem {
                pool: None,
                seq: None,
                what,
            }))
        }
    }
}

fn check_pages(transaction: &Transaction<'_>) -> Result<(), Stop> {
    let found: String = transaction.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(());
    }
    Err(Stop::Lie(Problem {
        pool: None,
        seq: None,
        what: found,
    }))
}
