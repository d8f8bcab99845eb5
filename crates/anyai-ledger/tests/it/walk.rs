//! A hundred thousand random commands, compared with the naive ledger after every one.
//!
//! `ANYAI_WALK_SEED` replays another walk, `ANYAI_WALK_WORLDS` makes it longer.

use anyai_ledger::{
    Audit, CostBasis, CostReport, GrantKind, GrantRequest, HoldState, Lapse, Placed, PlanTerms,
    Refusal, Resolution, Store,
};
use anyai_units::Credits;

use crate::fixture::{ANCHOR, DAY_MS, HOUR_MS, World, compare_rows, mc, plan, refusal, turn};
use crate::oracle::Oracle;

const STEPS_PER_WORLD: u32 = 1_000;

/// SplitMix64: one number of state, so that a seed is the whole walk.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: i64) -> i64 {
        i64::try_from(self.roll() % u64::try_from(limit).unwrap()).unwrap()
    }
}

struct Walk {
    dice: Dice,
    world: World,
    oracle: Oracle,
    audit: Audit,
    audited: usize,
    next_turn: u128,
    next_source: u32,
    /// How often each answer was seen: a walk that never meets one proves nothing about it.
    seen: Seen,
}

#[derive(Debug, Default)]
struct Seen {
    held: u32,
    existing: u32,
    insufficient: u32,
    frozen: u32,
    conflict: u32,
    settled: u32,
    overrun: u32,
    late: u32,
    voided: u32,
    twice: u32,
    wrong_state: u32,
    lapsed: u32,
    months: u32,
}

