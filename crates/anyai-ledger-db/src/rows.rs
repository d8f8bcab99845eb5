//! Rows to types. A value that is not one of ours is a damaged file, not a default.

use anyai_ledger::{
    Allocation, CostBasis, Digest, Entry, Grant, GrantKind, HoldRecord, HoldState, Period,
    PeriodBounds, PlanGrant, PoolState, SeqRange, WorkKind,
};
use anyai_units::{Credits, HoldId, MemberId, PoolId, TurnId, UtcMillis};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, Type, ValueRef};
use rusqlite::{Result, Row};
use uuid::Uuid;

/// A value as it is stored, so that `row.get` can be used for every type of ours.
struct Stored<T>(T);

impl FromSql for Stored<Uuid> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Uuid::from_slice(value.as_blob()?)
            .map(Self)
            .map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

impl FromSql for Stored<[u8; 32]> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = value.as_blob()?;
        let array = bytes
            .try_into()
            .map_err(|_| FromSqlError::InvalidBlobSize {
                expected_size: 32,
                blob_size: bytes.len(),
            })?;
        Ok(Self(array))
    }
}

impl FromSql for Stored<Credits> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Credits::from_millicredits).map(Self)
    }
}

impl FromSql for Stored<UtcMillis> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(UtcMillis::from_millis).map(Self)
    }
}

impl FromSql for Stored<u64> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        u64::try_from(number)
            .map(Self)
            .map_err(|_| FromSqlError::OutOfRange(number))
    }
}

fn get<T>(row: &Row<'_>, column: &str) -> Result<T>
where
    Stored<T>: FromSql,
{
    row.get::<_, Stored<T>>(column).map(|Stored(value)| value)
}

fn maybe<T>(row: &Row<'_>, column: &str) -> Result<Option<T>>
where
    Stored<T>: FromSql,
{
    Ok(row
        .get::<_, Option<Stored<T>>>(column)?
        .map(|Stored(value)| value))
}

/// A word of ours, like `settled`.
fn word<T>(row: &Row<'_>, column: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
    let index = row.as_ref().column_index(column)?;
    let text: String = row.get(index)?;
    parse(&text).ok_or_else(|| {
        let problem = format!("{column} is {text:?}, which this program does not know");
        rusqlite::Error::FromSqlConversionFailure(index, Type::Text, problem.into())
    })
}

pub(crate) fn pool_state(row: &Row<'_>) -> Result<PoolState> {
    let next_plan: Option<String> = row.get("next_plan")?;
    let next_amount: Option<Credits> = maybe(row, "next_plan_amount")?;
    Ok(PoolState {
        id: PoolId::from_uuid(get(row, "id")?),
        epoch: Digest(get(row, "epoch")?),
        anchor: get(row, "anchor")?,
        plan: PlanGrant {
            plan: row.get("plan")?,
            amount: get(row, "plan_amount")?,
        },
        next_plan: next_plan
            .zip(next_amount)
            .map(|(plan, amount)| PlanGrant { plan, amount }),
        frozen: row.get("frozen")?,
        period: row.get("period")?,
        grant_count: get(row, "grant_count")?,
        seq: get(row, "seq")?,
        head_hash: Digest(get(row, "head_hash")?),
        last_at: get(row, "last_at")?,
    })
}

pub(crate) fn period(row: &Row<'_>) -> Result<Period> {
    Ok(Period {
        pool: PoolId::from_uuid(get(row, "pool")?),
        bounds: PeriodBounds {
            no: row.get("no")?,
            starts_at: get(row, "starts_at")?,
            ends_at: get(row, "ends_at")?,
        },
        granted: get(row, "granted")?,
        posted: get(row, "posted")?,
        pending: get(row, "pending")?,
        expired: get(row, "expired")?,
    })
}

pub(crate) fn grant(row: &Row<'_>) -> Result<Grant> {
    Ok(Grant {
        pool: PoolId::from_uuid(get(row, "pool")?),
        no: get(row, "no")?,
        period: row.get("period")?,
        kind: word(row, "kind", GrantKind::parse)?,
        amount: get(row, "amount")?,
        used: get(row, "used")?,
        held: get(row, "held")?,
        revoked: get(row, "revoked")?,
        expired: get(row, "expired")?,
        priority: row.get("priority")?,
        effective_at: get(row, "effective_at")?,
        expires_at: maybe(row, "expires_at")?,
        source: row.get("source")?,
    })
}

/// An allocation joined with its grant.
pub(crate) fn allocation(row: &Row<'_>) -> Result<(Allocation, Grant)> {
    let grant = grant(row)?;
    let allocation = Allocation {
        hold: HoldId::from_uuid(get(row, "hold")?),
        grant: grant.no,
        amount: get(row, "alloc_amount")?,
        used: get(row, "alloc_used")?,
    };
    Ok((allocation, grant))
}

pub(crate) fn hold(row: &Row<'_>) -> Result<HoldRecord> {
    let first: Option<u64> = maybe(row, "resolved_first")?;
    let last: Option<u64> = maybe(row, "resolved_last")?;
    let basis: Option<String> = row.get("basis")?;
    Ok(HoldRecord {
        id: HoldId::from_uuid(get(row, "id")?),
        pool: PoolId::from_uuid(get(row, "pool")?),
        member: MemberId::from_uuid(get(row, "member")?),
        turn: TurnId::from_uuid(get(row, "turn")?),
        fingerprint: get(row, "fingerprint")?,
        period: row.get("period")?,
        state: word(row, "state", HoldState::parse)?,
        estimate: get(row, "estimate")?,
        ceiling: get(row, "ceiling")?,
        charged: maybe(row, "charged")?,
        overrun: get(row, "overrun")?,
        basis: basis
            .map(|_| word(row, "basis", CostBasis::parse))
            .transpose()?,
        price_version: row.get("price_version")?,
        model: row.get("model")?,
        kind: word(row, "kind", WorkKind::parse)?,
        provider_op: row.get("provider_op")?,
        reason: row.get("reason")?,
        expires_at: get(row, "expires_at")?,
        created_at: get(row, "created_at")?,
        dispatched_at: maybe(row, "dispatched_at")?,
        unknown_since: maybe(row, "unknown_since")?,
        resolved_at: maybe(row, "resolved_at")?,
        resolved_by: first
            .zip(last)
            .map(|(first, last)| SeqRange { first, last }),
    })
}

pub(crate) fn entry(row: &Row<'_>) -> Result<Entry> {
    Ok(Entry {
        pool: PoolId::from_uuid(get(row, "pool")?),
        seq: get(row, "seq")?,
        tx: get(row, "tx")?,
        debit: word(row, "debit", |text| text.parse().ok())?,
        credit: word(row, "credit", |text| text.parse().ok())?,
        amount: get(row, "amount")?,
        kind: word(row, "kind", |text| text.parse().ok())?,
        hold: maybe(row, "hold")?.map(HoldId::from_uuid),
        reverses: maybe(row, "reverses")?,
        detail: maybe(row, "detail")?.map(Digest),
        actor: row.get("actor")?,
        reason: row.get("reason")?,
        at: get(row, "at")?,
        prev_hash: Digest(get(row, "prev_hash")?),
        hash: Digest(get(row, "hash")?),
    })
}

/// A count or sum of a query's column.
pub(crate) fn credits(row: &Row<'_>, column: &str) -> Result<Credits> {
    get(row, column)
}

/// A count of a query's column.
pub(crate) fn count(row: &Row<'_>, column: &str) -> Result<u64> {
    get(row, column)
}
