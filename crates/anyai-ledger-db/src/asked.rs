//! What is read of a ledger, one question at a time, in SQL that both databases understand.
//!
//! Parameters are `$1`, `$2` and so on, first named in that order: PostgreSQL goes by the number, SQLite by
//! the order.

use anyai_ledger::{
    Checkpoint, Entry, Envelope, EnvelopeUse, Grant, HoldRecord, Member, MemberUse, OrderRecord,
    Period, PoolState, Refusal, Rows, SpendQuery, WorkKind,
};
use anyai_units::{Credits, HoldId, MemberId, PoolId, UtcMillis};
use uuid::Uuid;

use crate::LedgerError;
use crate::backing::Reader;
use crate::columns::{columns, select};
use crate::price_cards::Stored;
use crate::rows::{self, Fields};

type Result<T> = std::result::Result<T, LedgerError>;

/// What a parameter stands for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key<'a> {
    Id(Option<Uuid>),
    Number(i64),
    Text(Option<&'a str>),
}

/// A connection that answers queries.
pub(crate) trait Queries {
    /// Runs a query and hands its rows over, in order.
    fn each(
        &mut self,
        sql: &'static str,
        keys: &[Key<'_>],
        take: &mut dyn FnMut(&mut dyn Fields<'_>) -> Result<()>,
    ) -> Result<()>;
}

impl<Q: Queries> Queries for &mut Q {
    fn each(
        &mut self,
        sql: &'static str,
        keys: &[Key<'_>],
        take: &mut dyn FnMut(&mut dyn Fields<'_>) -> Result<()>,
    ) -> Result<()> {
        (**self).each(sql, keys, take)
    }
}

/// What each database says in its own way to whoever only reads.
pub(crate) trait Connection: Queries + Send {
    /// See [`Reader::begin`].
    fn begin(&mut self) -> Result<()>;

    /// See [`Reader::end`].
    fn end(&mut self) -> Result<()>;

    /// See [`Reader::explain`].
    fn explain(&self, error: LedgerError) -> LedgerError;

    /// See [`Reader::has_old_ids`].
    fn has_old_ids(&mut self) -> Result<bool> {
        Ok(false)
    }

    /// See [`Reader::clock`].
    fn clock(&mut self) -> Result<Option<UtcMillis>> {
        Ok(None)
    }

    /// Whether it has a table of rate cards: one of an older format that is only read has none.
    fn has_price_cards(&mut self) -> Result<bool> {
        Ok(true)
    }

    /// See [`Reader::storage_problem`].
    fn storage_problem(&mut self) -> Result<Option<String>>;
}

/// The rows of a ledger behind a connection.
pub(crate) struct Asked<Q>(pub(crate) Q);

impl<Q: Queries> Asked<Q> {
    fn all<T>(
        &mut self,
        sql: &'static str,
        keys: &[Key<'_>],
        read: impl Fn(&mut dyn Fields<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut found = Vec::new();
        self.0.each(sql, keys, &mut |fields| {
            found.push(read(fields)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// The first row of a query.
    pub(crate) fn one<T>(
        &mut self,
        sql: &'static str,
        keys: &[Key<'_>],
        read: impl Fn(&mut dyn Fields<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.all(sql, keys, read)?.into_iter().next())
    }

    fn sum(&mut self, sql: &'static str, keys: &[Key<'_>]) -> Result<Credits> {
        let found = self.one(sql, keys, rows::sum)?;
        Ok(found.unwrap_or(Credits::ZERO))
    }

    /// The rate card of this version, as it is kept.
    pub(crate) fn price_card(&mut self, version: u32) -> Result<Option<Stored>> {
        let sql = select!(PRICE_CARD, "price_card WHERE version=$1");
        self.one(sql, &[Key::Number(version.into())], rows::price_card)
    }

    /// A table with a row of a pool that is not there. Only tables without a foreign key are asked, and not
    /// the holds, which the audit counts.
    pub(crate) fn orphan(&mut self) -> Result<Option<String>> {
        let sql = "SELECT name FROM (SELECT 'entry' AS name, pool FROM entry \
                   UNION ALL SELECT 'member_use', pool FROM member_use \
                   UNION ALL SELECT 'envelope_use', pool FROM envelope_use) r \
                   WHERE NOT EXISTS (SELECT 1 FROM pool p WHERE p.id=r.pool) LIMIT 1";
        self.one(sql, &[], rows::name)
    }
}

impl<Q: Queries> Rows for Asked<Q> {
    type Error = LedgerError;

    fn pool(&mut self, pool: PoolId) -> Result<Option<PoolState>> {
        let sql = select!(POOL, "pool WHERE id=$1");
        self.one(sql, &[of(pool)], rows::pool)
    }

    fn period(&mut self, pool: PoolId, no: u32) -> Result<Option<Period>> {
        let sql = select!(PERIOD, "period WHERE pool=$1 AND no=$2");
        self.one(sql, &[of(pool), Key::Number(no.into())], rows::period)
    }

    /// Two queries in one, because each has an index.
    fn grants(&mut self, pool: PoolId, no: u32) -> Result<Vec<Grant>> {
        let sql = concat!(
            "SELECT ",
            columns!(GRANT),
            " FROM grant_ WHERE pool=$1 AND used+held+revoked+expired<amount UNION SELECT ",
            columns!(GRANT),
            " FROM grant_ WHERE pool=$1 AND period=$2 AND kind='plan'"
        );
        self.all(sql, &[of(pool), Key::Number(no.into())], rows::grant)
    }

    fn grant(&mut self, pool: PoolId, no: u64) -> Result<Option<Grant>> {
        let sql = select!(GRANT, "grant_ WHERE pool=$1 AND no=$2");
        self.one(sql, &[of(pool), Key::Number(number(no)?)], rows::grant)
    }

    fn grant_by_source(&mut self, pool: PoolId, source: &str) -> Result<Option<Grant>> {
        let sql = select!(GRANT, "grant_ WHERE pool=$1 AND source=$2");
        self.one(sql, &[of(pool), Key::Text(Some(source))], rows::grant)
    }

    fn hold(&mut self, hold: HoldId) -> Result<Option<HoldRecord>> {
        let sql = select!(HOLD, "hold WHERE id=$1");
        self.one(sql, &[Key::Id(Some(hold.uuid()))], rows::hold)
    }

    fn member(&mut self, pool: PoolId, member: MemberId) -> Result<Option<Member>> {
        let sql = select!(MEMBER, "member WHERE pool=$1 AND member=$2");
        let keys = [of(pool), Key::Id(Some(member.uuid()))];
        self.one(sql, &keys, rows::member)
    }

    fn member_use(
        &mut self,
        pool: PoolId,
        member: MemberId,
        period: u32,
    ) -> Result<Option<MemberUse>> {
        let sql = select!(
            MEMBER_USE,
            "member_use WHERE pool=$1 AND member=$2 AND period=$3"
        );
        let member = Key::Id(Some(member.uuid()));
        let keys = [of(pool), member, Key::Number(period.into())];
        self.one(sql, &keys, rows::member_use)
    }

    fn envelopes(&mut self, pool: PoolId) -> Result<Vec<Envelope>> {
        let sql = select!(ENVELOPE, "envelope WHERE pool=$1 ORDER BY no");
        self.all(sql, &[of(pool)], rows::envelope)
    }

    fn envelope_use(
        &mut self,
        pool: PoolId,
        envelope: u64,
        window: i64,
    ) -> Result<Option<EnvelopeUse>> {
        let sql = select!(
            ENVELOPE_USE,
            "envelope_use WHERE pool=$1 AND envelope=$2 AND win=$3"
        );
        let envelope = Key::Number(number(envelope)?);
        let keys = [of(pool), envelope, Key::Number(window)];
        self.one(sql, &keys, rows::envelope_use)
    }

    fn spent(&mut self, query: &SpendQuery) -> Result<Credits> {
        let sql = "SELECT CAST(coalesce(sum(h.charged),0) AS bigint) FROM entry e \
                   JOIN hold h ON h.id=e.hold WHERE e.pool=$1 AND e.kind='hold' \
                   AND (CAST($2 AS uuid) IS NULL OR h.member=$2) \
                   AND (CAST($3 AS uuid) IS NULL OR h.conversation=$3) \
                   AND (CAST($4 AS text) IS NULL OR h.kind=$4) \
                   AND h.created_at>=$5 AND h.created_at<$6";
        let keys = [
            of(query.pool),
            Key::Id(query.member.map(MemberId::uuid)),
            Key::Id(query.conversation.map(|inside| inside.uuid())),
            Key::Text(query.kind.map(WorkKind::as_str)),
            Key::Number(query.from.millis()),
            Key::Number(query.until.millis()),
        ];
        self.sum(sql, &keys)
    }

    fn order(&mut self, pool: PoolId, key: &str) -> Result<Option<OrderRecord>> {
        let sql = select!(ORDER, "order_ WHERE pool=$1 AND key=$2");
        self.one(sql, &[of(pool), Key::Text(Some(key))], rows::order)
    }

    fn entry(&mut self, pool: PoolId, seq: u64) -> Result<Option<Entry>> {
        let sql = select!(ENTRY, "entry WHERE pool=$1 AND seq=$2");
        self.one(sql, &[of(pool), Key::Number(number(seq)?)], rows::entry)
    }

    fn reversed(&mut self, pool: PoolId, seq: u64) -> Result<Credits> {
        let sql = "SELECT CAST(coalesce(sum(amount),0) AS bigint) FROM entry \
                   WHERE pool=$1 AND reverses=$2";
        self.sum(sql, &[of(pool), Key::Number(number(seq)?)])
    }
}

impl<C: Connection> Reader for Asked<C> {
    fn begin(&mut self) -> Result<()> {
        self.0.begin()
    }

    fn end(&mut self) -> Result<()> {
        self.0.end()
    }

    fn explain(&self, error: LedgerError) -> LedgerError {
        self.0.explain(error)
    }

    fn pools(&mut self) -> Result<Vec<PoolState>> {
        let sql = select!(POOL, "pool ORDER BY id");
        self.all(sql, &[], rows::pool)
    }

    fn entries(&mut self, pool: PoolId, after_seq: u64, limit: u32) -> Result<Vec<Entry>> {
        let sql = select!(
            ENTRY,
            "entry WHERE pool=$1 AND seq>$2 ORDER BY seq LIMIT $3"
        );
        let after = Key::Number(number(after_seq)?);
        let keys = [of(pool), after, Key::Number(limit.into())];
        self.all(sql, &keys, rows::entry)
    }

    fn holds_between(&mut self, pool: PoolId, first: u64, last: u64) -> Result<Vec<HoldRecord>> {
        let sql = select!(
            HOLD,
            "hold WHERE id IN \
             (SELECT hold FROM entry WHERE pool=$1 AND seq BETWEEN $2 AND $3) \
             ORDER BY created_at, id"
        );
        self.all(sql, &between(pool, first, last)?, rows::hold)
    }

    fn holds_placed(&mut self, pool: PoolId, first: u64, last: u64) -> Result<Vec<HoldRecord>> {
        let sql = select!(
            HOLD,
            "hold WHERE id IN (SELECT hold FROM entry \
             WHERE pool=$1 AND seq BETWEEN $2 AND $3 AND kind='hold')"
        );
        self.all(sql, &between(pool, first, last)?, rows::hold)
    }

    fn holds_overrun(&mut self, pool: PoolId, after_seq: u64) -> Result<Vec<HoldRecord>> {
        let sql = select!(
            HOLD,
            "hold WHERE id IN \
             (SELECT hold FROM entry WHERE pool=$1 AND seq>$2 AND kind='overrun')"
        );
        let keys = [of(pool), Key::Number(number(after_seq)?)];
        self.all(sql, &keys, rows::hold)
    }

    fn open_holds(&mut self) -> Result<Vec<HoldRecord>> {
        let sql = select!(
            HOLD,
            "hold WHERE resolved_at IS NULL ORDER BY created_at, id"
        );
        self.all(sql, &[], rows::hold)
    }

    fn stale_holds(&mut self, now: UtcMillis, limit: u32) -> Result<Vec<(PoolId, HoldId)>> {
        let sql = select!(
            HOLD,
            "hold WHERE resolved_at IS NULL AND state<>'unknown' AND expires_at<=$1 \
             ORDER BY expires_at LIMIT $2"
        );
        let keys = [Key::Number(now.millis()), Key::Number(limit.into())];
        self.all(sql, &keys, |fields| {
            rows::hold(fields).map(|record| (record.pool, record.id))
        })
    }

    fn hold_count(&mut self) -> Result<u64> {
        let found = self.one("SELECT count(*) FROM hold", &[], rows::count)?;
        Ok(found.unwrap_or(0))
    }

    fn has_old_ids(&mut self) -> Result<bool> {
        self.0.has_old_ids()
    }

    fn clock(&mut self) -> Result<Option<UtcMillis>> {
        self.0.clock()
    }

    fn periods(&mut self, pool: PoolId) -> Result<Vec<Period>> {
        let sql = select!(PERIOD, "period WHERE pool=$1 ORDER BY no");
        self.all(sql, &[of(pool)], rows::period)
    }

    fn all_grants(&mut self, pool: PoolId) -> Result<Vec<Grant>> {
        let sql = select!(GRANT, "grant_ WHERE pool=$1 ORDER BY no");
        self.all(sql, &[of(pool)], rows::grant)
    }

    fn members(&mut self, pool: PoolId) -> Result<Vec<Member>> {
        let sql = select!(MEMBER, "member WHERE pool=$1 ORDER BY member");
        self.all(sql, &[of(pool)], rows::member)
    }

    fn member_uses(&mut self, pool: PoolId) -> Result<Vec<MemberUse>> {
        let sql = select!(
            MEMBER_USE,
            "member_use WHERE pool=$1 ORDER BY member, period"
        );
        self.all(sql, &[of(pool)], rows::member_use)
    }

    fn envelope_uses(&mut self, pool: PoolId) -> Result<Vec<EnvelopeUse>> {
        let sql = select!(
            ENVELOPE_USE,
            "envelope_use WHERE pool=$1 ORDER BY envelope, win"
        );
        self.all(sql, &[of(pool)], rows::envelope_use)
    }

    fn orders(&mut self, pool: PoolId) -> Result<Vec<OrderRecord>> {
        let sql = select!(ORDER, "order_ WHERE pool=$1 ORDER BY first_seq");
        self.all(sql, &[of(pool)], rows::order)
    }

    fn checkpoints(&mut self, pool: PoolId) -> Result<Vec<Checkpoint>> {
        let sql = select!(CHECKPOINT, "checkpoint WHERE pool=$1 ORDER BY seq");
        self.all(sql, &[of(pool)], rows::checkpoint)
    }

    fn price_card(&mut self, version: u32) -> Result<Option<Stored>> {
        Asked::price_card(self, version)
    }

    fn price_cards(&mut self) -> Result<Vec<Stored>> {
        if !self.0.has_price_cards()? {
            return Ok(Vec::new());
        }
        let sql = select!(PRICE_CARD, "price_card ORDER BY version");
        self.all(sql, &[], rows::price_card)
    }

    fn storage_problem(&mut self) -> Result<Option<String>> {
        self.0.storage_problem()
    }
}

const fn of(pool: PoolId) -> Key<'static> {
    Key::Id(Some(pool.uuid()))
}

fn between(pool: PoolId, first: u64, last: u64) -> Result<[Key<'static>; 3]> {
    let (first, last) = (number(first)?, number(last)?);
    Ok([of(pool), Key::Number(first), Key::Number(last)])
}

/// The databases' integers end at `i64::MAX`; nothing of ours gets there.
pub(crate) fn number(value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|_| Refusal::AmountTooLarge.into())
}
