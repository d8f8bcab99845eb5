//! The reference store: maps, with every guard a store has to keep.

use std::collections::{BTreeMap, HashMap};

use anyai_units::{Credits, HoldId, PoolId};

use crate::effect::{Effect, GrantMove, HoldEnd, PeriodMove};
use crate::{Allocation, Entry, Grant, HoldRecord, HoldState, Period, PoolState, Refusal, Store};

/// What the reference store answers instead of a result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemoryError {
    /// The ledger's rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A guard refused what the rules had allowed: a defect. The store may hold half a command.
    #[error("a guard refused: {0}")]
    Guard(&'static str),
}

/// A store that lives as long as the value. It has no rollback: after [`MemoryError::Guard`] it is
/// of no more use. Rules refuse before they write, so a refusal leaves it whole.
#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    pools: HashMap<PoolId, MemoryPool>,
    holds: HashMap<HoldId, HoldRecord>,
    allocations: HashMap<HoldId, Vec<Allocation>>,
}

#[derive(Clone, Debug)]
struct MemoryPool {
    state: PoolState,
    periods: BTreeMap<u32, Period>,
    grants: BTreeMap<u64, Grant>,
    entries: Vec<Entry>,
}

impl MemoryStore {
    /// A store without pools.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The entries of a pool, from the first.
    #[must_use]
    pub fn entries(&self, pool: PoolId) -> &[Entry] {
        self.pools.get(&pool).map_or(&[], |pool| &pool.entries)
    }

    /// The periods of a pool, from the first.
    pub fn periods(&self, pool: PoolId) -> impl Iterator<Item = &Period> {
        self.pools
            .get(&pool)
            .into_iter()
            .flat_map(|pool| pool.periods.values())
    }

    /// The grants of a pool, from the first.
    pub fn all_grants(&self, pool: PoolId) -> impl Iterator<Item = &Grant> {
        self.pools
            .get(&pool)
            .into_iter()
            .flat_map(|pool| pool.grants.values())
    }

    /// All holds, in no order.
    pub fn holds(&self) -> impl Iterator<Item = &HoldRecord> {
        self.holds.values()
    }

    fn pool_mut(&mut self, pool: PoolId) -> Result<&mut MemoryPool, MemoryError> {
        self.pools
            .get_mut(&pool)
            .ok_or(MemoryError::Guard("the pool exists"))
    }

    fn hold_mut(
        &mut self,
        hold: HoldId,
        states: &[HoldState],
    ) -> Result<&mut HoldRecord, MemoryError> {
        let record = self
            .holds
            .get_mut(&hold)
            .ok_or(MemoryError::Guard("the hold exists"))?;
        guard(
            states.contains(&record.state),
            "the hold is where the command needs it",
        )?;
        Ok(record)
    }

    fn apply_one(&mut self, effect: &Effect) -> Result<(), MemoryError> {
        match effect {
            Effect::OpenPool(state) => self.open_pool(state),
            Effect::Advance { from_seq, to } => self.advance(*from_seq, to),
            Effect::OpenPeriod(period) => {
                let periods = &mut self.pool_mut(period.pool)?.periods;
                let before = periods.insert(period.bounds.no, period.clone());
                guard(before.is_none(), "a period is opened once")
            }
            Effect::MovePeriod(change) => self.move_period(change),
            Effect::AddGrant(grant) => self.add_grant(grant),
            Effect::MoveGrant(change) => self.move_grant(change),
            Effect::PutHold(record) => {
                let before = self.holds.insert(record.id, record.clone());
                guard(before.is_none(), "a turn is held once")
            }
            Effect::Allocate(allocation) => {
                self.allocations
                    .entry(allocation.hold)
                    .or_default()
                    .push(*allocation);
                Ok(())
            }
            Effect::UseAllocation { hold, grant, used } => {
                self.use_allocation(*hold, *grant, *used)
            }
            Effect::Dispatch {
                hold,
                provider_op,
                at,
            } => {
                let record = self.hold_mut(*hold, &[HoldState::Held])?;
                record.state = HoldState::Dispatched;
                record.provider_op.clone_from(provider_op);
                record.dispatched_at = Some(*at);
                Ok(())
            }
            Effect::NoteProviderOp { hold, provider_op } => {
                let sent = [HoldState::Dispatched, HoldState::Unknown];
                self.hold_mut(*hold, &sent)?.provider_op = Some(provider_op.clone());
                Ok(())
            }
            Effect::MarkUnknown { hold, at } => {
                let record = self.hold_mut(*hold, &[HoldState::Dispatched])?;
                record.state = HoldState::Unknown;
                record.unknown_since = Some(*at);
                Ok(())
            }
            Effect::Resolve(end) => self.resolve(end),
            Effect::Append(entry) => self.append(entry),
        }
    }

