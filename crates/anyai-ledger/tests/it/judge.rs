//! The oracle with what is judged around it, for the commands of a pool.
//!
//! The oracle alone says what the pool has and which grants a hold takes. Each file here adds one thing it does
//! not know, because it is another rule and can be wrong by itself: `months` which month it is and what the plan
//! grants, `limits` what refuses a hold the pool could pay, `orders` what people with authority do. They speak
//! the commands' own words and share none of their rules.

mod limits;
mod months;
mod orders;

use std::collections::BTreeMap;

use anyai_ledger::{Bound, GrantKind, HoldState, WorkKind};
use anyai_units::{ConversationId, MemberId, UtcMillis};

use self::limits::Limits;
use self::months::Months;
pub(crate) use self::orders::Reversed;
use crate::oracle::{Hold, Oracle, State};

/// Who asks for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Who {
    pub(crate) member: MemberId,
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) kind: WorkKind,
}

/// What a hold is besides its amounts.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) fingerprint: u8,
    pub(crate) expires_at: i64,
    pub(crate) who: Who,
    placed_at: i64,
    /// Of the charge, given back.
    refunded: i64,
    /// The envelopes it counts in, with their windows.
    windows: Vec<(usize, i64)>,
}

#[derive(Clone)]
pub(crate) struct Judge {
    pub(crate) oracle: Oracle,
    pub(crate) months: Months,
    pub(crate) frozen: bool,
    limits: Limits,
    pub(crate) facts: BTreeMap<u128, Facts>,
    /// Where each of the oracle's grants came from.
    sources: Vec<(String, GrantKind)>,
    /// Whose charges some of them give back.
    gives_back: BTreeMap<usize, u128>,
    reversed: BTreeMap<u64, i64>,
}

impl Judge {
    pub(crate) fn new(anchor: UtcMillis, plan: i64) -> Self {
        let oracle = Oracle {
            now: anchor.millis(),
            ..Oracle::default()
        };
        let mut judge = Self {
            oracle,
            months: Months::new(anchor.millis(), plan),
            frozen: false,
            limits: Limits::default(),
            facts: BTreeMap::new(),
            sources: Vec::new(),
            gives_back: BTreeMap::new(),
            reversed: BTreeMap::new(),
        };
        judge.plan_grant(plan);
        judge
    }

    /// The hold, unless a limit refuses it; then which, and what is left of it. A judge that refused is spent.
    pub(crate) fn hold(
        &mut self,
        turn: u128,
        ceiling: i64,
        (fingerprint, expires_at): (u8, i64),
        who: Who,
    ) -> Result<(), (i64, Bound)> {
        if let Some(closed) = self.closed(who) {
            return Err((0, closed));
        }
        let limits = self.limits(who);
        let held = self.oracle.hold(turn, self.months.no, ceiling);
        held.map_err(|left| (left, Bound::Pool))?;
        if let Some(limit) = limits.into_iter().find(|(left, _)| ceiling > *left) {
            return Err(limit);
        }
        let facts = Facts {
            fingerprint,
            expires_at,
            who,
            placed_at: self.oracle.now,
            refunded: 0,
            windows: self.windows(who),
        };
        self.facts.insert(turn, facts);
        Ok(())
    }

    pub(crate) fn settle(&mut self, turn: u128, cost: i64) {
        self.oracle.settle(turn, cost);
        self.take_excess();
    }

    pub(crate) fn void(&mut self, turn: u128) {
        self.set_state(turn, State::Voided);
        self.take_excess();
    }

    pub(crate) fn set_state(&mut self, turn: u128, state: State) {
        self.oracle.holds.get_mut(&turn).unwrap().state = state;
    }

    /// A turn's hold, if it was held.
    pub(crate) fn known(&self, turn: u128) -> Option<&Hold> {
        self.oracle.holds.get(&turn)
    }

    /// Its state in the ledger's words.
    pub(crate) fn state(&self, turn: u128) -> Option<HoldState> {
        self.known(turn).map(|hold| named(hold.state))
    }

    pub(crate) fn open(&self) -> Vec<(u128, HoldState)> {
        let turns = self.oracle.holds.keys().copied();
        let states = turns.filter_map(|turn| Some((turn, self.state(turn)?)));
        states.filter(|(_, state)| state.is_open()).collect()
    }
}

fn named(state: State) -> HoldState {
    match state {
        State::Held => HoldState::Held,
        State::Dispatched => HoldState::Dispatched,
        State::Unknown => HoldState::Unknown,
        State::Settled => HoldState::Settled,
        State::Voided => HoldState::Voided,
    }
}
