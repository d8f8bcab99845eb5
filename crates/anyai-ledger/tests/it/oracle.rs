//! The naive ledger: no periods' sums, no differences, no entries. Every answer is added up again
//! from two lists. It knows nothing of how the real one works.

use std::collections::BTreeMap;

use anyai_ledger::{HoldState, PeriodBounds, PlanTerms};
use anyai_units::UtcMillis;

#[derive(Clone, Debug)]
struct OracleGrant {
    amount: i64,
    revoked: i64,
    priority: u32,
    expires_at: i64,
    /// The period whose plan granted it.
    plan_of: Option<u32>,
}

#[derive(Clone, Debug)]
pub(crate) struct OracleHold {
    pub(crate) state: HoldState,
    pub(crate) period: u32,
    pub(crate) ceiling: i64,
    pub(crate) charged: i64,
    pub(crate) expires_at: i64,
    pub(crate) fingerprint: u8,
    /// Which grants cover it, with how much, in order.
    parts: Vec<(usize, i64)>,
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
            overrun: 0,
        };
        oracle.plan_grant(plan);
        oracle
    }

    fn plan_grant(&mut self, amount: i64) {
        if amount > 0 {
            self.grants.push(OracleGrant {
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

    pub(crate) fn posted(&self, period: u32) -> i64 {
        let settled = |hold: &&OracleHold| hold.period == period;
        self.holds
            .values()
            .filter(settled)
            .map(|hold| hold.charged)
            .sum()
    }

    pub(crate) fn pending(&self, period: u32) -> i64 {
        let open = |hold: &&OracleHold| hold.period == period && hold.state.is_open();
        self.holds
            .values()
            .filter(open)
            .map(|hold| hold.ceiling)
            .sum()
    }

    /// Whether the ceiling fits, and if so, the hold.
    pub(crate) fn hold(
        &mut self,
        turn: u128,
        fingerprint: u8,
        ceiling: i64,
        expires_at: i64,
    ) -> bool {
        if self.frozen || ceiling > self.available() {
            return false;
        }
        let mut order: Vec<usize> = (0..self.grants.len()).collect();
        order.sort_by_key(|grant| {
            (
                self.grants[*grant].priority,
                self.grants[*grant].expires_at,
                *grant,
            )
        });
        let mut wanted = ceiling;
        let mut parts = Vec::new();
        for grant in order {
            let amount = self.left(grant).min(wanted);
            if amount > 0 {
                parts.push((grant, amount));
                wanted -= amount;
            }
        }
        self.holds.insert(
            turn,
            OracleHold {
                state: HoldState::Held,
                period: self.bounds.no,
                ceiling,
                charged: 0,
                expires_at,
                fingerprint,
                parts,
            },
        );
        true
    }

    pub(crate) fn settle(&mut self, turn: u128, cost: i64) {
        let hold = self.holds.get_mut(&turn).unwrap();
        hold.state = HoldState::Settled;
        hold.charged = cost.min(hold.ceiling);
        self.overrun += cost - hold.charged;
    }

    pub(crate) fn set_state(&mut self, turn: u128, state: HoldState) {
        self.holds.get_mut(&turn).unwrap().state = state;
    }

    pub(crate) fn top_up(&mut self, amount: i64, priority: u32, expires_at: Option<i64>) {
        let expires_at = expires_at.unwrap_or(i64::MAX);
        self.grants.push(OracleGrant {
            amount,
            revoked: 0,
            priority,
            expires_at,
            plan_of: None,
        });
    }

    pub(crate) fn change_plan(&mut self, amount: i64, terms: PlanTerms) {
        match terms {
            PlanTerms::Budget => self.change_budget(amount),
            PlanTerms::Subscription if amount < self.plan => self.next_plan = Some(amount),
            PlanTerms::Subscription => {
                let PeriodBounds {
                    starts_at, ends_at, ..
                } = self.bounds;
                let left = i128::from(ends_at.millis() - self.clock);
                let whole = i128::from(ends_at.millis() - starts_at.millis());
                let extra = i128::from(amount - self.plan) * left / whole;
                self.plan_grant(i64::try_from(extra).unwrap());
                (self.plan, self.next_plan) = (amount, None);
            }
        }
    }

    fn change_budget(&mut self, amount: i64) {
        let of_period = |grant: &OracleGrant| grant.plan_of == Some(self.bounds.no);
        let granted: i64 = self
            .grants
            .iter()
            .filter(|grant| of_period(grant))
            .map(|grant| grant.amount - grant.revoked)
            .sum();
        if amount > granted {
            self.plan_grant(amount - granted);
        }
        let mut excess = granted - amount;
        for grant in (0..self.grants.len()).rev() {
            if self.grants[grant].plan_of.is_some() && excess > 0 {
                let revoked = self.left(grant).min(excess);
                self.grants[grant].revoked += revoked;
                excess -= revoked;
            }
        }
        (self.plan, self.next_plan) = (amount, None);
    }
}
