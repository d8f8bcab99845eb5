//! The columns of a row that PostgreSQL sends, or of a record inside one.

use std::error::Error;

use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

use crate::LedgerError;
use crate::rows::Fields;

/// The columns of one row, taken from the first to the last.
pub(super) struct RowFields<'a> {
    row: &'a Row,
    next: usize,
    /// What is left of the record, when the row's last column is one.
    record: Option<&'a [u8]>,
}

/// A whole row of some table as one value. Its form is the one the server sends records in: how many
/// columns, then the type, the length and the bytes of each.
struct Record<'a>(&'a [u8]);

impl<'a> FromSql<'a> for Record<'a> {
    fn from_sql(
        _: &Type,
        raw: &'a [u8],
    ) -> std::result::Result<Self, Box<dyn Error + Sync + Send>> {
        let columns = raw.get(4..).ok_or("a record begins with a number")?;
        Ok(Self(columns))
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::RECORD
    }
}

/// The next value of a record, and what follows it. Its type is the program's to know: the server names
/// a domain's, which is nobody's.
fn next_of<'a, T: FromSql<'a>>(
    record: &'a [u8],
) -> std::result::Result<(T, &'a [u8]), Box<dyn Error + Sync + Send>> {
    let short = "a record ends early";
    let (_, rest) = record.split_first_chunk::<4>().ok_or(short)?;
    let (length, rest) = rest.split_first_chunk::<4>().ok_or(short)?;
    let length = i32::from_be_bytes(*length);
    let Ok(length) = usize::try_from(length) else {
        return Ok((T::from_sql_null(&Type::UNKNOWN)?, rest));
    };
    let (value, rest) = rest.split_at_checked(length).ok_or(short)?;
    Ok((T::from_sql(&Type::UNKNOWN, value)?, rest))
}

type Result<T> = std::result::Result<T, LedgerError>;

impl<'a> RowFields<'a> {
    pub(super) fn of(row: &'a Row) -> Self {
        let last = row.columns().len().saturating_sub(1);
        let column = row.columns().get(last);
        let record = column.filter(|column| *column.type_() == Type::RECORD);
        let record = record.and_then(|_| row.try_get::<_, Record<'a>>(last).ok());
        Self {
            row,
            next: 0,
            record: record.map(|Record(columns)| columns),
        }
    }

    fn take<T: FromSql<'a>>(&mut self) -> Result<T> {
        let column = self.next;
        self.next += 1;
        let Some(record) = self.record else {
            return Ok(self.row.try_get(column)?);
        };
        let (value, rest) = next_of(record).map_err(|problem| LedgerError::UnknownValue {
            value: format!("column {column} of a record: {problem}"),
        })?;
        self.record = Some(rest);
        Ok(value)
    }
}

impl<'a> Fields<'a> for RowFields<'a> {
    fn integer(&mut self) -> Result<Option<i64>> {
        self.take()
    }

    fn text(&mut self) -> Result<Option<&'a str>> {
        self.take()
    }

    fn blob(&mut self) -> Result<Option<&'a [u8]>> {
        self.take()
    }

    fn uuid(&mut self) -> Result<Option<Uuid>> {
        self.take()
    }

    fn flag(&mut self) -> Result<Option<bool>> {
        self.take()
    }

    fn unknown(&self, value: &str) -> LedgerError {
        let index = self.next.saturating_sub(1);
        let column = match (self.record, self.row.columns().get(index)) {
            (None, Some(column)) => column.name().to_owned(),
            _ => format!("column {index}"),
        };
        LedgerError::UnknownValue {
            value: format!("{column} is {value:?}"),
        }
    }
}