    fn advance(&mut self, from_seq: u64, to: &PoolState) -> Result<(), MemoryError> {
        let pool = self.pool_mut(to.id)?;
        let is_unmoved = pool.state.seq == from_seq;
        guard(is_unmoved, "nobody moved the pool meanwhile")?;
        pool.state = to.clone();
        Ok(())
    }

    fn add_grant(&mut self, grant: &Grant) -> Result<(), MemoryError> {
        let grants = &mut self.pool_mut(grant.pool)?.grants;
        let is_new = grants.values().all(|known| known.source != grant.source);
        guard(is_new, "a source grants once")?;
        let before = grants.insert(grant.no, grant.clone());
        guard(before.is_none(), "a grant's number is used once")
    }

    fn append(&mut self, entry: &Entry) -> Result<(), MemoryError> {
        let entries = &mut self.pool_mut(entry.pool)?.entries;
        let expected = entries.last().map_or(1, |last| last.seq + 1);
        guard(entry.seq == expected, "entries have no gaps")?;
        entries.push(entry.clone());
        Ok(())
    }

    fn open_pool(&mut self, state: &PoolState) -> Result<(), MemoryError> {
        let pool = MemoryPool {
            state: state.clone(),
            periods: BTreeMap::new(),
            grants: BTreeMap::new(),
            entries: Vec::new(),
        };
        guard(
            self.pools.insert(state.id, pool).is_none(),
            "a pool is made once",
        )
    }

    fn move_period(&mut self, change: &PeriodMove) -> Result<(), MemoryError> {
        let periods = &mut self.pool_mut(change.pool)?.periods;
        let period = periods
            .get_mut(&change.no)
            .ok_or(MemoryError::Guard("the period exists"))?;
        let moved = Period {
            granted: sum(period.granted, change.granted)?,
            posted: sum(period.posted, change.posted)?,
            pending: sum(period.pending, change.pending)?,
            expired: sum(period.expired, change.expired)?,
            ..period.clone()
        };
        let taken = sum(sum(moved.posted, moved.pending)?, moved.expired)?;
        let parts = [moved.granted, moved.posted, moved.pending, moved.expired];
        let is_sound = parts.iter().all(|part| !part.is_negative()) && taken <= moved.granted;
        *period = moved;
        guard(is_sound, "posted + pending + expired <= granted")
    }

    fn move_grant(&mut self, change: &GrantMove) -> Result<(), MemoryError> {
        let grants = &mut self.pool_mut(change.pool)?.grants;
        let grant = grants
            .get_mut(&change.no)
            .ok_or(MemoryError::Guard("the grant exists"))?;
        grant.used = sum(grant.used, change.used)?;
        grant.held = sum(grant.held, change.held)?;
        grant.revoked = sum(grant.revoked, change.revoked)?;
        grant.expired = sum(grant.expired, change.expired)?;
        let parts = [grant.used, grant.held, grant.revoked, grant.expired];
        let is_sound = parts.iter().all(|part| !part.is_negative()) && grant.left().is_some();
        guard(is_sound, "used + held + revoked + expired <= amount")
    }

