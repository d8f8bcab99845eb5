//! What is read from the tables, by commands and by everybody else.

use std::ops::Deref;

use anyai_ledger::{
    Checkpoint, Entry, Envelope, EnvelopeUse, Grant, HoldRecord, Member, MemberUse, OrderRecord,
    Period, PoolState, Refusal, Rows, SpendQuery,
};
use anyai_units::{Credits, HoldId, MemberId, PoolId, UtcMillis};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};

use super::{SqliteReader, SqliteRows, rows};
use crate::LedgerError;
use crate::backing::Reader;
use crate::columns::{columns, select};

impl<C: Deref<Target = Connection>> SqliteRows<C> {
    fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, LedgerError> {
        let mut statement = self.0.prepare_cached(sql)?;
        Ok(statement.query_row(params, read).optional()?)
    }

    fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, LedgerError> {
        let mut statement = self.0.prepare_cached(sql)?;
        let found = statement.query_map(params, read)?;
        Ok(found.collect::<rusqlite::Result<Vec<T>>>()?)
    }

    /// All rows of a pool that a query of one parameter names.
    fn of_pool<T>(
        &self,
        pool: PoolId,
        sql: &str,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, LedgerError> {
        self.all(sql, [id(pool)], read)
    }
}

impl<C: Deref<Target = Connection>> Rows for SqliteRows<C> {
    type Error = LedgerError;

    fn pool(&mut self, pool: PoolId) -> Result<Option<PoolState>, LedgerError> {
        let sql = select!(POOL, "pool WHERE id=?");
        self.one(sql, [id(pool)], rows::pool)
    }

    fn period(&mut self, pool: PoolId, no: u32) -> Result<Option<Period>, LedgerError> {
        let sql = select!(PERIOD, "period WHERE pool=? AND no=?");
        self.one(sql, params![id(pool), no], rows::period)
    }

    fn grants(&mut self, pool: PoolId, no: u32) -> Result<Vec<Grant>, LedgerError> {
        let sql = concat!(
            "SELECT ",
            columns!(GRANT),
            " FROM grant_ WHERE pool=?1 AND used+held+revoked+expired<amount UNION SELECT ",
            columns!(GRANT),
            " FROM grant_ WHERE pool=?1 AND period=?2 AND kind='plan'"
        );
        self.all(sql, params![id(pool), no], rows::grant)
    }

    fn grant(&mut self, pool: PoolId, no: u64) -> Result<Option<Grant>, LedgerError> {
        let sql = select!(GRANT, "grant_ WHERE pool=? AND no=?");
        self.one(sql, params![id(pool), number(no)?], rows::grant)
    }

    fn grant_by_source(
        &mut self,
        pool: PoolId,
        source: &str,
    ) -> Result<Option<Grant>, LedgerError> {
        let sql = select!(GRANT, "grant_ WHERE pool=? AND source=?");
        self.one(sql, params![id(pool), source], rows::grant)
    }

    fn hold(&mut self, hold: HoldId) -> Result<Option<HoldRecord>, LedgerError> {
        let sql = select!(HOLD, "hold WHERE id=?");
        self.one(sql, [hold.uuid().as_bytes()], rows::hold)
    }

    fn member(&mut self, pool: PoolId, member: MemberId) -> Result<Option<Member>, LedgerError> {
        let sql = select!(MEMBER, "member WHERE pool=? AND member=?");
        self.one(
            sql,
            params![id(pool), member.uuid().as_bytes()],
            rows::member,
        )
    }

    fn member_use(
        &mut self,
        pool: PoolId,
        member: MemberId,
        period: u32,
    ) -> Result<Option<MemberUse>, LedgerError> {
        let sql = select!(
            MEMBER_USE,
            "member_use WHERE pool=? AND member=? AND period=?"
        );
        let key = params![id(pool), member.uuid().into_bytes(), period];
        self.one(sql, key, rows::member_use)
    }

    fn envelopes(&mut self, pool: PoolId) -> Result<Vec<Envelope>, LedgerError> {
        let sql = select!(ENVELOPE, "envelope WHERE pool=? ORDER BY no");
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
            "envelope_use WHERE pool=? AND envelope=? AND win=?"
        );
        let key = params![id(pool), number(envelope)?, window];
        self.one(sql, key, rows::envelope_use)
    }

