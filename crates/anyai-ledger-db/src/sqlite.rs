//! The ledger's rows in one open SQLite transaction. Every write carries its guard in its `WHERE`;
//! no row moved means the guard refused.

use anyai_ledger::{
    Allocation, Effect, Entry, Grant, GrantMove, HoldEnd, HoldRecord, HoldState, Period,
    PeriodMove, PoolState, Store,
};
use anyai_units::{Credits, HoldId, PoolId, TurnId, UtcMillis};
use rusqlite::{Connection, OptionalExtension, Params, Row, named_params, params};

use crate::{LedgerError, rows};

/// A store that lives as long as a transaction.
pub(crate) struct SqliteStore<'a> {
    connection: &'a Connection,
    /// The pools whose head moved, with their new `seq`: for whoever watches.
    pub(crate) moved: Vec<(PoolId, u64)>,
}

impl<'a> SqliteStore<'a> {
    pub(crate) const fn new(transaction: &'a Connection) -> Self {
        Self {
            connection: transaction,
            moved: Vec::new(),
        }
    }

    fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, LedgerError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        Ok(statement.query_row(params, read).optional()?)
    }

    fn all<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, LedgerError> {
        let mut statement = self.connection.prepare_cached(sql)?;
        let found = statement
            .query_map(params, read)?
            .collect::<rusqlite::Result<Vec<T>>>()?;
        Ok(found)
    }

    /// Writes exactly one row, or reports the guard that refused.
    fn write(&self, guard: &str, sql: &str, params: impl Params) -> Result<(), LedgerError> {
        let written = self.connection.prepare_cached(sql)?.execute(params)?;
        if written == 1 {
            return Ok(());
        }
        Err(LedgerError::GuardBroken {
            guard: guard.to_owned(),
        })
    }

    /// The entries after `after_seq`, at most `limit`.
    pub(crate) fn entries(
        &self,
        pool: PoolId,
        after_seq: u64,
        limit: u32,
    ) -> Result<Vec<Entry>, LedgerError> {
        let sql = "SELECT * FROM entry WHERE pool=? AND seq>? ORDER BY seq LIMIT ?";
        self.all(
            sql,
            params![id(pool), number(after_seq)?, limit],
            rows::entry,
        )
    }

    /// The holds that the entries from `first` to `last` belong to.
    pub(crate) fn holds_between(
        &self,
        pool: PoolId,
        first: u64,
        last: u64,
    ) -> Result<Vec<HoldRecord>, LedgerError> {
        let sql = "SELECT * FROM hold WHERE id IN \
                   (SELECT hold FROM entry WHERE pool=? AND seq BETWEEN ? AND ?) \
                   ORDER BY created_at, id";
        self.all(
            sql,
            params![id(pool), number(first)?, number(last)?],
            rows::hold,
        )
    }

    /// Every pool.
    pub(crate) fn pools(&self) -> Result<Vec<PoolId>, LedgerError> {
        self.all("SELECT * FROM pool ORDER BY id", [], |row| {
            Ok(rows::pool_state(row)?.id)
        })
    }

    /// Every hold that still sets credits aside, the oldest first.
    pub(crate) fn open_holds(&self) -> Result<Vec<HoldRecord>, LedgerError> {
        let sql = "SELECT * FROM hold WHERE state IN ('held','dispatched','unknown') \
                   ORDER BY created_at, id";
        self.all(sql, [], rows::hold)
    }

    /// The holds whose time is over and that somebody has to do something about.
    pub(crate) fn stale_holds(
        &self,
        now: UtcMillis,
        limit: u32,
    ) -> Result<Vec<HoldId>, LedgerError> {
        let sql = "SELECT * FROM hold WHERE state IN ('held','dispatched','unknown') \
                   AND state<>'unknown' AND expires_at<=? ORDER BY expires_at LIMIT ?";
        self.all(sql, params![now.millis(), limit], |row| {
            Ok(rows::hold(row)?.id)
        })
    }

    /// The hold of a turn.
    pub(crate) fn hold_of(
        &self,
        pool: PoolId,
        turn: TurnId,
    ) -> Result<Option<HoldRecord>, LedgerError> {
        let sql = "SELECT * FROM hold WHERE pool=? AND turn=?";
        self.one(sql, params![id(pool), turn.uuid().as_bytes()], rows::hold)
    }

    fn apply_one(&mut self, effect: &Effect) -> Result<(), LedgerError> {
        match effect {
            Effect::OpenPool(state) => self.open_pool(state),
            Effect::Advance { from_seq, to } => self.advance(*from_seq, to),
            Effect::OpenPeriod(period) => self.open_period(period),
            Effect::MovePeriod(change) => self.move_period(change),
            Effect::AddGrant(grant) => self.add_grant(grant),
            Effect::MoveGrant(change) => self.move_grant(change),
            Effect::PutHold(record) => self.put_hold(record),
            Effect::Allocate(allocation) => self.allocate(allocation),
            Effect::UseAllocation { hold, grant, used } => self.write(
                "no more is used than was allocated",
                "UPDATE hold_alloc SET used=?3 WHERE hold=?1 AND grant_no=?2 AND used=0 \
                 AND ?3<=amount",
                params![hold.uuid().as_bytes(), number(*grant)?, used.millicredits()],
            ),
            Effect::Dispatch {
                hold,
                provider_op,
                at,
            } => self.write(
                "only a held hold is dispatched",
                "UPDATE hold SET state='dispatched', provider_op=?2, dispatched_at=?3 \
                 WHERE id=?1 AND state='held'",
                params![hold.uuid().as_bytes(), provider_op, at.millis()],
            ),
            Effect::NoteProviderOp { hold, provider_op } => self.write(
                "only sent work has a provider's name",
                "UPDATE hold SET provider_op=?2 WHERE id=?1 AND state IN ('dispatched','unknown')",
                params![hold.uuid().as_bytes(), provider_op],
            ),
            Effect::MarkUnknown { hold, at } => self.write(
                "only a dispatched hold becomes unknown",
                "UPDATE hold SET state='unknown', unknown_since=?2 WHERE id=?1 \
                 AND state='dispatched'",
                params![hold.uuid().as_bytes(), at.millis()],
            ),
            Effect::Resolve(end) => self.resolve(end),
            Effect::Append(entry) => self.append(entry),
        }
    }

    fn open_pool(&self, state: &PoolState) -> Result<(), LedgerError> {
        let next = state.next_plan.as_ref();
        self.write(
            "a pool is made once",
            "INSERT INTO pool(id,epoch,anchor,plan,plan_amount,next_plan,next_plan_amount,frozen,\
             period,grant_count,seq,head_hash,last_at) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
            params![
                id(state.id),
                state.epoch.0,
                state.anchor.millis(),
                state.plan.plan,
                state.plan.amount.millicredits(),
                next.map(|next| &next.plan),
                next.map(|next| next.amount.millicredits()),
                state.frozen,
                state.period,
                number(state.grant_count)?,
                number(state.seq)?,
                state.head_hash.0,
                state.last_at.millis(),
            ],
        )
    }

    fn advance(&mut self, from_seq: u64, to: &PoolState) -> Result<(), LedgerError> {
        let next = to.next_plan.as_ref();
        self.write(
            "nobody moved the pool meanwhile",
            "UPDATE pool SET plan=?3, plan_amount=?4, next_plan=?5, next_plan_amount=?6, \
             frozen=?7, period=?8, grant_count=?9, seq=?10, head_hash=?11, last_at=?12 \
             WHERE id=?1 AND seq=?2 AND last_at<=?12",
            params![
                id(to.id),
                number(from_seq)?,
                to.plan.plan,
                to.plan.amount.millicredits(),
                next.map(|next| &next.plan),
                next.map(|next| next.amount.millicredits()),
                to.frozen,
                to.period,
                number(to.grant_count)?,
                number(to.seq)?,
                to.head_hash.0,
                to.last_at.millis(),
            ],
        )?;
        self.moved.push((to.id, to.seq));
        Ok(())
    }

    fn open_period(&self, period: &Period) -> Result<(), LedgerError> {
        self.write(
            "a period is opened once",
            "INSERT INTO period(pool,no,starts_at,ends_at,granted,posted,pending,expired) \
             VALUES(?,?,?,?,?,?,?,?)",
            params![
                id(period.pool),
                period.bounds.no,
                period.bounds.starts_at.millis(),
                period.bounds.ends_at.millis(),
                period.granted.millicredits(),
                period.posted.millicredits(),
                period.pending.millicredits(),
                period.expired.millicredits(),
            ],
        )
    }

    /// The cap: it holds here whatever the program computed.
    fn move_period(&self, change: &PeriodMove) -> Result<(), LedgerError> {
        self.write(
            "posted + pending + expired <= granted",
            "UPDATE period SET granted=granted+:granted, posted=posted+:posted, \
             pending=pending+:pending, expired=expired+:expired \
             WHERE pool=:pool AND no=:no AND posted+:posted+pending+:pending+expired+:expired \
             <=granted+:granted",
            named_params! {
                ":pool": id(change.pool),
                ":no": change.no,
                ":granted": change.granted.millicredits(),
                ":posted": change.posted.millicredits(),
                ":pending": change.pending.millicredits(),
                ":expired": change.expired.millicredits(),
            },
        )
    }

    fn add_grant(&self, grant: &Grant) -> Result<(), LedgerError> {
        self.write(
            "a source grants once",
            "INSERT INTO grant_(pool,no,period,kind,amount,used,held,revoked,expired,priority,\
             effective_at,expires_at,source) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
            params![
                id(grant.pool),
                number(grant.no)?,
                grant.period,
                grant.kind.as_str(),
                grant.amount.millicredits(),
                grant.used.millicredits(),
                grant.held.millicredits(),
                grant.revoked.millicredits(),
                grant.expired.millicredits(),
                grant.priority,
                grant.effective_at.millis(),
                grant.expires_at.map(UtcMillis::millis),
                grant.source,
            ],
        )
    }

    fn move_grant(&self, change: &GrantMove) -> Result<(), LedgerError> {
        self.write(
            "used + held + revoked + expired <= amount",
            "UPDATE grant_ SET used=used+:used, held=held+:held, revoked=revoked+:revoked, \
             expired=expired+:expired WHERE pool=:pool AND no=:no \
             AND used+:used+held+:held+revoked+:revoked+expired+:expired<=amount",
            named_params! {
                ":pool": id(change.pool),
                ":no": number(change.no)?,
                ":used": change.used.millicredits(),
                ":held": change.held.millicredits(),
                ":revoked": change.revoked.millicredits(),
                ":expired": change.expired.millicredits(),
            },
        )
    }

    fn put_hold(&self, record: &HoldRecord) -> Result<(), LedgerError> {
        self.write(
            "a turn is held once",
            "INSERT INTO hold(id,pool,member,turn,fingerprint,period,state,estimate,ceiling,\
             overrun,price_version,model,kind,expires_at,created_at) \
             VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            params![
                record.id.uuid().as_bytes(),
                id(record.pool),
                record.member.uuid().as_bytes(),
                record.turn.uuid().as_bytes(),
                record.fingerprint,
                record.period,
                record.state.as_str(),
                record.estimate.millicredits(),
                record.ceiling.millicredits(),
                record.overrun.millicredits(),
                record.price_version,
                record.model,
                record.kind.as_str(),
                record.expires_at.millis(),
                record.created_at.millis(),
            ],
        )
    }

    fn allocate(&self, allocation: &Allocation) -> Result<(), LedgerError> {
        self.write(
            "an allocation belongs to a hold",
            "INSERT INTO hold_alloc(hold,position,pool,grant_no,amount,used) \
             SELECT id,(SELECT count(*) FROM hold_alloc WHERE hold=?1),pool,?2,?3,?4 \
             FROM hold WHERE id=?1",
            params![
                allocation.hold.uuid().as_bytes(),
                number(allocation.grant)?,
                allocation.amount.millicredits(),
                allocation.used.millicredits(),
            ],
        )
    }

    fn resolve(&self, end: &HoldEnd) -> Result<(), LedgerError> {
        let state = match end.charged {
            Some(_) => HoldState::Settled,
            None => HoldState::Voided,
        };
        self.write(
            "a hold ends once, charged at most its ceiling",
            "UPDATE hold SET state=?2, charged=?3, overrun=?4, basis=?5, reason=?6, \
             resolved_at=?7, resolved_first=?8, resolved_last=?9 \
             WHERE id=?1 AND state IN ('held','dispatched','unknown') AND coalesce(?3,0)<=ceiling",
            params![
                end.hold.uuid().as_bytes(),
                state.as_str(),
                end.charged.map(Credits::millicredits),
                end.overrun.millicredits(),
                end.basis.map(anyai_ledger::CostBasis::as_str),
                end.reason,
                end.at.millis(),
                number(end.entries.first)?,
                number(end.entries.last)?,
            ],
        )
    }

    fn append(&self, entry: &Entry) -> Result<(), LedgerError> {
        self.write(
            "entries have no gaps",
            "INSERT INTO entry(pool,seq,tx,debit,credit,amount,kind,hold,reverses,detail,actor,\
             reason,at,prev_hash,hash) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            params![
                id(entry.pool),
                number(entry.seq)?,
                number(entry.tx)?,
                entry.debit.to_string(),
                entry.credit.to_string(),
                entry.amount.millicredits(),
                entry.kind.as_str(),
                entry.hold.as_ref().map(|hold| *hold.uuid().as_bytes()),
                entry.reverses.map(number).transpose()?,
                entry.detail.map(|detail| detail.0),
                entry.actor,
                entry.reason,
                entry.at.millis(),
                entry.prev_hash.0,
                entry.hash.0,
            ],
        )
    }
}

