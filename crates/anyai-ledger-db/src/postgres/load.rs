//! What a batch will ask for, fetched in one round trip with the locks of its pools.

use std::collections::{BTreeSet, HashMap};

use anyai_ledger::{
    Command, Envelope, EnvelopeMove, EnvelopeUse, Grant, HoldRecord, Member, MemberMove, MemberUse,
    Period, PoolState,
};
use anyai_units::{HoldId, MemberId, PoolId};
use tokio_postgres::Row;
use uuid::Uuid;

use super::fields::RowFields;
use super::session::{Link, Params};
use crate::LedgerError;
use crate::columns::columns;
use crate::rows;

/// In the order of their ids, so that two batches never wait for each other in a circle.
const LOCK_POOLS: &str = concat!(
    "SELECT ",
    columns!(POOL),
    " FROM pool WHERE id=ANY($1) ORDER BY id FOR UPDATE"
);
/// All that is read of them, in one statement: a statement has a cost that does not depend on its rows.
/// A row says first what it is a row of. Of an envelope come the newest windows: new holds count in the
/// last, what is settled in one of them.
const READ: &str = concat!(
    "SELECT 0, ROW(",
    columns!(PERIOD),
    ") FROM period WHERE (pool,no) IN (SELECT id,period FROM pool WHERE id=ANY($1)) \
     UNION ALL SELECT 1, ROW(",
    columns!(GRANT),
    ") FROM grant_ g WHERE pool=ANY($1) AND (used+held+revoked+expired<amount \
     OR (kind='plan' AND period=(SELECT o.period FROM pool o WHERE o.id=g.pool))) \
     UNION ALL SELECT 2, ROW(",
    columns!(HOLD),
    ") FROM hold WHERE id=ANY($2) \
     UNION ALL SELECT 3, ROW(",
    columns!(MEMBER),
    ") FROM member WHERE (pool,member) IN (SELECT * FROM unnest($3::uuid[],$4::uuid[]) \
     UNION SELECT pool,member FROM hold WHERE id=ANY($2)) \
     UNION ALL SELECT 4, ROW(",
    columns!(MEMBER_USE),
    ") FROM member_use WHERE (pool,member,period) IN (SELECT n.pool,n.member,o.period \
     FROM unnest($3::uuid[],$4::uuid[]) AS n(pool,member) JOIN pool o ON o.id=n.pool \
     UNION SELECT pool,member,period FROM hold WHERE id=ANY($2)) \
     UNION ALL SELECT 5, ROW(",
    columns!(ENVELOPE),
    ") FROM envelope WHERE pool=ANY($1) \
     UNION ALL SELECT 6, ROW(",
    columns!(ENVELOPE_USE),
    ") FROM (SELECT pool,no AS envelope FROM envelope WHERE pool=ANY($1)) AS e \
     CROSS JOIN LATERAL (SELECT u.win,u.posted,u.pending FROM envelope_use u \
     WHERE u.pool=e.pool AND u.envelope=e.envelope ORDER BY u.win DESC LIMIT 2) AS newest"
);

/// How many windows of each envelope [`READ`] fetches.
const WINDOWS: usize = 2;

/// The rows a batch will most probably read. A key without a row was fetched and has none; a key that
/// is not here was not fetched.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) pools: HashMap<PoolId, Option<PoolState>>,
    pub(super) periods: HashMap<(PoolId, u32), Period>,
    grants: HashMap<PoolId, Vec<Grant>>,
    pub(super) holds: HashMap<HoldId, Option<HoldRecord>>,
    pub(super) members: HashMap<(PoolId, MemberId), Option<Member>>,
    pub(super) member_uses: HashMap<(PoolId, MemberId, u32), Option<MemberUse>>,
    pub(super) envelopes: HashMap<PoolId, Vec<Envelope>>,
    envelope_uses: HashMap<(PoolId, u64), Vec<EnvelopeUse>>,
}

/// What the commands of a batch are about.
struct Wanted {
    pools: BTreeSet<PoolId>,
    holds: BTreeSet<HoldId>,
    members: BTreeSet<(PoolId, MemberId)>,
}

impl Wanted {
    fn of(commands: &[&Command]) -> Self {
        let member = |command: &&Command| match command {
            Command::Hold(request) | Command::HoldDispatched(request) => {
                Some((request.pool, request.member))
            }
            _ => None,
        };
        Self {
            pools: commands.iter().map(|command| command.pool()).collect(),
            holds: commands
                .iter()
                .filter_map(|command| command.hold())
                .collect(),
            members: commands.iter().filter_map(member).collect(),
        }
    }
}

