//! A connection that writes, and its open transaction.

use std::time::Instant;

use anyai_ledger::{
    Changes, Command, Entry, Envelope, EnvelopeUse, Grant, HoldRecord, Member, MemberUse,
    OrderRecord, Period, PoolState, Rows, SpendQuery,
};
use anyai_units::{Credits, HoldId, MemberId, PoolId};

use super::PostgresOptions;
use super::address::Address;
use super::load::Loaded;
use super::session::Session;
use super::write::{Mark, WRITER_GUARD, write};
use crate::LedgerError;
use crate::asked::Asked;
use crate::backing::{Backing, Open};

/// A connection that writes.
pub(crate) struct PostgresBacking {
    session: Session,
    /// Its row among the writers, once it has one, with the last batch it committed.
    mark: Option<Mark>,
}

/// A transaction that has locked its pools.
pub(crate) struct PostgresOpen<'a> {
    backing: &'a mut PostgresBacking,
    loaded: Loaded,
    next: Mark,
    is_ended: bool,
}

impl PostgresBacking {
    /// A connection that is made with its first batch.
    pub(super) fn new(address: Address, options: PostgresOptions) -> Result<Self, LedgerError> {
        Ok(Self {
            session: Session::new(address, options)?,
            mark: None,
        })
    }

    fn mark(&mut self) -> Result<Mark, LedgerError> {
        if let Some(mark) = self.mark {
            return Ok(mark);
        }
        let id = self.session.run_first(async |link| {
            let sql = "INSERT INTO writer DEFAULT VALUES RETURNING id";
            Ok(link.client.query_one(sql, &[]).await?.try_get(0)?)
        })?;
        Ok(*self.mark.insert(Mark { id, batch: 0 }))
    }

    /// Whether a batch is committed whose answer was lost. The writer's row is locked until the lost
    /// session has ended, one way or the other.
    fn outcome(&mut self, next: Mark, lost: &LedgerError) -> Result<(), LedgerError> {
        self.session.forget();
        let unknown = |error: LedgerError| {
            tracing::error!(%error, "whether a batch is committed is not known");
            LedgerError::OutcomeUnknown
        };
        // Until it is known, the number of its next batch is not: another row has numbers of its own.
        self.mark = None;
        let batch = self.committed(next.id).map_err(unknown)?;
        let is_committed = batch == next.batch;
        tracing::warn!(%lost, is_committed, "the answer to a commit was lost");
        self.mark = Some(Mark { batch, ..next });
        if is_committed {
            return Ok(());
        }
        Err(LedgerError::Disconnected {
            problem: "the connection was lost before the commit".to_owned(),
        })
    }

    /// The last batch the writer committed. Waits for a lost session to end.
    fn committed(&mut self, id: i64) -> Result<i64, LedgerError> {
        let started = Instant::now();
        loop {
            let sql = "SELECT batch FROM writer WHERE id=$1 FOR UPDATE";
            let found = self.session.run_first(async |link| {
                Ok(link.client.query_one(sql, &[&id]).await?.try_get(0)?)
            });
            match found {
                Err(LedgerError::Busy) if started.elapsed() < self.session.patience() => {}
                found => return found,
            }
        }
    }
}

impl Backing for PostgresBacking {
    type Open<'a> = PostgresOpen<'a>;

    fn begin(&mut self, commands: &[&Command]) -> Result<Self::Open<'_>, LedgerError> {
        let mark = self.mark()?;
        let next = Mark {
            batch: mark.batch.saturating_add(1),
            ..mark
        };
        let session = &mut self.session;
        let loaded = session.run_first(async |link| Loaded::begin(link, commands).await);
        let mut open = PostgresOpen {
            backing: self,
            loaded: Loaded::default(),
            next,
            is_ended: false,
        };
        open.loaded = loaded?;
        Ok(open)
    }

    fn explain(&self, error: LedgerError) -> LedgerError {
        error.in_place(self.session.place())
    }
}

