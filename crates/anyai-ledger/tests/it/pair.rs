//! The ledger and the naive ledger side by side: one command for both, then every answer and every
//! invariant compared.

use anyai_ledger::{
    Audit, CostBasis, CostReport, GrantKind, GrantRequest, HoldState, Lapse, Placed, PlanTerms,
    Refusal, Resolution, Rows,
};
use anyai_units::{Credits, UtcMillis};

use crate::fixture::{ANCHOR, World, compare_rows, mc, plan, refusal, turn};
use crate::oracle::Oracle;

/// What a command came to. A test that never meets one of them proves nothing about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Met {
    Held,
    Existing,
    Conflict,
    Insufficient,
    Frozen,
    Dispatched,
    Settled,
    Overrun,
    SettledLate,
    Voided,
    Twice,
    WrongState,
    NeverHeld,
    Unknown,
    Lapsed,
    NotDue,
    NewMonth,
    Other,
}

#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) world: World,
    pub(crate) oracle: Oracle,
    audit: Audit,
    audited: usize,
    sources: u32,
}

impl Pair {
    pub(crate) fn new(millicredits: i64) -> Self {
        let mut world = World::new(millicredits);
        let state = world.store.pool(world.pool).unwrap().unwrap();
        Self {
            world,
            oracle: Oracle::new(ANCHOR, millicredits),
            audit: Audit::new(&state),
            audited: 0,
            sources: 0,
        }
    }

    /// A clock that was set back does not take the pool back before its last entry.
    fn advance_oracle(&mut self) {
        let last_at = self
            .world
            .store
            .pool(self.world.pool)
            .unwrap()
            .unwrap()
            .last_at;
        self.oracle.at(self.world.now.max(last_at));
    }

    /// The state of a turn; `None` when it was never held.
    fn state(&self, number: u128) -> Option<HoldState> {
        self.oracle.holds.get(&number).map(|hold| hold.state)
    }

    pub(crate) fn hold(&mut self, number: u128, fingerprint: u8, ceiling: i64) -> Met {
        let mut request = self.world.request(number, ceiling);
        request.fingerprint = [fingerprint; 32];
        let expires_at = request.expires_at.millis();
        let answer = anyai_ledger::hold(&mut self.world.store, &request, self.world.now);
        if let Some(known) = self.oracle.holds.get(&number) {
            if known.fingerprint == fingerprint {
                let Ok(Placed::Existing(record)) = answer else {
                    panic!("{answer:?}")
                };
                assert_eq!(record.state, known.state);
                return Met::Existing;
            }
            let turn = turn(number);
            assert_eq!(refusal(answer), Refusal::IdempotencyConflict { turn });
            return Met::Conflict;
        }
        self.advance_oracle();
        let available = self.oracle.available();
        if self.oracle.hold(number, fingerprint, ceiling, expires_at) {
            assert!(matches!(answer, Ok(Placed::New(_))), "{answer:?}");
            return Met::Held;
        }
        if self.oracle.frozen {
            assert_eq!(
                refusal(answer),
                Refusal::Frozen {
                    pool: self.world.pool
                }
            );
            return Met::Frozen;
        }
        let (needed, available) = (mc(ceiling), mc(available));
        let resets_at = self.oracle.bounds.ends_at;
        let expected = Refusal::InsufficientCredits {
            needed,
            available,
            resets_at,
        };
        assert_eq!(refusal(answer), expected);
        Met::Insufficient
    }

    pub(crate) fn dispatch(&mut self, number: u128) -> Met {
        let id = self.world.id(number);
        let answer = anyai_ledger::dispatch(&mut self.world.store, id, None, self.world.now);
        match self.state(number) {
            None => {
                assert_eq!(refusal(answer), Refusal::UnknownHold { hold: id });
                Met::NeverHeld
            }
            Some(HoldState::Held) => {
                assert_eq!(answer.unwrap().state, HoldState::Dispatched);
                self.oracle.set_state(number, HoldState::Dispatched);
                Met::Dispatched
            }
            Some(state) => {
                assert_eq!(refusal(answer), Refusal::WrongState { hold: id, state });
                Met::WrongState
            }
        }
    }