    fn use_allocation(
        &mut self,
        hold: HoldId,
        grant: u64,
        used: Credits,
    ) -> Result<(), MemoryError> {
        let allocation = self
            .allocations
            .get_mut(&hold)
            .and_then(|parts| parts.iter_mut().find(|part| part.grant == grant))
            .ok_or(MemoryError::Guard("the allocation exists"))?;
        guard(
            used <= allocation.amount,
            "no more is used than was allocated",
        )?;
        allocation.used = used;
        Ok(())
    }

    fn resolve(&mut self, end: &HoldEnd) -> Result<(), MemoryError> {
        let open = [HoldState::Held, HoldState::Dispatched, HoldState::Unknown];
        let record = self.hold_mut(end.hold, &open)?;
        let is_within = end.charged.is_none_or(|charged| charged <= record.ceiling);
        guard(is_within, "a settlement is at most its hold")?;
        record.state = if end.charged.is_some() {
            HoldState::Settled
        } else {
            HoldState::Voided
        };
        record.charged = end.charged;
        record.overrun = end.overrun;
        record.basis = end.basis;
        record.reason.clone_from(&end.reason);
        record.resolved_at = Some(end.at);
        record.resolved_by = Some(end.entries);
        Ok(())
    }
}

impl Store for MemoryStore {
    type Error = MemoryError;

    fn pool(&mut self, pool: PoolId) -> Result<Option<PoolState>, MemoryError> {
        Ok(self.pools.get(&pool).map(|pool| pool.state.clone()))
    }

    fn period(&mut self, pool: PoolId, no: u32) -> Result<Option<Period>, MemoryError> {
        Ok(self
            .pools
            .get(&pool)
            .and_then(|pool| pool.periods.get(&no))
            .cloned())
    }

    fn grants(&mut self, pool: PoolId, no: u32) -> Result<Vec<Grant>, MemoryError> {
        let is_wanted = |grant: &&Grant| {
            grant.left() != Some(Credits::ZERO)
                || (grant.kind == crate::GrantKind::Plan && grant.period == no)
        };
        Ok(self.all_grants(pool).filter(is_wanted).cloned().collect())
    }

    fn grant_by_source(
        &mut self,
        pool: PoolId,
        source: &str,
    ) -> Result<Option<Grant>, MemoryError> {
        Ok(self
            .all_grants(pool)
            .find(|grant| grant.source == source)
            .cloned())
    }

    fn hold(&mut self, hold: HoldId) -> Result<Option<HoldRecord>, MemoryError> {
        Ok(self.holds.get(&hold).cloned())
    }

    fn allocations(&mut self, hold: HoldId) -> Result<Vec<(Allocation, Grant)>, MemoryError> {
        let Some(record) = self.holds.get(&hold) else {
            return Ok(Vec::new());
        };
        let grants = self.pools.get(&record.pool).map(|pool| &pool.grants);
        let with_grant = |allocation: &Allocation| {
            let grant = grants
                .and_then(|grants| grants.get(&allocation.grant))
                .cloned()?;
            Some((*allocation, grant))
        };
        Ok(self
            .allocations
            .get(&hold)
            .into_iter()
            .flatten()
            .filter_map(with_grant)
            .collect())
    }

    fn apply(&mut self, effects: &[Effect]) -> Result<(), MemoryError> {
        effects.iter().try_for_each(|effect| self.apply_one(effect))
    }
}

const fn guard(holds: bool, rule: &'static str) -> Result<(), MemoryError> {
    if holds {
        Ok(())
    } else {
        Err(MemoryError::Guard(rule))
    }
}

fn sum(a: Credits, b: Credits) -> Result<Credits, MemoryError> {
    a.checked_add(b).ok_or(MemoryError::Guard("sums fit"))
}