    fn spent(&mut self, query: &SpendQuery) -> Result<Credits, LedgerError> {
        let sql = "SELECT coalesce(sum(h.charged),0) FROM entry e JOIN hold h ON h.id=e.hold \
                   WHERE e.pool=?1 AND e.kind='hold' AND (?2 IS NULL OR h.member=?2) \
                   AND (?3 IS NULL OR h.conversation=?3) AND (?4 IS NULL OR h.kind=?4) \
                   AND h.created_at>=?5 AND h.created_at<?6";
        let params = params![
            id(query.pool),
            query.member.map(|member| member.uuid().into_bytes()),
            query.conversation.map(|inside| inside.uuid().into_bytes()),
            query.kind.map(anyai_ledger::WorkKind::as_str),
            query.from.millis(),
            query.until.millis(),
        ];
        Ok(self.one(sql, params, rows::sum)?.unwrap_or(Credits::ZERO))
    }

    fn order(&mut self, pool: PoolId, key: &str) -> Result<Option<OrderRecord>, LedgerError> {
        let sql = select!(ORDER, "order_ WHERE pool=? AND key=?");
        self.one(sql, params![id(pool), key], rows::order)
    }

    fn entry(&mut self, pool: PoolId, seq: u64) -> Result<Option<Entry>, LedgerError> {
        let sql = select!(ENTRY, "entry WHERE pool=? AND seq=?");
        self.one(sql, params![id(pool), number(seq)?], rows::entry)
    }

    fn reversed(&mut self, pool: PoolId, seq: u64) -> Result<Credits, LedgerError> {
        let sql = "SELECT coalesce(sum(amount),0) FROM entry WHERE pool=? AND reverses=?";
        let found = self.one(sql, params![id(pool), number(seq)?], rows::sum)?;
        Ok(found.unwrap_or(Credits::ZERO))
    }
}

impl Reader for SqliteReader {
    fn begin(&mut self) -> Result<(), LedgerError> {
        Ok(self.0.execute_batch("BEGIN DEFERRED")?)
    }

    fn end(&mut self) -> Result<(), LedgerError> {
        Ok(self.0.execute_batch("COMMIT")?)
    }

    fn explain(&self, error: LedgerError) -> LedgerError {
        error.at(&self.0.path)
    }

    fn pools(&mut self) -> Result<Vec<PoolState>, LedgerError> {
        let sql = select!(POOL, "pool ORDER BY id");
        self.all(sql, [], rows::pool)
    }

    fn entries(
        &mut self,
        pool: PoolId,
        after_seq: u64,
        limit: u32,
    ) -> Result<Vec<Entry>, LedgerError> {
        let sql = select!(ENTRY, "entry WHERE pool=? AND seq>? ORDER BY seq LIMIT ?");
        self.all(
            sql,
            params![id(pool), number(after_seq)?, limit],
            rows::entry,
        )
    }

    fn holds_between(
        &mut self,
        pool: PoolId,
        first: u64,
        last: u64,
    ) -> Result<Vec<HoldRecord>, LedgerError> {
        let sql = select!(
            HOLD,
            "hold WHERE id IN \
             (SELECT hold FROM entry WHERE pool=? AND seq BETWEEN ? AND ?) \
             ORDER BY created_at, id"
        );
        let range = params![id(pool), number(first)?, number(last)?];
        self.all(sql, range, rows::hold)
    }

    fn holds_placed(
        &mut self,
        pool: PoolId,
        first: u64,
        last: u64,
    ) -> Result<Vec<HoldRecord>, LedgerError> {
        let sql = select!(
            HOLD,
            "hold WHERE id IN (SELECT hold FROM entry \
             WHERE pool=? AND seq BETWEEN ? AND ? AND kind='hold')"
        );
        let range = params![id(pool), number(first)?, number(last)?];
        self.all(sql, range, rows::hold)
    }

    fn open_holds(&mut self) -> Result<Vec<HoldRecord>, LedgerError> {
        let sql = select!(
            HOLD,
            "hold WHERE resolved_at IS NULL ORDER BY created_at, id"
        );
        self.all(sql, [], rows::hold)
    }

