//! What only readers ask: pages, lists and what the audit compares.

use anyai_ledger::{
    Checkpoint, Entry, EnvelopeUse, Grant, HoldRecord, Member, MemberUse, OrderRecord, Period,
    PoolState,
};
use anyai_units::{HoldId, PoolId, UtcMillis};

use super::read::number;
use super::rows;
use super::session::Session;
use crate::LedgerError;
use crate::backing::Reader;
use crate::columns::select;

impl Reader for Session {
    fn begin(&mut self) -> Result<(), LedgerError> {
        let sql = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout=0";
        self.run_first(async |link| Ok(link.client.batch_execute(sql).await?))
    }

    fn end(&mut self) -> Result<(), LedgerError> {
        self.execute("COMMIT")
    }

    fn explain(&self, error: LedgerError) -> LedgerError {
        error.in_place(self.place())
    }

    fn pools(&mut self) -> Result<Vec<PoolState>, LedgerError> {
        let sql = select!(POOL, "pool ORDER BY id");
        self.all(sql, &[], rows::pool)
    }

    fn entries(
        &mut self,
        pool: PoolId,
        after_seq: u64,
        limit: u32,
    ) -> Result<Vec<Entry>, LedgerError> {
        let sql = select!(
            ENTRY,
            "entry WHERE pool=$1 AND seq>$2 ORDER BY seq LIMIT $3"
        );
        let (after, limit) = (number(after_seq)?, i64::from(limit));
        self.all(sql, &[&pool.uuid(), &after, &limit], rows::entry)
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
             (SELECT hold FROM entry WHERE pool=$1 AND seq BETWEEN $2 AND $3) \
             ORDER BY created_at, id"
        );
        let (first, last) = (number(first)?, number(last)?);
        self.all(sql, &[&pool.uuid(), &first, &last], rows::hold)
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
             WHERE pool=$1 AND seq BETWEEN $2 AND $3 AND kind='hold')"
        );
        let (first, last) = (number(first)?, number(last)?);
        self.all(sql, &[&pool.uuid(), &first, &last], rows::hold)
    }

    fn open_holds(&mut self) -> Result<Vec<HoldRecord>, LedgerError> {
        let sql = select!(
            HOLD,
            "hold WHERE resolved_at IS NULL ORDER BY created_at, id"
        );
        self.all(sql, &[], rows::hold)
    }

    fn stale_holds(
        &mut self,
        now: UtcMillis,
        limit: u32,
    ) -> Result<Vec<(PoolId, HoldId)>, LedgerError> {
        let sql = select!(
            HOLD,
            "hold WHERE resolved_at IS NULL AND state<>'unknown' AND expires_at<=$1 \
             ORDER BY expires_at LIMIT $2"
        );
        self.all(sql, &[&now.millis(), &i64::from(limit)], |row| {
            rows::hold(row).map(|record| (record.pool, record.id))
        })
    }

    fn hold_count(&mut self) -> Result<u64, LedgerError> {
        let found = self.one("SELECT count(*) FROM hold", &[], rows::count)?;
        Ok(found.unwrap_or(0))
    }

    fn periods(&mut self, pool: PoolId) -> Result<Vec<Period>, LedgerError> {
        let sql = select!(PERIOD, "period WHERE pool=$1 ORDER BY no");
        self.of_pool(pool, sql, rows::period)
    }

    fn all_grants(&mut self, pool: PoolId) -> Result<Vec<Grant>, LedgerError> {
        let sql = select!(GRANT, "grant_ WHERE pool=$1 ORDER BY no");
        self.of_pool(pool, sql, rows::grant)
    }

    fn members(&mut self, pool: PoolId) -> Result<Vec<Member>, LedgerError> {
        let sql = select!(MEMBER, "member WHERE pool=$1 ORDER BY member");
        self.of_pool(pool, sql, rows::member)
    }

    fn member_uses(&mut self, pool: PoolId) -> Result<Vec<MemberUse>, LedgerError> {
        let sql = select!(
            MEMBER_USE,
            "member_use WHERE pool=$1 ORDER BY member, period"
        );
        self.of_pool(pool, sql, rows::member_use)
    }

    fn envelope_uses(&mut self, pool: PoolId) -> Result<Vec<EnvelopeUse>, LedgerError> {
        let sql = select!(
            ENVELOPE_USE,
            "envelope_use WHERE pool=$1 ORDER BY envelope, win"
        );
        self.of_pool(pool, sql, rows::envelope_use)
    }

    fn orders(&mut self, pool: PoolId) -> Result<Vec<OrderRecord>, LedgerError> {
        let sql = select!(ORDER, "order_ WHERE pool=$1 ORDER BY first_seq");
        self.of_pool(pool, sql, rows::order)
    }

    fn checkpoints(&mut self, pool: PoolId) -> Result<Vec<Checkpoint>, LedgerError> {
        let sql = select!(CHECKPOINT, "checkpoint WHERE pool=$1 ORDER BY seq");
        self.of_pool(pool, sql, rows::checkpoint)
    }

    /// The tables without a foreign key to a pool; the pool's holds were counted.
    fn storage_problem(&mut self) -> Result<Option<String>, LedgerError> {
        self.execute("SET LOCAL enable_hashjoin=on")?;
        let sql = "SELECT name FROM (SELECT 'entry' AS name, pool FROM entry \
                   UNION ALL SELECT 'member_use', pool FROM member_use \
                   UNION ALL SELECT 'envelope_use', pool FROM envelope_use) r \
                   WHERE NOT EXISTS (SELECT 1 FROM pool p WHERE p.id=r.pool) LIMIT 1";
        let table = self.one(sql, &[], |row| Ok(row.try_get::<_, String>(0)?))?;
        Ok(table.map(|table| format!("a row of {table} belongs to nothing")))
    }
}
