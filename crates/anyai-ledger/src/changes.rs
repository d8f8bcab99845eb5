//! What a batch of commands changed, row by row: the net of its effects.

use std::collections::BTreeMap;

use anyai_units::{Credits, HoldId, MemberId, PoolId};

use crate::effect::{Effect, GrantMove, PeriodMove};
use crate::{
    Checkpoint, Entry, Envelope, EnvelopeMove, Grant, HoldRecord, HoldState, Member, MemberMove,
    OrderRecord, Period, PoolState, Refusal,
};

/// The rows a store writes for a batch, in one transaction. New rows are whole; changes of sums are
/// differences, and each carries the guard of its [`Effect`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The pools' rows, by id.
    pub pools: Vec<PoolChange>,
    /// New periods.
    pub new_periods: Vec<Period>,
    /// Changes of the sums of older ones.
    pub period_moves: Vec<PeriodMove>,
    /// New grants.
    pub new_grants: Vec<Grant>,
    /// Changes of the sums of older ones.
    pub grant_moves: Vec<GrantMove>,
    /// What is set for members, new or not.
    pub members: Vec<Member>,
    /// Changes of members' sums; the row may have to be made.
    pub member_moves: Vec<MemberMove>,
    /// Envelopes, new or not.
    pub envelopes: Vec<Envelope>,
    /// Changes of envelopes' sums; the row may have to be made.
    pub envelope_moves: Vec<EnvelopeMove>,
    /// New holds.
    pub new_holds: Vec<HoldRecord>,
    /// Older holds as they are now.
    pub moved_holds: Vec<HoldChange>,
    /// New entries, each pool's in order.
    pub entries: Vec<Entry>,
    /// Orders that were carried out.
    pub orders: Vec<OrderRecord>,
    /// Signed heads.
    pub checkpoints: Vec<Checkpoint>,
}

/// A pool's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolChange {
    /// The `seq` it had; `None` for a new pool. Guard: it still has it.
    pub from_seq: Option<u64>,
    /// The row now.
    pub to: PoolState,
}

/// An older hold's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldChange {
    /// The state it had. Guard: it still has it, and it was open.
    pub from: HoldState,
    /// The row now.
    pub to: HoldRecord,
}

/// Collects effects; the newest form of a row replaces the ones before.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    pools: BTreeMap<PoolId, PoolChange>,
    new_periods: BTreeMap<(PoolId, u32), Period>,
    period_moves: BTreeMap<(PoolId, u32), PeriodMove>,
    new_grants: BTreeMap<(PoolId, u64), Grant>,
    grant_moves: BTreeMap<(PoolId, u64), GrantMove>,
    members: BTreeMap<(PoolId, MemberId), Member>,
    member_moves: BTreeMap<(PoolId, MemberId, u32), MemberMove>,
    envelopes: BTreeMap<(PoolId, u64), Envelope>,
    envelope_moves: BTreeMap<(PoolId, u64, i64), EnvelopeMove>,
    new_holds: Vec<HoldId>,
    entries: Vec<Entry>,
    orders: Vec<OrderRecord>,
    checkpoints: Vec<Checkpoint>,
}

impl Collected {
    /// Takes an effect that was applied. Holds are only remembered: their rows come from the batch.
    pub(crate) fn take(&mut self, effect: Effect) -> Result<(), Refusal> {
        match effect {
            Effect::OpenPool(to) => {
                let from_seq = None;
                self.pools.insert(to.id, PoolChange { from_seq, to });
            }
            Effect::Advance { from_seq, to } => self.advance(from_seq, to),
            Effect::OpenPeriod(period) => {
                let key = (period.pool, period.bounds.no);
                self.new_periods.insert(key, period);
            }
            Effect::MovePeriod(change) => self.move_period(change)?,
            Effect::AddGrant(grant) => {
                self.new_grants.insert((grant.pool, grant.no), grant);
            }
            Effect::MoveGrant(change) => self.move_grant(change)?,
            Effect::PutMember(member) => {
                self.members.insert((member.pool, member.member), member);
            }
            Effect::MoveMember(change) => {
                let key = (change.pool, change.member, change.period);
                let sums = self.member_moves.entry(key).or_insert(MemberMove {
                    posted: Credits::ZERO,
                    pending: Credits::ZERO,
                    unasked: Credits::ZERO,
                    ..change
                });
                increase(&mut sums.posted, change.posted)?;
                increase(&mut sums.pending, change.pending)?;
                increase(&mut sums.unasked, change.unasked)?;
            }
            Effect::PutEnvelope(envelope) => {
                self.envelopes
                    .insert((envelope.pool, envelope.no), envelope);
            }
            Effect::MoveEnvelope(change) => {
                let key = (change.pool, change.envelope, change.window);
                let sums = self.envelope_moves.entry(key).or_insert(EnvelopeMove {
                    posted: Credits::ZERO,
                    pending: Credits::ZERO,
                    unasked: Credits::ZERO,
                    ..change
                });
                increase(&mut sums.posted, change.posted)?;
                increase(&mut sums.pending, change.pending)?;
                increase(&mut sums.unasked, change.unasked)?;
            }
            Effect::PutHold(record) => self.new_holds.push(record.id),
            Effect::Append(entry) => self.entries.push(entry),
            Effect::PutOrder(order) => self.orders.push(order),
            Effect::PutCheckpoint(checkpoint) => self.checkpoints.push(checkpoint),
            Effect::Dispatch { .. }
            | Effect::NoteProviderOp { .. }
            | Effect::Renew { .. }
            | Effect::MarkUnknown { .. }
            | Effect::Resolve(_) => {}
        }
        Ok(())
    }