    pub(crate) fn settle(&mut self, number: u128, cost: i64) -> Met {
        let id = self.world.id(number);
        let report = CostReport {
            cost: mc(cost),
            basis: CostBasis::Counted,
        };
        let answer = anyai_ledger::settle(&mut self.world.store, id, report, self.world.now);
        let Some(hold) = self.oracle.holds.get(&number).cloned() else {
            assert_eq!(refusal(answer), Refusal::UnknownHold { hold: id });
            return Met::NeverHeld;
        };
        match hold.state {
            HoldState::Held => {
                let state = HoldState::Held;
                assert_eq!(refusal(answer), Refusal::WrongState { hold: id, state });
                Met::WrongState
            }
            HoldState::Settled | HoldState::Voided => self.was_resolved(number, &answer.unwrap()),
            HoldState::Dispatched | HoldState::Unknown => {
                self.advance_oracle();
                self.oracle.settle(number, cost);
                let Ok(Resolution::Settled(settlement)) = answer else {
                    panic!("{answer:?}")
                };
                let charged = cost.min(hold.ceiling);
                assert_eq!(settlement.charged, mc(charged));
                assert_eq!(settlement.returned, mc(hold.ceiling - charged));
                assert_eq!(settlement.overrun, mc(cost - charged));
                if hold.period != self.oracle.bounds.no {
                    Met::SettledLate
                } else if cost > hold.ceiling {
                    Met::Overrun
                } else {
                    Met::Settled
                }
            }
        }
    }

    fn was_resolved(&self, number: u128, resolution: &Resolution) -> Met {
        let hold = &self.oracle.holds[&number];
        match resolution {
            Resolution::AlreadySettled(settlement) => {
                assert_eq!(hold.state, HoldState::Settled);
                assert_eq!(
                    settlement.charged,
                    mc(hold.charged),
                    "the first answer again"
                );
            }
            Resolution::AlreadyVoided(_) => assert_eq!(hold.state, HoldState::Voided),
            other => panic!("resolved twice: {other:?}"),
        }
        Met::Twice
    }

    pub(crate) fn void(&mut self, number: u128) -> Met {
        let id = self.world.id(number);
        let answer = self.world.void(id);
        match self.state(number) {
            None => {
                assert_eq!(refusal(answer), Refusal::UnknownHold { hold: id });
                Met::NeverHeld
            }
            Some(HoldState::Settled | HoldState::Voided) => {
                self.was_resolved(number, &answer.unwrap())
            }
            Some(_) => {
                self.advance_oracle();
                self.oracle.set_state(number, HoldState::Voided);
                assert!(matches!(answer, Ok(Resolution::Voided(_))), "{answer:?}");
                Met::Voided
            }
        }
    }

    pub(crate) fn mark_unknown(&mut self, number: u128) -> Met {
        let id = self.world.id(number);
        let answer = anyai_ledger::mark_unknown(&mut self.world.store, id, self.world.now);
        match self.state(number) {
            None => {
                assert_eq!(refusal(answer), Refusal::UnknownHold { hold: id });
                Met::NeverHeld
            }
            Some(HoldState::Dispatched | HoldState::Unknown) => {
                assert_eq!(answer.unwrap().state, HoldState::Unknown);
                self.oracle.set_state(number, HoldState::Unknown);
                Met::Unknown
            }
            Some(state) => {
                assert_eq!(refusal(answer), Refusal::WrongState { hold: id, state });
                Met::WrongState
            }
        }
    }

    pub(crate) fn expire(&mut self, number: u128) -> Met {
        let id = self.world.id(number);
        let answer = anyai_ledger::expire(&mut self.world.store, id, self.world.now);
        let Some(hold) = self.oracle.holds.get(&number).cloned() else {
            assert_eq!(refusal(answer), Refusal::UnknownHold { hold: id });
            return Met::NeverHeld;
        };
        let is_due = hold.expires_at <= self.world.now.millis();
        let expected = match hold.state {
            HoldState::Held if is_due => {
                self.advance_oracle();
                self.oracle.set_state(number, HoldState::Voided);
                Lapse::Voided
            }
            HoldState::Dispatched if is_due => {
                self.oracle.set_state(number, HoldState::Unknown);
                Lapse::Unknown
            }
            _ => Lapse::Nothing,
        };
        assert_eq!(answer.unwrap(), expected);
        if expected == Lapse::Nothing {
            Met::NotDue
        } else {
            Met::Lapsed
        }
    }

