//! Rows to types, column by column in the order of [`crate::columns`]. A value that is not one of
//! ours is a damaged file, not a default.

use anyai_ledger::{
    Checkpoint, CostBasis, Digest, Entry, Envelope, EnvelopeUse, Grant, GrantKind, HoldRecord,
    HoldState, Member, MemberUse, Order, OrderRecord, Period, PeriodBounds, PlanGrant, PoolState,
    SeqRange, WorkKind,
};
use anyai_units::{ConversationId, Credits, HoldId, MemberId, PoolId, TurnId, UtcMillis};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, Type, ValueRef};
use rusqlite::{Result, Row};
use uuid::Uuid;

use crate::text;

/// A value as it is stored, so that `row.get` can be used for every type of ours.
struct Stored<T>(T);

impl FromSql for Stored<Uuid> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Uuid::from_slice(value.as_blob()?)
            .map(Self)
            .map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

impl<const N: usize> FromSql for Stored<[u8; N]> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = value.as_blob()?;
        let array = bytes
            .try_into()
            .map_err(|_| FromSqlError::InvalidBlobSize {
                expected_size: N,
                blob_size: bytes.len(),
            })?;
        Ok(Self(array))
    }
}

impl FromSql for Stored<Digest> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Stored::<[u8; 32]>::column_result(value).map(|Stored(bytes)| Self(Digest(bytes)))
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

/// The columns of one row, taken from the first to the last.
struct Fields<'a, 'b> {
    row: &'a Row<'b>,
    next: usize,
}

impl<'a, 'b> Fields<'a, 'b> {
    const fn of(row: &'a Row<'b>) -> Self {
        Self { row, next: 0 }
    }

    const fn step(&mut self) -> usize {
        let column = self.next;
        self.next += 1;
        column
    }

    /// A value rusqlite knows.
    fn plain<T: FromSql>(&mut self) -> Result<T> {
        self.row.get(self.step())
    }

    /// A value of ours.
    fn get<T>(&mut self) -> Result<T>
    where
        Stored<T>: FromSql,
    {
        self.plain::<Stored<T>>().map(|Stored(value)| value)
    }

    fn maybe<T>(&mut self) -> Result<Option<T>>
    where
        Stored<T>: FromSql,
    {
        let value = self.plain::<Option<Stored<T>>>()?;
        Ok(value.map(|Stored(value)| value))
    }

    /// A text of ours, like `settled`.
    fn word<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        let column = self.step();
        let text = self.row.get_ref(column)?.as_str()?;
        parse(text).ok_or_else(|| unknown_word(column, text))
    }

    fn maybe_word<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>> {
        let column = self.step();
        match self.row.get_ref(column)?.as_str_or_null()? {
            None => Ok(None),
            Some(text) => parse(text)
                .map(Some)
                .ok_or_else(|| unknown_word(column, text)),
        }
    }
}

fn unknown_word(column: usize, text: &str) -> rusqlite::Error {
    let problem = format!("{text:?} is stored, which this program does not know");
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, problem.into())
}

pub(crate) fn pool(row: &Row<'_>) -> Result<PoolState> {
    let mut fields = Fields::of(row);
    let id = PoolId::from_uuid(fields.get()?);
    let (epoch, anchor) = (fields.get()?, fields.get()?);
    let plan = PlanGrant {
        plan: fields.plain()?,
        amount: fields.get()?,
    };
    let next_plan: Option<String> = fields.plain()?;
    let next_amount: Option<Credits> = fields.maybe()?;
    Ok(PoolState {
        id,
        epoch,
        anchor,
        plan,
        next_plan: next_plan
            .zip(next_amount)
            .map(|(plan, amount)| PlanGrant { plan, amount }),
        frozen: fields.plain()?,
        period: fields.plain()?,
        grant_count: fields.get()?,
        seq: fields.get()?,
        head_hash: fields.get()?,
        last_at: fields.get()?,
    })
}

pub(crate) fn period(row: &Row<'_>) -> Result<Period> {
    let mut fields = Fields::of(row);
    Ok(Period {
        pool: PoolId::from_uuid(fields.get()?),
        bounds: PeriodBounds {
            no: fields.plain()?,
            starts_at: fields.get()?,
            ends_at: fields.get()?,
        },
        granted: fields.get()?,
        posted: fields.get()?,
        pending: fields.get()?,
        expired: fields.get()?,
    })
}

pub(crate) fn grant(row: &Row<'_>) -> Result<Grant> {
    let mut fields = Fields::of(row);
    Ok(Grant {
        pool: PoolId::from_uuid(fields.get()?),
        no: fields.get()?,
        period: fields.plain()?,
        kind: fields.word(GrantKind::parse)?,
        amount: fields.get()?,
        used: fields.get()?,
        held: fields.get()?,
        revoked: fields.get()?,
        expired: fields.get()?,
        priority: fields.plain()?,
        effective_at: fields.get()?,
        expires_at: fields.maybe()?,
        source: fields.plain()?,
    })
}

