//! The rows as a session sees them, one question at a time.

use anyai_ledger::{
    Entry, Envelope, EnvelopeUse, Grant, HoldRecord, Member, MemberUse, OrderRecord, Period,
    PoolState, Refusal, Rows, SpendQuery, WorkKind,
};
use anyai_units::{Credits, HoldId, MemberId, PoolId};

use super::rows;
use super::session::Session;
use crate::LedgerError;
use crate::columns::select;

impl Rows for Session {
    type Error = LedgerError;

    fn pool(&mut self, pool: PoolId) -> Result<Option<PoolState>, LedgerError> {
        let sql = select!(POOL, "pool WHERE id=$1");
        self.one(sql, &[&pool.uuid()], rows::pool)
    }

    fn period(&mut self, pool: PoolId, no: u32) -> Result<Option<Period>, LedgerError> {
        let sql = select!(PERIOD, "period WHERE pool=$1 AND no=$2");
        self.one(sql, &[&pool.uuid(), &i64::from(no)], rows::period)
    }

    fn grants(&mut self, pool: PoolId, no: u32) -> Result<Vec<Grant>, LedgerError> {
        self.all(
            select!(
                GRANT,
                "grant_ WHERE pool=$1 AND (used+held+revoked+expired<amount \
             OR (kind='plan' AND period=$2))"
            ),
            &[&pool.uuid(), &i64::from(no)],
            rows::grant,
        )
    }

    fn grant(&mut self, pool: PoolId, no: u64) -> Result<Option<Grant>, LedgerError> {
        let sql = select!(GRANT, "grant_ WHERE pool=$1 AND no=$2");
        self.one(sql, &[&pool.uuid(), &number(no)?], rows::grant)
    }

    fn grant_by_source(
        &mut self,
        pool: PoolId,
        source: &str,
    ) -> Result<Option<Grant>, LedgerError> {
        let sql = select!(GRANT, "grant_ WHERE pool=$1 AND source=$2");
        self.one(sql, &[&pool.uuid(), &source], rows::grant)
    }

    fn hold(&mut self, hold: HoldId) -> Result<Option<HoldRecord>, LedgerError> {
        let sql = select!(HOLD, "hold WHERE id=$1");
        self.one(sql, &[&hold.uuid()], rows::hold)
    }

    fn member(&mut self, pool: PoolId, member: MemberId) -> Result<Option<Member>, LedgerError> {
        let sql = select!(MEMBER, "member WHERE pool=$1 AND member=$2");
        self.one(sql, &[&pool.uuid(), &member.uuid()], rows::member)
    }

    fn member_use(
        &mut self,
        pool: PoolId,
        member: MemberId,
        period: u32,
    ) -> Result<Option<MemberUse>, LedgerError> {
        let sql = select!(
            MEMBER_USE,
            "member_use WHERE pool=$1 AND member=$2 AND period=$3"
        );
        let key = (pool.uuid(), member.uuid(), i64::from(period));
        self.one(sql, &[&key.0, &key.1, &key.2], rows::member_use)
    }

    fn envelopes(&mut self, pool: PoolId) -> Result<Vec<Envelope>, LedgerError> {
        let sql = select!(ENVELOPE, "envelope WHERE pool=$1 ORDER BY no");
        self.of_pool(pool, sql, rows::envelope)
    }

    fn envelope_use(
        &mut self,
        pool: PoolId,
        envelope: u64,
        window: i64,
    ) -> Result<Option<EnvelopeUse>, LedgerError> {
        let sql = select!(
            ENVELOPE_USE,
            "envelope_use WHERE pool=$1 AND envelope=$2 AND win=$3"
        );
        let key = (pool.uuid(), number(envelope)?);
        self.one(sql, &[&key.0, &key.1, &window], rows::envelope_use)
    }

    fn spent(&mut self, query: &SpendQuery) -> Result<Credits, LedgerError> {
        let sql = "SELECT coalesce(sum(h.charged),0)::bigint FROM entry e \
                   JOIN hold h ON h.id=e.hold WHERE e.pool=$1 AND e.kind='hold' \
                   AND ($2::uuid IS NULL OR h.member=$2) \
                   AND ($3::uuid IS NULL OR h.conversation=$3) \
                   AND ($4::text IS NULL OR h.kind=$4) AND h.created_at>=$5 AND h.created_at<$6";
        let member = query.member.map(MemberId::uuid);
        let inside = query.conversation.map(|conversation| conversation.uuid());
        let kind = query.kind.map(WorkKind::as_str);
        let (from, until) = (query.from.millis(), query.until.millis());
        let pool = query.pool.uuid();
        let found = self.one(
            sql,
            &[&pool, &member, &inside, &kind, &from, &until],
            rows::sum,
        )?;
        Ok(found.unwrap_or(Credits::ZERO))
    }

    fn order(&mut self, pool: PoolId, key: &str) -> Result<Option<OrderRecord>, LedgerError> {
        let sql = select!(ORDER, "order_ WHERE pool=$1 AND key=$2");
        self.one(sql, &[&pool.uuid(), &key], rows::order)
    }

    fn entry(&mut self, pool: PoolId, seq: u64) -> Result<Option<Entry>, LedgerError> {
        let sql = select!(ENTRY, "entry WHERE pool=$1 AND seq=$2");
        self.one(sql, &[&pool.uuid(), &number(seq)?], rows::entry)
    }

    fn reversed(&mut self, pool: PoolId, seq: u64) -> Result<Credits, LedgerError> {
        let sql = "SELECT coalesce(sum(amount),0)::bigint FROM entry WHERE pool=$1 AND reverses=$2";
        let found = self.one(sql, &[&pool.uuid(), &number(seq)?], rows::sum)?;
        Ok(found.unwrap_or(Credits::ZERO))
    }
}

/// PostgreSQL's integers end at `i64::MAX`; nothing of ours gets there.
pub(super) fn number(value: u64) -> Result<i64, LedgerError> {
    i64::try_from(value).map_err(|_| Refusal::AmountTooLarge.into())
}
