//! The columns of a row that SQLite has found.

use rusqlite::Row;
use rusqlite::types::{FromSqlError, FromSqlResult, ValueRef};
use uuid::Uuid;

use crate::LedgerError;
use crate::rows::Fields;

type Result<T> = std::result::Result<T, LedgerError>;

pub(super) struct RowFields<'a, 'b> {
    row: &'a Row<'b>,
    next: usize,
}

impl<'a, 'b> RowFields<'a, 'b> {
    pub(super) const fn of(row: &'a Row<'b>) -> Self {
        Self { row, next: 0 }
    }

    fn take<T>(&mut self, read: impl FnOnce(ValueRef<'a>) -> FromSqlResult<T>) -> Result<T> {
        let column = self.next;
        self.next += 1;
        let value = self.row.get_ref(column)?;
        read(value).map_err(|problem| self.unknown(&problem.to_string()))
    }
}

impl<'a> Fields<'a> for RowFields<'a, '_> {
    fn integer(&mut self) -> Result<Option<i64>> {
        self.take(|value| value.as_i64_or_null())
    }

    fn text(&mut self) -> Result<Option<&'a str>> {
        self.take(|value| value.as_str_or_null())
    }

    fn blob(&mut self) -> Result<Option<&'a [u8]>> {
        self.take(|value| value.as_blob_or_null())
    }

    fn uuid(&mut self) -> Result<Option<Uuid>> {
        self.take(|value| {
            let bytes = value.as_blob_or_null()?;
            let id = bytes.map(Uuid::from_slice).transpose();
            id.map_err(|error| FromSqlError::Other(Box::new(error)))
        })
    }

    fn flag(&mut self) -> Result<Option<bool>> {
        Ok(self.integer()?.map(|flag| flag != 0))
    }

    fn unknown(&self, value: &str) -> LedgerError {
        let column = self.next.saturating_sub(1);
        let column = self.row.as_ref().column_name(column).unwrap_or("a column");
        LedgerError::UnknownValue {
            value: format!("{column} is {value:?}"),
        }
    }
}
