//! Ledgers of older formats: a file is brought to today's tables in one transaction, so that a program
//! that is killed in the middle leaves it as it was.

use rusqlite::{Connection, Transaction};

use super::file::SCHEMA;

/// The tables of format 1; those that others refer to come last.
const TABLES: [&str; 6] = ["entry", "hold_alloc", "hold", "grant_", "period", "pool"];
const COPY: &str = include_str!("format_1.sql");

/// What format 2 had not, and what format 3 had not.
const FROM_FORMAT_2: &str = include_str!("price_card.sql");
const FROM_FORMAT_3: &str = include_str!("dense.sql");

/// Moves a file of an older format to today's tables. Foreign keys must be off: those of format 1's tables
/// would be minded while they are dropped.
pub(super) fn migrate_from(format: u32, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    if format > 1 {
        if format < 3 {
            transaction.execute_batch(FROM_FORMAT_2)?;
        }
        return transaction.execute_batch(FROM_FORMAT_3);
    }
    steps(transaction)?
        .iter()
        .try_for_each(|step| transaction.execute_batch(step))
}

fn steps(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut steps = drops(connection)?;
    steps.extend(TABLES.map(|table| format!("ALTER TABLE {table} RENAME TO old_{table}")));
    steps.extend([SCHEMA.to_owned(), COPY.to_owned()]);
    steps.extend(TABLES.map(|table| format!("DROP TABLE old_{table}")));
    Ok(steps)
}

/// What drops the old triggers and indexes: today's have the same names.
fn drops(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT 'DROP '||type||' '||name FROM sqlite_schema \
               WHERE type IN ('trigger','index') AND sql IS NOT NULL";
    let mut statement = connection.prepare(sql)?;
    let found = statement.query_map([], |row| row.get(0))?;
    found.collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::{Command, Stdio};

    use rusqlite::TransactionBehavior;

    use super::*;
    use crate::{Ledger, verify_file};

    const FORMAT_1: &str = include_str!("../../tests/it/fixtures/format_1.sql");
    const CHILD_PATH: &str = "ANYAI_TEST_MIGRATED";
    const CHILD_STEPS: &str = "ANYAI_TEST_MIGRATED_STEPS";

    fn schema(path: &Path) -> Vec<String> {
        let connection = Connection::open(path).unwrap();
        let sql = "SELECT coalesce(sql,name) FROM sqlite_schema ORDER BY type, name";
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }

    /// A program of its own: it takes some of the steps, and dies without a word. A cache of one page
    /// has SQLite write to the log meanwhile.
    #[test]
    fn takes_some_steps_and_dies() {
        let Some(path) = std::env::var_os(CHILD_PATH) else {
            return;
        };
        let count = std::env::var(CHILD_STEPS).unwrap().parse().unwrap();
        let mut connection = Connection::open(path).unwrap();
        let settings = "PRAGMA journal_mode=wal; PRAGMA foreign_keys=off; PRAGMA cache_size=1;";
        connection.execute_batch(settings).unwrap();
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .unwrap();
        for step in steps(&transaction).unwrap().iter().take(count) {
            transaction.execute_batch(step).unwrap();
        }
        std::process::abort();
    }

    #[test]
    fn killed_at_any_step_the_old_ledger_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(FORMAT_1).unwrap();
        let count = steps(&connection).unwrap().len();
        drop(connection);
        let before = schema(&path);
        for taken in 0..=count {
            let ended = Command::new(std::env::current_exe().unwrap())
                .args([
                    "sqlite::migrate::tests::takes_some_steps_and_dies",
                    "--exact",
                ])
                .env(CHILD_PATH, &path)
                .env(CHILD_STEPS, taken.to_string())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .unwrap();
            assert!(!ended.success(), "it died after {taken} steps");
            assert_eq!(schema(&path), before, "after {taken} of {count} steps");
            let report = verify_file(&path).unwrap();
            assert_eq!((report.entries, report.sound), (32, true));
        }
        Ledger::open(&path).unwrap();
        assert_ne!(schema(&path), before);
    }
}
