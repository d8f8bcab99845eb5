//! Rows to types, column by column in the order of [`crate::columns`]. A value that is not one of
//! ours is a damaged ledger, not a default.

use std::error::Error;

use anyai_ledger::{
    Checkpoint, CostBasis, Digest, Entry, Envelope, EnvelopeUse, Grant, GrantKind, HoldRecord,
    HoldState, Member, MemberUse, Order, OrderRecord, Period, PeriodBounds, PlanGrant, PoolState,
    SeqRange, WorkKind,
};
use anyai_units::{ConversationId, Credits, HoldId, MemberId, PoolId, TurnId, UtcMillis};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

use crate::{LedgerError, text};

/// The columns of one row, taken from the first to the last.
struct Fields<'a> {
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

impl<'a> Fields<'a> {
    fn of(row: &'a Row) -> Self {
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

    /// A value the driver knows.
    fn plain<T: FromSql<'a>>(&mut self) -> Result<T> {
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

    fn id<T>(&mut self, of: impl FnOnce(Uuid) -> T) -> Result<T> {
        self.plain().map(of)
    }

    fn maybe_id<T>(&mut self, of: impl FnOnce(Uuid) -> T) -> Result<Option<T>> {
        Ok(self.plain::<Option<Uuid>>()?.map(of))
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let bytes: &[u8] = self.plain()?;
        bytes.try_into().map_err(|_| self.unknown("bytes"))
    }

    fn digest(&mut self) -> Result<Digest> {
        self.bytes().map(Digest)
    }

    fn maybe_digest(&mut self) -> Result<Option<Digest>> {
        let bytes: Option<&[u8]> = self.plain()?;
        let digest = bytes.map(<[u8; 32]>::try_from).transpose();
        Ok(digest.map_err(|_| self.unknown("bytes"))?.map(Digest))
    }

    fn credits(&mut self) -> Result<Credits> {
        self.plain().map(Credits::from_millicredits)
    }

    fn maybe_credits(&mut self) -> Result<Option<Credits>> {
        Ok(self.plain::<Option<i64>>()?.map(Credits::from_millicredits))
    }

    fn at(&mut self) -> Result<UtcMillis> {
        self.plain().map(UtcMillis::from_millis)
    }

    fn maybe_at(&mut self) -> Result<Option<UtcMillis>> {
        Ok(self.plain::<Option<i64>>()?.map(UtcMillis::from_millis))
    }

    /// A number that is smaller in the program than in the database.
    fn number<T: TryFrom<i64>>(&mut self) -> Result<T> {
        let number: i64 = self.plain()?;
        T::try_from(number).map_err(|_| self.unknown(&number.to_string()))
    }

    fn maybe_number<T: TryFrom<i64>>(&mut self) -> Result<Option<T>> {
        let Some(number) = self.plain::<Option<i64>>()? else {
            return Ok(None);
        };
        let number = T::try_from(number).map_err(|_| self.unknown(&number.to_string()))?;
        Ok(Some(number))
    }

    fn maybe_range(&mut self) -> Result<Option<SeqRange>> {
        let (first, last) = (self.maybe_number()?, self.maybe_number()?);
        Ok(first
            .zip(last)
            .map(|(first, last)| SeqRange { first, last }))
    }

    /// A text of ours, like `settled`.
    fn word<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        let text: &str = self.plain()?;
        parse(text).ok_or_else(|| self.unknown(text))
    }

    fn maybe_word<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>> {
        let Some(text) = self.plain::<Option<&str>>()? else {
            return Ok(None);
        };
        parse(text).map(Some).ok_or_else(|| self.unknown(text))
    }