fn from_env(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

#[test]
fn no_sequence_of_commands_breaks_an_invariant() {
    let seed = from_env("ANYAI_WALK_SEED", 20_261_122);
    let worlds = from_env("ANYAI_WALK_WORLDS", 100);
    let mut seen = Seen::default();
    for world in 0..worlds {
        println!("ANYAI_WALK_SEED={} ANYAI_WALK_WORLDS=1", seed + world);
        seen = walk(seed + world, seen);
    }
    println!("{seen:?}");
    let Seen {
        held,
        existing,
        insufficient,
        frozen,
        conflict,
        settled,
        overrun,
        ..
    } = seen;
    let Seen {
        late,
        voided,
        twice,
        wrong_state,
        lapsed,
        months,
        ..
    } = seen;
    let counts = [
        held,
        existing,
        insufficient,
        frozen,
        conflict,
        settled,
        overrun,
        late,
        voided,
        twice,
        wrong_state,
        lapsed,
        months,
    ];
    assert!(
        counts.iter().all(|count| *count > 0),
        "the walk missed an answer"
    );
}

fn walk(seed: u64, seen: Seen) -> Seen {
    let mut world = World::new(100_000);
    let state = world.store.pool(world.pool).unwrap().unwrap();
    let mut walk = Walk {
        dice: Dice(seed),
        world,
        oracle: Oracle::new(ANCHOR, 100_000),
        audit: Audit::new(&state),
        audited: 0,
        next_turn: 1,
        next_source: 0,
        seen,
    };
    for step in 0..STEPS_PER_WORLD {
        walk.step();
        walk.check(step % 250 == 249);
    }
    walk.seen
}

impl Walk {
    fn step(&mut self) {
        match self.dice.below(100) {
            0..30 => self.hold(),
            30..48 => self.dispatch(),
            48..66 => self.settle(),
            66..74 => self.void(),
            74..78 => self.mark_unknown(),
            78..82 => self.expire(),
            82..90 => self.pass_time(),
            90..94 => self.change_plan(),
            94..97 => self.top_up(),
            _ => self.freeze(),
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

    /// An open hold or a recent turn, so that commands meet holds in every state.
    fn some_turn(&mut self) -> u128 {
        let open = self
            .oracle
            .holds
            .iter()
            .filter(|(_, hold)| hold.state.is_open());
        let open: Vec<u128> = open.map(|(number, _)| *number).collect();
        if !open.is_empty() && self.dice.below(3) > 0 {
            let choice = self.dice.below(i64::try_from(open.len()).unwrap());
            return open[usize::try_from(choice).unwrap()];
        }
        let back = u128::try_from(self.dice.below(6)).unwrap();
        self.next_turn.saturating_sub(back).max(1)
    }

    fn hold(&mut self) {
        let is_repeat = self.dice.below(5) == 0;
        let number = if is_repeat {
            self.some_turn()
        } else {
            self.next_turn
        };
        self.next_turn = self.next_turn.max(number + 1);
        let fingerprint = if self.dice.below(8) == 0 { 1 } else { 0 };
        let ceiling = match self.dice.below(10) {
            0 => 0,
            1 => self.dice.below(400_000),
            2 => self.world.balance().available.millicredits(),
            3 => self.world.balance().available.millicredits() + 1,
            _ => self.dice.below(20_000),
        };
        let mut request = self.world.request(number, ceiling);
        request.fingerprint = [fingerprint; 32];
        let expires_at = request.expires_at.millis();
        let answer = anyai_ledger::hold(&mut self.world.store, &request, self.world.now);
        if let Some(known) = self.oracle.holds.get(&number) {
            if known.fingerprint == fingerprint {
                self.seen.existing += 1;
                let Ok(Placed::Existing(record)) = answer else {
                    panic!("{answer:?}")
                };
                assert_eq!(record.state, known.state);
            } else {
                self.seen.conflict += 1;
                let turn = turn(number);
                assert_eq!(refusal(answer), Refusal::IdempotencyConflict { turn });
            }
            return;
        }
        self.advance_oracle();
        let available = self.oracle.available();
        if self.oracle.hold(number, fingerprint, ceiling, expires_at) {
            self.seen.held += 1;
            assert!(matches!(answer, Ok(Placed::New(_))), "{answer:?}");
        } else if self.oracle.frozen {
            self.seen.frozen += 1;
            assert_eq!(
                refusal(answer),
                Refusal::Frozen {
                    pool: self.world.pool
                }
            );
        } else {
            self.seen.insufficient += 1;
            let (needed, available) = (mc(ceiling), mc(available));
            let resets_at = self.oracle.bounds.ends_at;
            let expected = Refusal::InsufficientCredits {
                needed,
                available,
                resets_at,
            };
            assert_eq!(refusal(answer), expected);
        }
    }

    /// The state of a turn; `None` when it was never held.
    fn known_state(&self, number: u128) -> Option<HoldState> {
        self.oracle.holds.get(&number).map(|hold| hold.state)
    }

    fn dispatch(&mut self) {
        let number = self.some_turn();
        let id = self.world.id(number);
        let answer = anyai_ledger::dispatch(&mut self.world.store, id, None, self.world.now);
        match self.known_state(number) {
            None => assert_eq!(refusal(answer), Refusal::UnknownHold { hold: id }),
            Some(HoldState::Held) => {
                assert_eq!(answer.unwrap().state, HoldState::Dispatched);
                self.oracle.set_state(number, HoldState::Dispatched);
            }
            Some(state) => {
                self.seen.wrong_state += 1;
                assert_eq!(refusal(answer), Refusal::WrongState { hold: id, state });
            }
        }
    }

    fn settle(&mut self) {
        let number = self.some_turn();
        let id = self.world.id(number);
        let ceiling = self
            .oracle
            .holds
            .get(&number)
            .map_or(100, |hold| hold.ceiling);
        let cost = match self.dice.below(6) {
            0 => 0,
            1 => ceiling,
            2 => ceiling + 1 + self.dice.below(50_000),
            _ => self.dice.below(ceiling + 1),
        };
        let report = CostReport {
            cost: mc(cost),
            basis: CostBasis::Counted,
        };
        let answer = anyai_ledger::settle(&mut self.world.store, id, report, self.world.now);
        let Some(hold) = self.oracle.holds.get(&number).cloned() else {
            assert_eq!(refusal(answer), Refusal::UnknownHold { hold: id });
            return;
        };
        match hold.state {
            HoldState::Held => {
                let state = HoldState::Held;
                assert_eq!(refusal(answer), Refusal::WrongState { hold: id, state });
            }
            HoldState::Dispatched | HoldState::Unknown => {
                self.advance_oracle();
                self.oracle.settle(number, cost);
                let Ok(Resolution::Settled(settlement)) = answer else {
                    panic!("{answer:?}")
                };
                let charged = cost.min(ceiling);
                assert_eq!(settlement.charged, mc(charged));
                assert_eq!(settlement.returned, mc(ceiling - charged));
                assert_eq!(settlement.overrun, mc(cost - charged));
                self.seen.settled += 1;
                self.seen.overrun += u32::from(cost > ceiling);
                self.seen.late += u32::from(hold.period != self.oracle.bounds.no);
            }
            HoldState::Settled | HoldState::Voided => self.was_resolved(number, answer.unwrap()),
        }
    }

    fn was_resolved(&mut self, number: u128, resolution: Resolution) {
        self.seen.twice += 1;
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
    }

    fn void(&mut self) {
        let number = self.some_turn();
        let id = self.world.id(number);
        let answer = self.world.void(id);
        match self.known_state(number) {
            None => assert_eq!(refusal(answer), Refusal::UnknownHold { hold: id }),
            Some(HoldState::Settled | HoldState::Voided) => {
                self.was_resolved(number, answer.unwrap());
            }
            Some(_) => {
                self.advance_oracle();
                self.oracle.set_state(number, HoldState::Voided);
                assert!(matches!(answer, Ok(Resolution::Voided(_))), "{answer:?}");
                self.seen.voided += 1;
            }
        }
    }

    fn mark_unknown(&mut self) {
        let number = self.some_turn();
        let id = self.world.id(number);
        let answer = anyai_ledger::mark_unknown(&mut self.world.store, id, self.world.now);
        match self.known_state(number) {
            None => assert_eq!(refusal(answer), Refusal::UnknownHold { hold: id }),
            Some(HoldState::Dispatched | HoldState::Unknown) => {
                assert_eq!(answer.unwrap().state, HoldState::Unknown);
                self.oracle.set_state(number, HoldState::Unknown);
            }
            Some(state) => assert_eq!(refusal(answer), Refusal::WrongState { hold: id, state }),
        }
    }

    fn expire(&mut self) {
        let number = self.some_turn();
        let id = self.world.id(number);
        let answer = anyai_ledger::expire(&mut self.world.store, id, self.world.now);
        let Some(hold) = self.oracle.holds.get(&number).cloned() else {
            assert_eq!(refusal(answer), Refusal::UnknownHold { hold: id });
            return;
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
        self.seen.lapsed += u32::from(expected != Lapse::Nothing);
        assert_eq!(answer.unwrap(), expected);
    }

    /// Minutes, days, months; now and then the clock is set back.
    fn pass_time(&mut self) {
        let millis = match self.dice.below(20) {
            0 => -self.dice.below(2 * DAY_MS),
            1 => self.dice.below(90 * DAY_MS),
            2..6 => self.dice.below(4 * DAY_MS),
            _ => self.dice.below(HOUR_MS),
        };
        let before = self.oracle.bounds.no;
        self.world.now = self.world.now.plus_millis(millis).max(ANCHOR);
        self.world.balance();
        self.advance_oracle();
        self.seen.months += u32::from(self.oracle.bounds.no != before);
    }

    fn change_plan(&mut self) {
        let amount = [0, 10_000, 100_000, 300_000][usize::try_from(self.dice.below(4)).unwrap()];
        let is_budget = self.dice.below(2) == 0;
        let terms = if is_budget {
            PlanTerms::Budget
        } else {
            PlanTerms::Subscription
        };
        self.advance_oracle();
        self.oracle.change_plan(amount, terms);
        let (pool, now) = (self.world.pool, self.world.now);
        let plan = plan("any", amount);
        anyai_ledger::change_plan(&mut self.world.store, pool, plan, terms, "me", now).unwrap();
    }

    fn top_up(&mut self) {
        self.advance_oracle();
        let expires_at = match self.dice.below(3) {
            0 => None,
            _ => Some(self.oracle.clock + 1 + self.dice.below(60 * DAY_MS)),
        };
        let amount = 1 + self.dice.below(50_000);
        let priority = if self.dice.below(2) == 0 { 50 } else { 200 };
        self.next_source += 1;
        let request = GrantRequest {
            pool: self.world.pool,
            kind: GrantKind::TopUp,
            amount: mc(amount),
            priority,
            expires_at: expires_at.map(anyai_units::UtcMillis::from_millis),
            source: format!("order-{}", self.next_source),
            actor: "shop".to_owned(),
        };
        for _ in 0..1 + self.dice.below(2) {
            self.world.grant(&request).unwrap();
        }
        self.oracle.top_up(amount, priority, expires_at);
    }

    fn freeze(&mut self) {
        let frozen = self.dice.below(6) == 0;
        let (pool, now) = (self.world.pool, self.world.now);
        anyai_ledger::set_frozen(&mut self.world.store, pool, frozen, "admin", "why", now).unwrap();
        self.advance_oracle();
        self.oracle.frozen = frozen;
    }

    /// I1 to I7, after every step; every row against the entries now and then.
    fn check(&mut self, is_thorough: bool) {
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
        if is_thorough {
            for (number, hold) in &self.oracle.holds {
                let id = self.world.id(*number);
                let record = self.world.store.hold(id).unwrap().unwrap();
                assert_eq!(record.state, hold.state);
                assert!(hold.charged <= hold.ceiling, "I2");
                assert_eq!(record.charged.unwrap_or_default(), mc(hold.charged));
            }
            compare_rows(&mut self.world.store, pool, &self.audit);
        }
    }
}