impl Open for PostgresOpen<'_> {
    fn write(&mut self, changes: &Changes) -> Result<(), LedgerError> {
        let (next, loaded) = (self.next, &self.loaded);
        let session = &mut self.backing.session;
        let written = session.run(async |link| write(link, &next, loaded, changes).await);
        match written {
            // It has another row when it tries again.
            Err(LedgerError::GuardBroken { guard }) if guard == WRITER_GUARD => {
                self.backing.mark = None;
                Err(LedgerError::Conflict)
            }
            written => written,
        }
    }

    fn commit(mut self) -> Result<(), LedgerError> {
        self.is_ended = true;
        match self.backing.session.execute("COMMIT") {
            Ok(()) => {
                self.backing.mark = Some(self.next);
                Ok(())
            }
            // The server says that it did not commit.
            Err(error @ (LedgerError::Conflict | LedgerError::GuardBroken { .. })) => Err(error),
            Err(error) => self.backing.outcome(self.next, &error),
        }
    }
}

impl Drop for PostgresOpen<'_> {
    /// Gives the locks back. A connection that is lost has given them back already.
    fn drop(&mut self) {
        if !self.is_ended
            && let Err(error) = self.backing.session.execute("ROLLBACK")
        {
            tracing::debug!(%error, "a transaction was forgotten by its server");
        }
    }
}

impl PostgresOpen<'_> {
    const fn asked(&mut self) -> Asked<&mut Session> {
        Asked(&mut self.backing.session)
    }
}

impl Rows for PostgresOpen<'_> {
    type Error = LedgerError;

    /// Only the pools of the batch's commands are locked; to the batch there are no others.
    fn pool(&mut self, pool: PoolId) -> Result<Option<PoolState>, LedgerError> {
        Ok(self.loaded.pools.get(&pool).cloned().flatten())
    }

    fn period(&mut self, pool: PoolId, no: u32) -> Result<Option<Period>, LedgerError> {
        match self.loaded.periods.get(&(pool, no)) {
            Some(period) => Ok(Some(period.clone())),
            None => self.asked().period(pool, no),
        }
    }

    fn grants(&mut self, pool: PoolId, no: u32) -> Result<Vec<Grant>, LedgerError> {
        match self.loaded.grants(pool, no) {
            Some(grants) => Ok(grants),
            None => self.asked().grants(pool, no),
        }
    }

    fn grant(&mut self, pool: PoolId, no: u64) -> Result<Option<Grant>, LedgerError> {
        self.asked().grant(pool, no)
    }

    fn grant_by_source(
        &mut self,
        pool: PoolId,
        source: &str,
    ) -> Result<Option<Grant>, LedgerError> {
        self.asked().grant_by_source(pool, source)
    }

    fn hold(&mut self, hold: HoldId) -> Result<Option<HoldRecord>, LedgerError> {
        match self.loaded.holds.get(&hold) {
            Some(found) => Ok(found.clone()),
            None => self.asked().hold(hold),
        }
    }

    fn member(&mut self, pool: PoolId, member: MemberId) -> Result<Option<Member>, LedgerError> {
        match self.loaded.members.get(&(pool, member)) {
            Some(found) => Ok(*found),
            None => self.asked().member(pool, member),
        }
    }

    fn member_use(
        &mut self,
        pool: PoolId,
        member: MemberId,
        period: u32,
    ) -> Result<Option<MemberUse>, LedgerError> {
        match self.loaded.member_uses.get(&(pool, member, period)) {
            Some(found) => Ok(*found),
            None => self.asked().member_use(pool, member, period),
        }
    }

    fn envelopes(&mut self, pool: PoolId) -> Result<Vec<Envelope>, LedgerError> {
        let found = self.loaded.envelopes.get(&pool);
        Ok(found.cloned().unwrap_or_default())
    }

    fn envelope_use(
        &mut self,
        pool: PoolId,
        envelope: u64,
        window: i64,
    ) -> Result<Option<EnvelopeUse>, LedgerError> {
        match self.loaded.envelope_use(pool, envelope, window) {
            Some(found) => Ok(found),
            None => self.asked().envelope_use(pool, envelope, window),
        }
    }

    fn spent(&mut self, query: &SpendQuery) -> Result<Credits, LedgerError> {
        self.asked().spent(query)
    }

    fn order(&mut self, pool: PoolId, key: &str) -> Result<Option<OrderRecord>, LedgerError> {
        self.asked().order(pool, key)
    }

    fn entry(&mut self, pool: PoolId, seq: u64) -> Result<Option<Entry>, LedgerError> {
        self.asked().entry(pool, seq)
    }

    fn reversed(&mut self, pool: PoolId, seq: u64) -> Result<Credits, LedgerError> {
        self.asked().reversed(pool, seq)
    }
}
