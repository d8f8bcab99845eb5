//! The naive ledger: no periods' sums, no differences, no entries. Every answer is added up again
//! from a few lists. It knows nothing of how the real one works.

mod orders;

use std::collections::BTreeMap;

use anyai_ledger::{Bound, EntryKind, EnvelopeScope, GrantKind, HoldState, PeriodBounds, WorkKind};
use anyai_units::{ConversationId, MemberId, UtcMillis};

use crate::fixture::DAY_MS;

#[derive(Clone, Debug)]
struct OracleGrant {
    source: String,
    kind: GrantKind,
    amount: i64,
    revoked: i64,
    priority: u32,
    expires_at: i64,
    /// The period whose plan granted it.
    plan_of: Option<u32>,
}

/// Who asks for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Who {
    pub(crate) member: MemberId,
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) kind: WorkKind,
}

#[derive(Clone, Debug)]
pub(crate) struct OracleHold {
    pub(crate) state: HoldState,
    pub(crate) period: u32,
    pub(crate) ceiling: i64,
    pub(crate) charged: i64,
    /// Of it, given back.
    refunded: i64,
    pub(crate) expires_at: i64,
    pub(crate) fingerprint: u8,
    pub(crate) who: Who,
    placed_at: i64,
    /// The envelopes it counts in, with their windows.
    envelopes: Vec<(usize, i64)>,
    /// Which grants cover it, with how much, in order.
    parts: Vec<(usize, i64)>,
}

#[derive(Clone, Debug)]
struct OracleEnvelope {
    member: Option<MemberId>,
    scope: EnvelopeScope,
    cap: i64,
    is_removed: bool,
    /// What one window had before the envelope was there.
    start: (i64, i64),
}

/// What the book says of an entry somebody wants reversed.
#[derive(Clone, Debug)]
pub(crate) struct Reversed {
    pub(crate) kind: EntryKind,
    pub(crate) turn: Option<u128>,
    pub(crate) source: String,
    /// The period of the account it came from.
    pub(crate) period: Option<u32>,
    pub(crate) amount: i64,
}

#[derive(Clone)]
pub(crate) struct Oracle {
    anchor: UtcMillis,
    pub(crate) clock: i64,
    pub(crate) bounds: PeriodBounds,
    plan: i64,
    next_plan: Option<i64>,
    pub(crate) frozen: bool,
    grants: Vec<OracleGrant>,
    pub(crate) holds: BTreeMap<u128, OracleHold>,
    members: BTreeMap<MemberId, (Option<i64>, bool)>,
    envelopes: Vec<OracleEnvelope>,
    reversed: BTreeMap<u64, i64>,
    pub(crate) overrun: i64,
}

impl Oracle {
    pub(crate) fn new(anchor: UtcMillis, plan: i64) -> Self {
        let bounds = PeriodBounds::containing(anchor, anchor).unwrap();
        let mut oracle = Self {
            anchor,
            clock: anchor.millis(),
            bounds,
            plan,
            next_plan: None,
            frozen: false,
            grants: Vec::new(),
            holds: BTreeMap::new(),
            members: BTreeMap::new(),
            envelopes: Vec::new(),
            reversed: BTreeMap::new(),
            overrun: 0,
        };
        oracle.plan_grant(plan);
        oracle
    }

    fn plan_grant(&mut self, amount: i64) {
        if amount > 0 {
            self.grants.push(OracleGrant {
                source: format!("month {}", self.bounds.no),
                kind: GrantKind::Plan,
                amount,
                revoked: 0,
                priority: 100,
                expires_at: self.bounds.ends_at.millis(),
                plan_of: Some(self.bounds.no),
            });
        }
    }

    /// Every command of the pool begins here, at an instant that is not before its last entry.
    pub(crate) fn at(&mut self, instant: UtcMillis) {
        self.clock = instant.millis();
        if self.clock >= self.bounds.ends_at.millis() {
            let instant = UtcMillis::from_millis(self.clock);
            self.bounds = PeriodBounds::containing(self.anchor, instant).unwrap();
            self.plan = self.next_plan.take().unwrap_or(self.plan);
            self.plan_grant(self.plan);
        }
    }

    /// What open and settled holds took from a grant.
    fn taken(&self, grant: usize) -> i64 {
        let mut taken = 0;
        for hold in self.holds.values() {
            let mut uncharged = hold.charged;
            for (part, amount) in &hold.parts {
                let used = uncharged.min(*amount);
                uncharged -= used;
                if *part == grant {
                    taken += match hold.state {
                        HoldState::Settled => used,
                        HoldState::Voided => 0,
                        _ => *amount,
                    };
                }
            }
        }
        taken
    }

    fn left(&self, grant: usize) -> i64 {
        let row = &self.grants[grant];
        if row.expires_at <= self.clock {
            return 0;
        }
        row.amount - row.revoked - self.taken(grant)
    }

    pub(crate) fn available(&self) -> i64 {
        (0..self.grants.len()).map(|grant| self.left(grant)).sum()
    }

    fn sum(&self, is_counted: impl Fn(&OracleHold) -> bool, part: fn(&OracleHold) -> i64) -> i64 {
        let counted = self.holds.values().filter(|hold| is_counted(hold));
        counted.map(part).sum()
    }

    pub(crate) fn posted(&self, period: u32) -> i64 {
        self.sum(|hold| hold.period == period, |hold| hold.charged)
    }

    pub(crate) fn pending(&self, period: u32) -> i64 {
        self.sum(|hold| hold.period == period, OracleHold::pending)
    }

