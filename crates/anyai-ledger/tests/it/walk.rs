//! A hundred thousand random commands, compared with the naive ledger after every one.
//!
//! `ANYAI_WALK_SEED` replays another walk, `ANYAI_WALK_WORLDS` makes it longer.

use std::collections::BTreeMap;

use anyai_ledger::PlanTerms;

use crate::fixture::{DAY_MS, HOUR_MS};
use crate::pair::{Met, Pair};

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
    pair: Pair,
    next_turn: u128,
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
    let mut met = BTreeMap::<Met, u32>::new();
    for world in 0..worlds {
        println!("ANYAI_WALK_SEED={} ANYAI_WALK_WORLDS=1", seed + world);
        let dice = Dice(seed + world);
        let mut walk = Walk {
            dice,
            pair: Pair::new(100_000),
            next_turn: 1,
        };
        for step in 0..STEPS_PER_WORLD {
            *met.entry(walk.step()).or_default() += 1;
            walk.pair.check();
            if step % 250 == 249 {
                walk.pair.check_rows();
            }
        }
    }
    println!("{met:?}");
    let kinds = Met::Other as usize + 1;
    assert!(
        worlds < 100 || met.len() == kinds,
        "the walk missed an answer: {met:?}"
    );
}

impl Walk {
    fn step(&mut self) -> Met {
        let number = self.some_turn();
        match self.dice.below(100) {
            0..30 => self.hold(),
            30..48 => self.pair.dispatch(number),
            48..66 => self.settle(number),
            66..74 => self.pair.void(number),
            74..78 => self.pair.mark_unknown(number),
            78..82 => self.pair.expire(number),
            82..90 => self.pass_time(),
            90..94 => self.change_plan(),
            94..97 => self.top_up(),
            _ => {
                let frozen = self.dice.below(6) == 0;
                self.pair.freeze(frozen)
            }
        }
    }

    /// An open hold or a recent turn, so that commands meet holds in every state.
    fn some_turn(&mut self) -> u128 {
        let open = self
            .pair
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

    fn hold(&mut self) -> Met {
        let is_repeat = self.dice.below(5) == 0;
        let number = if is_repeat {
            self.some_turn()
        } else {
            self.next_turn
        };
        self.next_turn = self.next_turn.max(number + 1);
        let fingerprint = u8::from(self.dice.below(8) == 0);
        let available = self.pair.world.balance().available.millicredits();
        let ceiling = match self.dice.below(10) {
            0 => 0,
            1 => self.dice.below(400_000),
            2 => available,
            3 => available + 1,
            _ => self.dice.below(20_000),
        };
        self.pair.hold(number, fingerprint, ceiling)
    }

    fn settle(&mut self, number: u128) -> Met {
        let ceiling = self
            .pair
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
        self.pair.settle(number, cost)
    }

    /// Minutes, days, months; now and then the clock is set back.
    fn pass_time(&mut self) -> Met {
        let millis = match self.dice.below(20) {
            0 => -self.dice.below(2 * DAY_MS),
            1 => self.dice.below(90 * DAY_MS),
            2..6 => self.dice.below(4 * DAY_MS),
            _ => self.dice.below(HOUR_MS),
        };
        self.pair.pass_time(millis)
    }

    fn change_plan(&mut self) -> Met {
        let amount = [0, 10_000, 100_000, 300_000][usize::try_from(self.dice.below(4)).unwrap()];
        let is_budget = self.dice.below(2) == 0;
        let terms = if is_budget {
            PlanTerms::Budget
        } else {
            PlanTerms::Subscription
        };
        self.pair.change_plan(amount, terms)
    }

    fn top_up(&mut self) -> Met {
        let amount = 1 + self.dice.below(50_000);
        let priority = if self.dice.below(2) == 0 { 50 } else { 200 };
        let is_endless = self.dice.below(3) == 0;
        let lasts = 1 + self.dice.below(60 * DAY_MS);
        let times = 1 + self.dice.below(2);
        self.pair
            .top_up(amount, priority, (!is_endless).then_some(lasts), times)
    }
}