    fn advance(&mut self, from_seq: u64, to: PoolState) {
        match self.pools.get_mut(&to.id) {
            Some(change) => change.to = to,
            None => {
                let from_seq = Some(from_seq);
                self.pools.insert(to.id, PoolChange { from_seq, to });
            }
        }
    }

    fn move_period(&mut self, change: PeriodMove) -> Result<(), Refusal> {
        let key = (change.pool, change.no);
        if let Some(period) = self.new_periods.get_mut(&key) {
            increase(&mut period.granted, change.granted)?;
            increase(&mut period.posted, change.posted)?;
            increase(&mut period.pending, change.pending)?;
            return increase(&mut period.expired, change.expired);
        }
        let zero = Credits::ZERO;
        let sums = self.period_moves.entry(key).or_insert(PeriodMove {
            granted: zero,
            posted: zero,
            pending: zero,
            expired: zero,
            ..change
        });
        increase(&mut sums.granted, change.granted)?;
        increase(&mut sums.posted, change.posted)?;
        increase(&mut sums.pending, change.pending)?;
        increase(&mut sums.expired, change.expired)
    }

    fn move_grant(&mut self, change: GrantMove) -> Result<(), Refusal> {
        let key = (change.pool, change.no);
        if let Some(grant) = self.new_grants.get_mut(&key) {
            increase(&mut grant.used, change.used)?;
            increase(&mut grant.held, change.held)?;
            increase(&mut grant.revoked, change.revoked)?;
            return increase(&mut grant.expired, change.expired);
        }
        let zero = Credits::ZERO;
        let sums = self.grant_moves.entry(key).or_insert(GrantMove {
            used: zero,
            held: zero,
            revoked: zero,
            expired: zero,
            ..change
        });
        increase(&mut sums.used, change.used)?;
        increase(&mut sums.held, change.held)?;
        increase(&mut sums.revoked, change.revoked)?;
        increase(&mut sums.expired, change.expired)
    }

    /// The changes, with the holds as `record` gives them: each with the state it was loaded in, or
    /// `None` when it is new.
    pub(crate) fn into_changes(
        self,
        moved_holds: Vec<HoldChange>,
        mut record: impl FnMut(HoldId) -> Option<HoldRecord>,
    ) -> Changes {
        Changes {
            pools: self.pools.into_values().collect(),
            new_periods: self.new_periods.into_values().collect(),
            period_moves: self.period_moves.into_values().collect(),
            new_grants: self.new_grants.into_values().collect(),
            grant_moves: self.grant_moves.into_values().collect(),
            members: self.members.into_values().collect(),
            member_moves: self.member_moves.into_values().collect(),
            envelopes: self.envelopes.into_values().collect(),
            envelope_moves: self.envelope_moves.into_values().collect(),
            new_holds: self.new_holds.into_iter().filter_map(&mut record).collect(),
            moved_holds,
            entries: self.entries,
            orders: self.orders,
            checkpoints: self.checkpoints,
        }
    }
}

fn increase(sum: &mut Credits, amount: Credits) -> Result<(), Refusal> {
    *sum = crate::amount::add(*sum, amount)?;
    Ok(())
}
