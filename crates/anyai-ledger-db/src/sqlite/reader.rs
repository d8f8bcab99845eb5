//! How a connection answers questions, and what it says to whoever only reads.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection as Sqlite, Transaction, params_from_iter};

use super::SqliteConnection;
use super::fields::RowFields;
use crate::LedgerError;
use crate::asked::{Asked, Connection, Key, Queries};
use crate::rows::{self, Fields};

impl ToSql for Key<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Id(Some(id)) => ValueRef::Blob(id.as_bytes()),
            Self::Number(number) => ValueRef::Integer(*number),
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Id(None) | Self::Text(None) => ValueRef::Null,
        }))
    }
}

type Take<'a> = &'a mut dyn FnMut(&mut dyn Fields<'_>) -> Result<(), LedgerError>;

fn each(sqlite: &Sqlite, sql: &str, keys: &[Key<'_>], take: Take<'_>) -> Result<(), LedgerError> {
    let mut statement = sqlite.prepare_cached(sql)?;
    let mut found = statement.query(params_from_iter(keys))?;
    while let Some(row) = found.next()? {
        take(&mut RowFields::of(row))?;
    }
    Ok(())
}

impl Queries for Transaction<'_> {
    fn each(
        &mut self,
        sql: &'static str,
        keys: &[Key<'_>],
        take: Take<'_>,
    ) -> Result<(), LedgerError> {
        each(self, sql, keys, take)
    }
}

impl Queries for SqliteConnection {
    fn each(
        &mut self,
        sql: &'static str,
        keys: &[Key<'_>],
        take: Take<'_>,
    ) -> Result<(), LedgerError> {
        each(self, sql, keys, take)
    }
}

impl Connection for SqliteConnection {
    fn begin(&mut self) -> Result<(), LedgerError> {
        Ok(self.execute_batch("BEGIN DEFERRED")?)
    }

    fn end(&mut self) -> Result<(), LedgerError> {
        Ok(self.execute_batch("COMMIT")?)
    }

    fn explain(&self, error: LedgerError) -> LedgerError {
        error.at(&self.path)
    }

    fn has_old_ids(&mut self) -> Result<bool, LedgerError> {
        let sql = "SELECT EXISTS(SELECT 1 FROM hold WHERE substr(id,1,6)<>substr(turn,1,6))";
        Ok(self.query_row(sql, [], |row| row.get(0))?)
    }

    /// What has a foreign key, the tables without one to a pool, and the pages.
    fn storage_problem(&mut self) -> Result<Option<String>, LedgerError> {
        let mut asked = Asked(self);
        let orphan = match asked.one("PRAGMA foreign_key_check", &[], rows::name)? {
            None => asked.orphan()?,
            found => found,
        };
        if let Some(table) = orphan {
            return Ok(Some(format!("a row of {table} belongs to nothing")));
        }
        let pages = asked.one("PRAGMA integrity_check(1)", &[], rows::name)?;
        Ok(pages.filter(|found| found != "ok"))
    }
}