    fn stale_holds(
        &mut self,
        now: UtcMillis,
        limit: u32,
    ) -> Result<Vec<(PoolId, HoldId)>, LedgerError> {
        let sql = select!(
            HOLD,
            "hold WHERE resolved_at IS NULL \
             AND state<>'unknown' AND expires_at<=? ORDER BY expires_at LIMIT ?"
        );
        self.all(sql, params![now.millis(), limit], |row| {
            rows::hold(row).map(|record| (record.pool, record.id))
        })
    }

    fn hold_count(&mut self) -> Result<u64, LedgerError> {
        let found = self.one("SELECT count(*) FROM hold", [], rows::count)?;
        Ok(found.unwrap_or(0))
    }

    fn has_old_ids(&mut self) -> Result<bool, LedgerError> {
        let sql = "SELECT EXISTS(SELECT 1 FROM hold WHERE substr(id,1,6)<>substr(turn,1,6))";
        Ok(self.one(sql, [], |row| row.get(0))?.unwrap_or(false))
    }

    fn periods(&mut self, pool: PoolId) -> Result<Vec<Period>, LedgerError> {
        let sql = select!(PERIOD, "period WHERE pool=? ORDER BY no");
        self.of_pool(pool, sql, rows::period)
    }

    fn all_grants(&mut self, pool: PoolId) -> Result<Vec<Grant>, LedgerError> {
        let sql = select!(GRANT, "grant_ WHERE pool=? ORDER BY no");
        self.of_pool(pool, sql, rows::grant)
    }

    fn members(&mut self, pool: PoolId) -> Result<Vec<Member>, LedgerError> {
        let sql = select!(MEMBER, "member WHERE pool=? ORDER BY member");
        self.of_pool(pool, sql, rows::member)
    }

    fn member_uses(&mut self, pool: PoolId) -> Result<Vec<MemberUse>, LedgerError> {
        let sql = select!(
            MEMBER_USE,
            "member_use WHERE pool=? ORDER BY member, period"
        );
        self.of_pool(pool, sql, rows::member_use)
    }

    fn envelope_uses(&mut self, pool: PoolId) -> Result<Vec<EnvelopeUse>, LedgerError> {
        let sql = select!(
            ENVELOPE_USE,
            "envelope_use WHERE pool=? ORDER BY envelope, win"
        );
        self.of_pool(pool, sql, rows::envelope_use)
    }

    fn orders(&mut self, pool: PoolId) -> Result<Vec<OrderRecord>, LedgerError> {
        let sql = select!(ORDER, "order_ WHERE pool=? ORDER BY first_seq");
        self.of_pool(pool, sql, rows::order)
    }

    fn checkpoints(&mut self, pool: PoolId) -> Result<Vec<Checkpoint>, LedgerError> {
        let sql = select!(CHECKPOINT, "checkpoint WHERE pool=? ORDER BY seq");
        self.of_pool(pool, sql, rows::checkpoint)
    }

    /// What has a foreign key, and the tables without one to a pool; the pool's holds were counted.
    fn storage_problem(&mut self) -> Result<Option<String>, LedgerError> {
        let by_key = self.one("PRAGMA foreign_key_check", [], |row| row.get(0))?;
        let sql = "SELECT name FROM (SELECT 'entry' AS name, pool FROM entry \
                   UNION ALL SELECT 'member_use', pool FROM member_use \
                   UNION ALL SELECT 'envelope_use', pool FROM envelope_use) r \
                   WHERE NOT EXISTS (SELECT 1 FROM pool p WHERE p.id=r.pool) LIMIT 1";
        let orphan: Option<String> = match by_key {
            None => self.one(sql, [], |row| row.get(0))?,
            found => found,
        };
        if let Some(table) = orphan {
            return Ok(Some(format!("a row of {table} belongs to nothing")));
        }
        let pages: Option<String> = self.one("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        Ok(pages.filter(|found| found != "ok"))
    }
}

pub(super) const fn id(pool: PoolId) -> [u8; 16] {
    pool.uuid().into_bytes()
}

/// SQLite's integers end at `i64::MAX`; nothing of ours gets there.
pub(super) fn number(value: u64) -> Result<i64, LedgerError> {
    i64::try_from(value).map_err(|_| Refusal::AmountTooLarge.into())
}
