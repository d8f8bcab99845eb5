//! Statements that write many rows at once: every row's value of one column is one parameter.

use std::fmt::Write as _;

use anyai_ledger::Refusal;
use anyai_units::{Credits, UtcMillis};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::LedgerError;

/// One statement, with what it writes.
pub(super) struct Write<'a> {
    /// What refused when it writes fewer rows; `None` for rows that may be there already.
    pub(super) guard: Option<&'static str>,
    /// Its rows stand where the statement says `{}`.
    sql: &'static str,
    pub(super) rows: usize,
    columns: Vec<Column<'a>>,
}

struct Column<'a> {
    array: &'static str,
    values: Box<dyn ToSql + Sync + 'a>,
}

/// A value of a column.
pub(super) trait Value: ToSql + Sync {
    /// What the database calls many of them.
    const ARRAY: &'static str;
}

impl Value for Uuid {
    const ARRAY: &'static str = "uuid[]";
}

impl Value for i64 {
    const ARRAY: &'static str = "bigint[]";
}

impl Value for bool {
    const ARRAY: &'static str = "boolean[]";
}

impl Value for &str {
    const ARRAY: &'static str = "text[]";
}

impl Value for String {
    const ARRAY: &'static str = "text[]";
}

impl Value for &[u8] {
    const ARRAY: &'static str = "bytea[]";
}

impl<V: Value> Value for Option<V> {
    const ARRAY: &'static str = V::ARRAY;
}

impl<'a> Write<'a> {
    /// The statement, its parameters numbered after the first `before`.
    pub(super) fn text(&self, before: usize) -> String {
        let mut rows = String::from("unnest(");
        for (index, column) in self.columns.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let number = before + index + 1;
            // Writing to a String cannot fail.
            let _ = write!(rows, "{comma}${number}::{}", column.array);
        }
        rows.push(')');
        self.sql.replacen("{}", &rows, 1)
    }

    /// Its parameters.
    pub(super) fn columns(&self) -> impl ExactSizeIterator<Item = &(dyn ToSql + Sync + 'a)> {
        self.columns.iter().map(|column| &*column.values)
    }

    /// One more column, of values that are not in the rows themselves.
    pub(super) fn and<V: Value + 'a>(mut self, values: Vec<V>) -> Self {
        self.columns.push(Column {
            array: V::ARRAY,
            values: Box::new(values),
        });
        self
    }
}

/// A statement whose columns are being gathered.
pub(super) struct Table<'a, T> {
    rows: Vec<&'a T>,
    write: Write<'a>,
    is_too_large: bool,
}

impl<'a, T> Table<'a, T> {
    pub(super) fn of(
        guard: &'static str,
        sql: &'static str,
        rows: impl IntoIterator<Item = &'a T>,
    ) -> Self {
        let rows: Vec<&T> = rows.into_iter().collect();
        let write = Write {
            guard: Some(guard),
            sql,
            rows: rows.len(),
            columns: Vec::new(),
        };
        Self {
            rows,
            write,
            is_too_large: false,
        }
    }

    /// Its rows may be there already.
    pub(super) fn unguarded(mut self) -> Self {
        self.write.guard = None;
        self
    }

    pub(super) fn column<V: Value + 'a>(mut self, value: impl Fn(&'a T) -> V) -> Self {
        let values: Vec<V> = self.rows.iter().map(|row| value(row)).collect();
        self.write = self.write.and(values);
        self
    }

    pub(super) fn credits(self, value: impl Fn(&'a T) -> Credits) -> Self {
        self.column(|row| value(row).millicredits())
    }

    pub(super) fn at(self, value: impl Fn(&'a T) -> UtcMillis) -> Self {
        self.column(|row| value(row).millis())
    }

    pub(super) fn maybe_at(self, value: impl Fn(&'a T) -> Option<UtcMillis>) -> Self {
        self.column(|row| value(row).map(UtcMillis::millis))
    }

    pub(super) fn maybe_number(mut self, value: impl Fn(&'a T) -> Option<u64>) -> Self {
        let fits = |number: Option<u64>| number.is_none_or(|number| i64::try_from(number).is_ok());
        self.is_too_large |= !self.rows.iter().all(|row| fits(value(row)));
        self.column(|row| value(row).and_then(|number| i64::try_from(number).ok()))
    }

    pub(super) fn number(self, value: impl Fn(&'a T) -> u64) -> Self {
        self.maybe_number(|row| Some(value(row)))
    }

    /// PostgreSQL's integers end at `i64::MAX`; nothing of ours gets there.
    pub(super) fn done(self) -> Result<Write<'a>, LedgerError> {
        if self.is_too_large {
            return Err(Refusal::AmountTooLarge.into());
        }
        Ok(self.write)
    }
}
