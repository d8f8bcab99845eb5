//! How our types stand in a row: ids as 16 bytes, structures as JSON, counts as checked integers.

use anyai_units::{MemberId, UtcMillis};
use rusqlite::{Connection, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::error::HistoryError;

pub(super) fn bytes_of(id: Uuid) -> [u8; 16] {
    *id.as_bytes()
}

pub(super) fn uuid(row: &Row<'_>, column: &str) -> Result<Uuid, HistoryError> {
    let bytes: [u8; 16] = row.get(column)?;
    Ok(Uuid::from_bytes(bytes))
}

pub(super) fn optional_uuid(row: &Row<'_>, column: &str) -> Result<Option<Uuid>, HistoryError> {
    let bytes: Option<[u8; 16]> = row.get(column)?;
    Ok(bytes.map(Uuid::from_bytes))
}

/// Whose a row is.
pub(super) fn member(row: &Row<'_>) -> Result<MemberId, HistoryError> {
    Ok(MemberId::from_uuid(uuid(row, "member")?))
}

pub(super) fn instant(row: &Row<'_>, column: &str) -> Result<UtcMillis, HistoryError> {
    Ok(UtcMillis::from_millis(row.get(column)?))
}

pub(super) fn count(row: &Row<'_>, column: &str) -> Result<u64, HistoryError> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| HistoryError::damaged(format!("{column} is below zero")))
}

/// As SQLite stores it. Sequences and sizes never come near the end of the range.
pub(super) fn stored(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

pub(super) fn json<T: Serialize>(value: &T) -> Result<String, HistoryError> {
    serde_json::to_string(value)
        .map_err(|error| HistoryError::damaged(format!("a value has no JSON form: {error}")))
}

pub(super) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, HistoryError> {
    serde_json::from_str(text)
        .map_err(|error| HistoryError::damaged(format!("a stored value cannot be read: {error}")))
}

pub(super) fn json_column<T: DeserializeOwned>(
    row: &Row<'_>,
    column: &str,
) -> Result<T, HistoryError> {
    let text: String = row.get(column)?;
    from_json(&text)
}

/// The next revision of the feed.
pub(super) fn next_revision(connection: &Connection) -> Result<i64, HistoryError> {
    let mut next = connection.prepare_cached(
        "UPDATE studio SET revision = revision + 1 WHERE only = 1 RETURNING revision",
    )?;
    Ok(next.query_row([], |row| row.get(0))?)
}