    /// Of the column that was taken last.
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

pub(super) fn pool(row: &Row) -> Result<PoolState> {
    let mut fields = Fields::of(row);
    let (id, epoch) = (fields.id(PoolId::from_uuid)?, fields.digest()?);
    let anchor = fields.at()?;
    let plan = PlanGrant {
        plan: fields.plain()?,
        amount: fields.credits()?,
    };
    let (next_plan, next_amount) = (fields.plain::<Option<String>>()?, fields.maybe_credits()?);
    Ok(PoolState {
        id,
        epoch,
        anchor,
        plan,
        next_plan: next_plan
            .zip(next_amount)
            .map(|(plan, amount)| PlanGrant { plan, amount }),
        frozen: fields.plain()?,
        period: fields.number()?,
        grant_count: fields.number()?,
        seq: fields.number()?,
        head_hash: fields.digest()?,
        last_at: fields.at()?,
    })
}

pub(super) fn period(row: &Row) -> Result<Period> {
    let mut fields = Fields::of(row);
    Ok(Period {
        pool: fields.id(PoolId::from_uuid)?,
        bounds: PeriodBounds {
            no: fields.number()?,
            starts_at: fields.at()?,
            ends_at: fields.at()?,
        },
        granted: fields.credits()?,
        posted: fields.credits()?,
        pending: fields.credits()?,
        expired: fields.credits()?,
    })
}

pub(super) fn grant(row: &Row) -> Result<Grant> {
    let mut fields = Fields::of(row);
    Ok(Grant {
        pool: fields.id(PoolId::from_uuid)?,
        no: fields.number()?,
        period: fields.number()?,
        kind: fields.word(GrantKind::parse)?,
        amount: fields.credits()?,
        used: fields.credits()?,
        held: fields.credits()?,
        revoked: fields.credits()?,
        expired: fields.credits()?,
        priority: fields.number()?,
        effective_at: fields.at()?,
        expires_at: fields.maybe_at()?,
        source: fields.plain()?,
    })
}

pub(super) fn member(row: &Row) -> Result<Member> {
    let mut fields = Fields::of(row);
    Ok(Member {
        pool: fields.id(PoolId::from_uuid)?,
        member: fields.id(MemberId::from_uuid)?,
        limit: fields.maybe_credits()?,
        is_removed: fields.plain()?,
    })
}

pub(super) fn member_use(row: &Row) -> Result<MemberUse> {
    let mut fields = Fields::of(row);
    Ok(MemberUse {
        pool: fields.id(PoolId::from_uuid)?,
        member: fields.id(MemberId::from_uuid)?,
        period: fields.number()?,
        posted: fields.credits()?,
        pending: fields.credits()?,
    })
}

pub(super) fn envelope(row: &Row) -> Result<Envelope> {
    let mut fields = Fields::of(row);
    Ok(Envelope {
        pool: fields.id(PoolId::from_uuid)?,
        no: fields.number()?,
        member: fields.maybe_id(MemberId::from_uuid)?,
        scope: fields.word(text::parse_scope)?,
        cap: fields.credits()?,
        is_removed: fields.plain()?,
    })
}

pub(super) fn envelope_use(row: &Row) -> Result<EnvelopeUse> {
    let mut fields = Fields::of(row);
    Ok(EnvelopeUse {
        pool: fields.id(PoolId::from_uuid)?,
        envelope: fields.number()?,
        window: fields.plain()?,
        posted: fields.credits()?,
        pending: fields.credits()?,
    })
}

pub(super) fn hold(row: &Row) -> Result<HoldRecord> {
    let mut fields = Fields::of(row);
    Ok(HoldRecord {
        id: fields.id(HoldId::from_uuid)?,
        pool: fields.id(PoolId::from_uuid)?,
        member: fields.id(MemberId::from_uuid)?,
        turn: fields.id(TurnId::from_uuid)?,
        fingerprint: fields.bytes()?,
        period: fields.number()?,
        state: fields.word(HoldState::parse)?,
        estimate: fields.credits()?,
        ceiling: fields.credits()?,
        charged: fields.maybe_credits()?,
        overrun: fields.credits()?,
        basis: fields.maybe_word(CostBasis::parse)?,
        price_version: fields.number()?,
        model: fields.plain()?,
        kind: fields.word(WorkKind::parse)?,
        conversation: fields.maybe_id(ConversationId::from_uuid)?,
        allocations: fields.word(text::parse_allocations)?,
        envelopes: fields.word(text::parse_shares)?,
        provider_op: fields.plain()?,
        reason: fields.plain()?,
        expires_at: fields.at()?,
        created_at: fields.at()?,
        dispatched_at: fields.maybe_at()?,
        unknown_since: fields.maybe_at()?,
        resolved_at: fields.maybe_at()?,
        resolved_by: fields.maybe_range()?,
    })
}

pub(super) fn entry(row: &Row) -> Result<Entry> {
    let mut fields = Fields::of(row);
    Ok(Entry {
        pool: fields.id(PoolId::from_uuid)?,
        seq: fields.number()?,
        tx: fields.number()?,
        debit: fields.word(|text| text.parse().ok())?,
        credit: fields.word(|text| text.parse().ok())?,
        amount: fields.credits()?,
        kind: fields.word(|text| text.parse().ok())?,
        hold: fields.maybe_id(HoldId::from_uuid)?,
        reverses: fields.maybe_number()?,
        detail: fields.maybe_digest()?,
        actor: fields.plain()?,
        reason: fields.plain()?,
        at: fields.at()?,
        prev_hash: fields.digest()?,
        hash: fields.digest()?,
    })
}

pub(super) fn order(row: &Row) -> Result<OrderRecord> {
    let mut fields = Fields::of(row);
    Ok(OrderRecord {
        pool: fields.id(PoolId::from_uuid)?,
        order: Order {
            key: fields.plain()?,
            actor: fields.plain()?,
            reason: fields.plain()?,
            approved_by: fields.plain()?,
        },
        digest: fields.digest()?,
        entries: SeqRange {
            first: fields.number()?,
            last: fields.number()?,
        },
    })
}

pub(super) fn checkpoint(row: &Row) -> Result<Checkpoint> {
    let mut fields = Fields::of(row);
    Ok(Checkpoint {
        pool: fields.id(PoolId::from_uuid)?,
        seq: fields.number()?,
        hash: fields.digest()?,
        at: fields.at()?,
        key: fields.bytes()?,
        signature: fields.bytes()?,
    })
}

/// A sum that is the only column.
pub(super) fn sum(row: &Row) -> Result<Credits> {
    Fields::of(row).credits()
}

/// A count that is the only column.
pub(super) fn count(row: &Row) -> Result<u64> {
    Fields::of(row).number()
}

/// A pool and its head.
pub(super) fn head(row: &Row) -> Result<(PoolId, u64)> {
    let mut fields = Fields::of(row);
    Ok((fields.id(PoolId::from_uuid)?, fields.number()?))
}