impl Loaded {
    /// Begins a transaction, locks the commands' pools and fetches what they will read.
    ///
    /// Each statement sees what was committed when it began: the ones after the locks see everything
    /// that the pools' writers before this one did.
    pub(super) async fn begin(link: &mut Link, commands: &[&Command]) -> Result<Self, LedgerError> {
        let wanted = Wanted::of(commands);
        let pools: Vec<Uuid> = wanted.pools.iter().map(|pool| pool.uuid()).collect();
        let holds: Vec<Uuid> = wanted.holds.iter().map(|hold| hold.uuid()).collect();
        let (of_pools, members): (Vec<Uuid>, Vec<Uuid>) = wanted
            .members
            .iter()
            .map(|(pool, member)| (pool.uuid(), member.uuid()))
            .unzip();
        let lock = link.prepared(LOCK_POOLS).await?;
        let read = link.prepared(READ).await?;
        let by_pool: Params<'_> = &[&pools];
        let by_all: Params<'_> = &[&pools, &holds, &of_pools, &members];
        let client = &link.client;
        let (_, pools, rows) = tokio::try_join!(
            biased;
            client.batch_execute("BEGIN"),
            client.query(&lock, by_pool),
            client.query(&read, by_all),
        )?;
        let mut loaded = Self::default();
        loaded.keep_pools(&wanted, &pools)?;
        loaded.holds = wanted.holds.iter().map(|hold| (*hold, None)).collect();
        rows.iter().try_for_each(|row| loaded.keep(row))?;
        loaded.note_missing(&wanted);
        Ok(loaded)
    }

    fn keep_pools(&mut self, wanted: &Wanted, pools: &[Row]) -> Result<(), LedgerError> {
        self.pools = wanted.pools.iter().map(|pool| (*pool, None)).collect();
        for row in pools {
            let state = rows::pool(&mut RowFields::of(row))?;
            self.pools.insert(state.id, Some(state));
        }
        Ok(())
    }

    /// Keeps a row of [`READ`].
    fn keep(&mut self, row: &Row) -> Result<(), LedgerError> {
        let fields = &mut RowFields::of(row);
        match row.try_get::<_, i32>(0)? {
            0 => {
                let period = rows::period(fields)?;
                self.periods.insert((period.pool, period.bounds.no), period);
            }
            1 => {
                let grant = rows::grant(fields)?;
                self.grants.entry(grant.pool).or_default().push(grant);
            }
            2 => {
                let hold = rows::hold(fields)?;
                self.holds.insert(hold.id, Some(hold));
            }
            3 => {
                let member = rows::member(fields)?;
                self.members
                    .insert((member.pool, member.member), Some(member));
            }
            4 => {
                let used = rows::member_use(fields)?;
                let key = (used.pool, used.member, used.period);
                self.member_uses.insert(key, Some(used));
            }
            5 => {
                let envelope = rows::envelope(fields)?;
                let of_pool = self.envelopes.entry(envelope.pool).or_default();
                of_pool.push(envelope);
            }
            _ => {
                let used = rows::envelope_use(fields)?;
                let key = (used.pool, used.envelope);
                self.envelope_uses.entry(key).or_default().push(used);
            }
        }
        Ok(())
    }

    /// The members of the requests in their pools' periods, and those of the holds in theirs, that were
    /// asked for and have no row.
    fn note_missing(&mut self, wanted: &Wanted) {
        let current = wanted.members.iter().filter_map(|(pool, member)| {
            let state = self.pools.get(pool)?.as_ref()?;
            Some((*pool, *member, state.period))
        });
        let holds = self.holds.values().flatten();
        let held = holds.map(|hold| (hold.pool, hold.member, hold.period));
        for (pool, member, period) in current.chain(held) {
            self.members.entry((pool, member)).or_default();
            self.member_uses.entry((pool, member, period)).or_default();
        }
    }

    /// The pool's grants with something left and the plan grants of its current period; `None` when
    /// another period is asked for.
    pub(super) fn grants(&self, pool: PoolId, no: u32) -> Option<Vec<Grant>> {
        let state = self.pools.get(&pool)?.as_ref()?;
        let grants = self.grants.get(&pool).cloned().unwrap_or_default();
        (state.period == no).then_some(grants)
    }

    /// Whether the row that a change moves is known to be there.
    pub(super) fn has_member_use(&self, change: &MemberMove) -> bool {
        let key = (change.pool, change.member, change.period);
        matches!(self.member_uses.get(&key), Some(Some(_)))
    }

    /// The same of an envelope's.
    pub(super) fn has_envelope_use(&self, change: &EnvelopeMove) -> bool {
        let found = self.envelope_use(change.pool, change.envelope, change.window);
        matches!(found, Some(Some(_)))
    }

    /// What was spent in a window: one of the newest, or a newer one that has no row yet. `None` for
    /// an older one.
    pub(super) fn envelope_use(
        &self,
        pool: PoolId,
        envelope: u64,
        window: i64,
    ) -> Option<Option<EnvelopeUse>> {
        let windows = self.envelope_uses.get(&(pool, envelope));
        let windows = windows.map_or(&[][..], Vec::as_slice);
        let is_covered =
            windows.len() < WINDOWS || windows.iter().any(|used| used.window <= window);
        let found = windows.iter().find(|used| used.window == window);
        is_covered.then_some(found.copied())
    }
}
