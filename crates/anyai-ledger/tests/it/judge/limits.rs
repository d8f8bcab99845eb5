//! What may refuse a hold that the pool could pay: a member's own limit, envelopes, a freeze.
//!
//! Why beside the oracle: no limit changes what the pool has, and each counts the same turns in its own window.

use std::collections::BTreeMap;

use anyai_ledger::{Bound, EnvelopeScope};
use anyai_units::MemberId;

use super::{Facts, Judge, Who};
use crate::fixture::DAY_MS;
use crate::oracle::Hold;

#[derive(Clone, Default)]
pub(super) struct Limits {
    /// Their limit, and whether they were taken out.
    pub(super) members: BTreeMap<MemberId, (Option<i64>, bool)>,
    pub(super) envelopes: Vec<Envelope>,
}

#[derive(Clone, Debug)]
pub(super) struct Envelope {
    pub(super) member: Option<MemberId>,
    pub(super) scope: EnvelopeScope,
    pub(super) cap: i64,
    pub(super) is_removed: bool,
    /// What one window had before the envelope was there.
    start: (i64, i64),
}

impl Judge {
    pub(crate) fn is_removed(&self, member: MemberId) -> bool {
        let known = self.limits.members.get(&member);
        known.is_some_and(|(_, is_removed)| *is_removed)
    }

    /// What refuses everything.
    pub(super) fn closed(&self, who: Who) -> Option<Bound> {
        if self.frozen {
            return Some(Bound::Frozen);
        }
        self.is_removed(who.member).then_some(Bound::Removed)
    }

    /// The smallest of all limits: how much, and which.
    pub(crate) fn room(&self, who: Who) -> (i64, Bound) {
        if let Some(closed) = self.closed(who) {
            return (0, closed);
        }
        let pool = (self.oracle.available(), Bound::Pool);
        let limits = std::iter::once(pool).chain(self.limits(who));
        limits.min_by_key(|(left, _)| *left).unwrap()
    }

    /// Every limit around a hold besides the pool, in the order in which they are asked.
    pub(super) fn limits(&self, who: Who) -> Vec<(i64, Bound)> {
        let mut limits = Vec::new();
        if let Some((Some(limit), _)) = self.limits.members.get(&who.member) {
            let month = self.months.no;
            let theirs =
                |hold: &Hold, facts: &Facts| hold.month == month && facts.who.member == who.member;
            let left = limit - self.taken_by(theirs);
            limits.push((left.max(0), Bound::Member));
        }
        for (at, window) in self.windows(who) {
            let Envelope { start, cap, .. } = self.limits.envelopes[at];
            let before = if start.0 == window { start.1 } else { 0 };
            let counts = |_: &Hold, facts: &Facts| facts.windows.contains(&(at, window));
            let left = cap - before - self.taken_by(counts);
            limits.push((left.max(0), Bound::Envelope(at as u64 + 1)));
        }
        limits
    }

    /// What turns hold, or were charged and not given back.
    fn taken_by(&self, is_counted: impl Fn(&Hold, &Facts) -> bool) -> i64 {
        let turns = self.oracle.holds.values().zip(self.facts.values());
        let counted = turns.filter(|(hold, facts)| is_counted(hold, facts));
        counted
            .map(|(hold, facts)| hold.pending() + hold.charged - facts.refunded)
            .sum()
    }

    pub(super) fn windows(&self, who: Who) -> Vec<(usize, i64)> {
        let now = (self.oracle.now, self.months.no);
        let envelopes = self.limits.envelopes.iter().enumerate();
        envelopes
            .filter(|(_, envelope)| !envelope.is_removed)
            .filter(|(_, envelope)| counts(envelope.member, envelope.scope, who))
            .map(|(at, envelope)| (at, window(envelope.scope, now)))
            .collect()
    }

    /// Sets the envelope's cap. A new one begins with all that was charged in its window, given back or not.
    pub(super) fn set_envelope(
        &mut self,
        member: Option<MemberId>,
        scope: EnvelopeScope,
        cap: i64,
    ) {
        let is_same = |known: &&mut Envelope| {
            !known.is_removed && (known.member, known.scope) == (member, scope)
        };
        if let Some(known) = self.limits.envelopes.iter_mut().find(is_same) {
            known.cap = cap;
            return;
        }
        let now = window(scope, (self.oracle.now, self.months.no));
        let turns = self.oracle.holds.values().zip(self.facts.values());
        let before = turns.filter(|(hold, facts)| {
            let then = window(scope, (facts.placed_at, hold.month));
            then == now && counts(member, scope, facts.who)
        });
        let start = (now, before.map(|(hold, _)| hold.charged).sum());
        self.limits.envelopes.push(Envelope {
            member,
            scope,
            cap,
            is_removed: false,
            start,
        });
    }
}

fn window(scope: EnvelopeScope, (instant, month): (i64, u32)) -> i64 {
    match scope {
        EnvelopeScope::Day { utc_offset_minutes } => {
            (instant + i64::from(utc_offset_minutes) * 60_000).div_euclid(DAY_MS)
        }
        EnvelopeScope::Modality(_) => i64::from(month),
        EnvelopeScope::Conversation(_) => 0,
    }
}

fn counts(member: Option<MemberId>, scope: EnvelopeScope, who: Who) -> bool {
    let is_inside = match scope {
        EnvelopeScope::Day { .. } => true,
        EnvelopeScope::Conversation(own) => who.conversation == Some(own),
        EnvelopeScope::Modality(own) => who.kind == own,
    };
    is_inside && member.is_none_or(|member| member == who.member)
}
