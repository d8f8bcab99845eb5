//! The ledger after a run: every turn settled once, nothing held, and the chain sound.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use rusqlite::{Connection, OpenFlags};

use crate::arguments::RunArguments;

/// Holds of a ledger, by what became of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Books {
    holds: u64,
    settled: u64,
    settle_entries: u64,
    held_millicredits: u64,
}

/// Checks the ledger of a studio that has ended: `turns` were sent, and as many calls reached the
/// provider.
pub(crate) fn check(
    arguments: &RunArguments,
    ledger: &Path,
    turns: u64,
    calls: u64,
) -> Result<String> {
    let verify = Command::new(&arguments.studio)
        .args(["ledger", "verify"])
        .arg(ledger)
        .output()?;
    let said = String::from_utf8_lossy(&verify.stdout).trim().to_owned();
    ensure!(
        verify.status.success(),
        "`anyai ledger verify` says: {said}"
    );
    let books = read(ledger).context("the ledger cannot be read")?;
    ensure!(
        books.holds == turns && books.settled == turns && books.settle_entries == turns,
        "{turns} turns were answered, and the ledger has {books:?}"
    );
    ensure!(calls == turns, "{turns} turns made {calls} calls");
    ensure!(
        books.held_millicredits == 0,
        "credits are still held: {books:?}"
    );
    Ok(format!(
        "{turns} turns, {calls} calls, {} settled once each, nothing held; `anyai ledger verify`: {said}",
        books.settled
    ))
}

fn read(ledger: &Path) -> Result<Books> {
    let connection = Connection::open_with_flags(ledger, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let number = |sql: &str| -> rusqlite::Result<u64> {
        connection.query_row(sql, [], |row| {
            row.get::<_, i64>(0)
                .map(|value| u64::try_from(value).unwrap_or_default())
        })
    };
    Ok(Books {
        holds: number("SELECT count(*) FROM hold")?,
        settled: number("SELECT count(*) FROM hold WHERE state='settled'")?,
        settle_entries: number("SELECT count(DISTINCT hold) FROM entry WHERE kind='settle'")?,
        held_millicredits: number("SELECT coalesce(sum(pending),0) FROM period")?,
    })
}