    pub(crate) fn pass_time(&mut self, millis: i64) -> Met {
        let before = self.oracle.bounds.no;
        self.world.now = self.world.now.plus_millis(millis).max(ANCHOR);
        self.world.balance();
        self.advance_oracle();
        if self.oracle.bounds.no == before {
            Met::Other
        } else {
            Met::NewMonth
        }
    }

    pub(crate) fn change_plan(&mut self, amount: i64, terms: PlanTerms) -> Met {
        self.advance_oracle();
        self.oracle.change_plan(amount, terms);
        let (pool, now) = (self.world.pool, self.world.now);
        let plan = plan("any", amount);
        anyai_ledger::change_plan(&mut self.world.store, pool, plan, terms, "me", now).unwrap();
        Met::Other
    }

    /// The same top-up, sent this many times.
    pub(crate) fn top_up(
        &mut self,
        amount: i64,
        priority: u32,
        lasts_millis: Option<i64>,
        times: i64,
    ) -> Met {
        self.advance_oracle();
        let expires_at = lasts_millis.map(|millis| self.oracle.clock + millis);
        self.sources += 1;
        let request = GrantRequest {
            pool: self.world.pool,
            kind: GrantKind::TopUp,
            amount: mc(amount),
            priority,
            expires_at: expires_at.map(UtcMillis::from_millis),
            source: format!("order-{}", self.sources),
            actor: "shop".to_owned(),
        };
        for _ in 0..times {
            self.world.grant(&request).unwrap();
        }
        self.oracle.top_up(amount, priority, expires_at);
        Met::Other
    }

    pub(crate) fn freeze(&mut self, frozen: bool) -> Met {
        let (pool, now) = (self.world.pool, self.world.now);
        anyai_ledger::set_frozen(&mut self.world.store, pool, frozen, "admin", "why", now).unwrap();
        self.advance_oracle();
        self.oracle.frozen = frozen;
        Met::Other
    }

    /// I1 to I7 as they stand.
    pub(crate) fn check(&mut self) {
        let balance = self.world.balance();
        self.advance_oracle();
        let (pool, no) = (self.world.pool, self.oracle.bounds.no);
        let period = &balance.period;
        assert_eq!(period.bounds, self.oracle.bounds);
        assert_eq!(balance.available, mc(self.oracle.available()), "available");
        assert_eq!(period.posted, mc(self.oracle.posted(no)), "posted");
        assert_eq!(period.pending, mc(self.oracle.pending(no)), "pending");
        for period in self.world.store.periods(pool) {
            let taken = [period.posted, period.pending, period.expired];
            let taken: i64 = taken.into_iter().map(Credits::millicredits).sum();
            assert!(taken <= period.granted.millicredits(), "I1: {period:?}");
            if period.bounds.no != no {
                assert_eq!(
                    taken,
                    period.granted.millicredits(),
                    "a past month has nothing left"
                );
            }
        }
        for entry in &self.world.store.entries(pool)[self.audited..] {
            self.audit.take(entry).unwrap();
        }
        self.audited = self.world.store.entries(pool).len();
    }

    /// Every row against the entries and against the naive ledger.
    pub(crate) fn check_rows(&mut self) {
        for (number, hold) in &self.oracle.holds {
            let id = self.world.id(*number);
            let record = self.world.store.hold(id).unwrap().unwrap();
            assert_eq!(record.state, hold.state);
            assert!(hold.charged <= hold.ceiling, "I2");
            assert_eq!(record.charged.unwrap_or_default(), mc(hold.charged));
        }
        compare_rows(&mut self.world.store, self.world.pool, &self.audit);
    }
}