pub(crate) fn member(row: &Row<'_>) -> Result<Member> {
    let mut fields = Fields::of(row);
    Ok(Member {
        pool: PoolId::from_uuid(fields.get()?),
        member: MemberId::from_uuid(fields.get()?),
        limit: fields.maybe()?,
        is_removed: fields.plain()?,
    })
}

pub(crate) fn member_use(row: &Row<'_>) -> Result<MemberUse> {
    let mut fields = Fields::of(row);
    Ok(MemberUse {
        pool: PoolId::from_uuid(fields.get()?),
        member: MemberId::from_uuid(fields.get()?),
        period: fields.plain()?,
        posted: fields.get()?,
        pending: fields.get()?,
    })
}

pub(crate) fn envelope(row: &Row<'_>) -> Result<Envelope> {
    let mut fields = Fields::of(row);
    Ok(Envelope {
        pool: PoolId::from_uuid(fields.get()?),
        no: fields.get()?,
        member: fields.maybe()?.map(MemberId::from_uuid),
        scope: fields.word(text::parse_scope)?,
        cap: fields.get()?,
        is_removed: fields.plain()?,
    })
}

pub(crate) fn envelope_use(row: &Row<'_>) -> Result<EnvelopeUse> {
    let mut fields = Fields::of(row);
    Ok(EnvelopeUse {
        pool: PoolId::from_uuid(fields.get()?),
        envelope: fields.get()?,
        window: fields.plain()?,
        posted: fields.get()?,
        pending: fields.get()?,
    })
}

pub(crate) fn hold(row: &Row<'_>) -> Result<HoldRecord> {
    let mut fields = Fields::of(row);
    Ok(HoldRecord {
        id: HoldId::from_uuid(fields.get()?),
        pool: PoolId::from_uuid(fields.get()?),
        member: MemberId::from_uuid(fields.get()?),
        turn: TurnId::from_uuid(fields.get()?),
        fingerprint: fields.get()?,
        period: fields.plain()?,
        state: fields.word(HoldState::parse)?,
        estimate: fields.get()?,
        ceiling: fields.get()?,
        charged: fields.maybe()?,
        overrun: fields.get()?,
        basis: fields.maybe_word(CostBasis::parse)?,
        price_version: fields.plain()?,
        model: fields.plain()?,
        kind: fields.word(WorkKind::parse)?,
        conversation: fields.maybe()?.map(ConversationId::from_uuid),
        allocations: fields.word(text::parse_allocations)?,
        envelopes: fields.word(text::parse_shares)?,
        provider_op: fields.plain()?,
        reason: fields.plain()?,
        expires_at: fields.get()?,
        created_at: fields.get()?,
        dispatched_at: fields.maybe()?,
        unknown_since: fields.maybe()?,
        resolved_at: fields.maybe()?,
        resolved_by: {
            let (first, last) = (fields.maybe()?, fields.maybe()?);
            first
                .zip(last)
                .map(|(first, last)| SeqRange { first, last })
        },
    })
}

pub(crate) fn entry(row: &Row<'_>) -> Result<Entry> {
    let mut fields = Fields::of(row);
    Ok(Entry {
        pool: PoolId::from_uuid(fields.get()?),
        seq: fields.get()?,
        tx: fields.get()?,
        debit: fields.word(|text| text.parse().ok())?,
        credit: fields.word(|text| text.parse().ok())?,
        amount: fields.get()?,
        kind: fields.word(|text| text.parse().ok())?,
        hold: fields.maybe()?.map(HoldId::from_uuid),
        reverses: fields.maybe()?,
        detail: fields.maybe()?,
        actor: fields.plain()?,
        reason: fields.plain()?,
        at: fields.get()?,
        prev_hash: fields.get()?,
        hash: fields.get()?,
    })
}

pub(crate) fn order(row: &Row<'_>) -> Result<OrderRecord> {
    let mut fields = Fields::of(row);
    Ok(OrderRecord {
        pool: PoolId::from_uuid(fields.get()?),
        order: Order {
            key: fields.plain()?,
            actor: fields.plain()?,
            reason: fields.plain()?,
            approved_by: fields.plain()?,
        },
        digest: fields.get()?,
        entries: SeqRange {
            first: fields.get()?,
            last: fields.get()?,
        },
    })
}

pub(crate) fn checkpoint(row: &Row<'_>) -> Result<Checkpoint> {
    let mut fields = Fields::of(row);
    Ok(Checkpoint {
        pool: PoolId::from_uuid(fields.get()?),
        seq: fields.get()?,
        hash: fields.get()?,
        at: fields.get()?,
        key: fields.get()?,
        signature: fields.get()?,
    })
}

/// A count or sum that is the only column.
pub(crate) fn sum(row: &Row<'_>) -> Result<Credits> {
    Fields::of(row).get()
}

/// A count that is the only column.
pub(crate) fn count(row: &Row<'_>) -> Result<u64> {
    Fields::of(row).get()
}