    /// The smallest of all limits: how much, and which. `None` for nothing at all.
    pub(crate) fn room(&self, who: Who) -> (i64, Bound) {
        if self.frozen {
            return (0, Bound::Frozen);
        }
        let limits = self.limits(who);
        if limits.contains(&(0, Bound::Removed)) {
            return (0, Bound::Removed);
        }
        limits.into_iter().min_by_key(|(left, _)| *left).unwrap()
    }

    /// Every limit around a hold, in the order in which they are asked.
    fn limits(&self, who: Who) -> Vec<(i64, Bound)> {
        let mut limits = vec![(self.available(), Bound::Pool)];
        match self.members.get(&who.member) {
            Some((_, true)) => limits = vec![(0, Bound::Removed)],
            Some((Some(limit), false)) => {
                let period = self.bounds.no;
                let theirs =
                    |hold: &OracleHold| (hold.period, hold.who.member) == (period, who.member);
                let taken = self.sum(theirs, |hold| hold.kept() + hold.pending());
                limits.push(((limit - taken).max(0), Bound::Member));
            }
            _ => {}
        }
        for (at, window) in self.windows(who) {
            let taken = self.inside(at, window);
            let left = (self.envelopes[at].cap - taken).max(0);
            limits.push((left, Bound::Envelope(at as u64 + 1)));
        }
        limits
    }

    fn inside(&self, envelope: usize, window: i64) -> i64 {
        let start = self.envelopes[envelope].start;
        let before = if start.0 == window { start.1 } else { 0 };
        let counts = |hold: &OracleHold| hold.envelopes.contains(&(envelope, window));
        before + self.sum(counts, |hold| hold.kept() + hold.pending())
    }

    fn windows(&self, who: Who) -> Vec<(usize, i64)> {
        let around = self.envelopes.iter().enumerate().filter(|(_, envelope)| {
            let is_theirs = envelope.member.is_none() || envelope.member == Some(who.member);
            !envelope.is_removed && is_theirs && is_inside(envelope.scope, who)
        });
        around
            .map(|(at, envelope)| (at, self.window(envelope.scope, self.clock)))
            .collect()
    }

    fn window(&self, scope: EnvelopeScope, instant: i64) -> i64 {
        match scope {
            EnvelopeScope::Day { utc_offset_minutes } => {
                (instant + i64::from(utc_offset_minutes) * 60_000).div_euclid(DAY_MS)
            }
            EnvelopeScope::Modality(_) => i64::from(self.bounds.no),
            EnvelopeScope::Conversation(_) => 0,
        }
    }

    /// The hold, unless a limit refuses it; then which, and what is left of it.
    pub(crate) fn hold(
        &mut self,
        turn: u128,
        fingerprint: u8,
        ceiling: i64,
        expires_at: i64,
        who: Who,
    ) -> Result<(), (i64, Bound)> {
        let (_, bound) = self.room(who);
        if matches!(bound, Bound::Frozen | Bound::Removed) {
            return Err((0, bound));
        }
        let limits = self.limits(who);
        if let Some(limit) = limits.into_iter().find(|(left, _)| ceiling > *left) {
            return Err(limit);
        }
        let mut wanted = ceiling;
        let mut parts = Vec::new();
        for grant in self.spending_order() {
            let amount = self.left(grant).min(wanted);
            if amount > 0 {
                parts.push((grant, amount));
                wanted -= amount;
            }
        }
        let hold = OracleHold {
            state: HoldState::Held,
            period: self.bounds.no,
            ceiling,
            charged: 0,
            refunded: 0,
            expires_at,
            fingerprint,
            who,
            placed_at: self.clock,
            envelopes: self.windows(who),
            parts,
        };
        self.holds.insert(turn, hold);
        Ok(())
    }

    fn spending_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.grants.len()).collect();
        order.sort_by_key(|at| (self.grants[*at].priority, self.grants[*at].expires_at, *at));
        order
    }

    pub(crate) fn settle(&mut self, turn: u128, cost: i64) {
        let hold = self.holds.get_mut(&turn).unwrap();
        hold.state = HoldState::Settled;
        hold.charged = cost.min(hold.ceiling);
        self.overrun += cost - hold.charged;
        self.take_excess();
    }

    pub(crate) fn void(&mut self, turn: u128) {
        self.set_state(turn, HoldState::Voided);
        self.take_excess();
    }

    pub(crate) fn set_state(&mut self, turn: u128, state: HoldState) {
        self.holds.get_mut(&turn).unwrap().state = state;
    }

    pub(crate) fn is_removed(&self, member: MemberId) -> bool {
        self.members
            .get(&member)
            .is_some_and(|(_, removed)| *removed)
    }

    /// All that was ever granted and revoked.
    pub(crate) fn moved(&self) -> (i64, i64) {
        let granted = self.grants.iter().map(|grant| grant.amount).sum();
        (granted, self.grants.iter().map(|grant| grant.revoked).sum())
    }
}

impl OracleHold {
    /// What it was charged and was not given back.
    fn kept(&self) -> i64 {
        self.charged - self.refunded
    }

    fn pending(&self) -> i64 {
        if self.state.is_open() {
            self.ceiling
        } else {
            0
        }
    }
}

fn is_inside(scope: EnvelopeScope, who: Who) -> bool {
    match scope {
        EnvelopeScope::Day { .. } => true,
        EnvelopeScope::Conversation(own) => who.conversation == Some(own),
        EnvelopeScope::Modality(own) => who.kind == own,
    }
}