impl Store for SqliteStore<'_> {
    type Error = LedgerError;

    fn pool(&mut self, pool: PoolId) -> Result<Option<PoolState>, LedgerError> {
        self.one(
            "SELECT * FROM pool WHERE id=?",
            [id(pool)],
            rows::pool_state,
        )
    }

    fn period(&mut self, pool: PoolId, no: u32) -> Result<Option<Period>, LedgerError> {
        self.one(
            "SELECT * FROM period WHERE pool=? AND no=?",
            params![id(pool), no],
            rows::period,
        )
    }

    fn grants(&mut self, pool: PoolId, no: u32) -> Result<Vec<Grant>, LedgerError> {
        let sql = "SELECT * FROM grant_ WHERE pool=?1 AND used+held+revoked+expired<amount \
                   UNION SELECT * FROM grant_ WHERE pool=?1 AND period=?2 AND kind='plan'";
        self.all(sql, params![id(pool), no], rows::grant)
    }

    fn grant_by_source(
        &mut self,
        pool: PoolId,
        source: &str,
    ) -> Result<Option<Grant>, LedgerError> {
        let sql = "SELECT * FROM grant_ WHERE pool=? AND source=?";
        self.one(sql, params![id(pool), source], rows::grant)
    }

    fn hold(&mut self, hold: HoldId) -> Result<Option<HoldRecord>, LedgerError> {
        self.one(
            "SELECT * FROM hold WHERE id=?",
            [hold.uuid().as_bytes()],
            rows::hold,
        )
    }

    fn allocations(&mut self, hold: HoldId) -> Result<Vec<(Allocation, Grant)>, LedgerError> {
        let sql = "SELECT g.*, a.hold, a.amount AS alloc_amount, a.used AS alloc_used \
                   FROM hold_alloc a JOIN grant_ g ON g.pool=a.pool AND g.no=a.grant_no \
                   WHERE a.hold=? ORDER BY a.position";
        self.all(sql, [hold.uuid().as_bytes()], rows::allocation)
    }

    fn apply(&mut self, effects: &[Effect]) -> Result<(), LedgerError> {
        effects.iter().try_for_each(|effect| self.apply_one(effect))
    }
}

const fn id(pool: PoolId) -> [u8; 16] {
    pool.uuid().into_bytes()
}

/// SQLite's integers end at `i64::MAX`; nothing of ours gets there.
fn number(value: u64) -> Result<i64, LedgerError> {
    i64::try_from(value).map_err(|_| anyai_ledger::Refusal::AmountTooLarge.into())
}

#[cfg(test)]
mod tests;
