//! Every order of a few commands, not a sample of them: two turns that do not fit together, time,
//! and every way a hold can end.

use std::collections::BTreeSet;

use anyai_ledger::PlanTerms;

use crate::fixture::{DAY_MS, HOUR_MS};
use crate::pair::{Met, Pair};

type Command = fn(&mut Pair) -> Met;

/// Two clients on a pool of 100: the first turn needs 60, the second 70, of which a gift of 30
/// covers the start.
const COMMANDS: [(&str, Command); 15] = [
    ("hold 1", |pair| pair.hold(1, 0, 60)),
    ("hold 2", |pair| pair.hold(2, 0, 70)),
    ("hold 2 changed", |pair| pair.hold(2, 1, 70)),
    ("dispatch 1", |pair| pair.dispatch(1)),
    ("dispatch 2", |pair| pair.dispatch(2)),
    ("settle 1 in part", |pair| pair.settle(1, 25)),
    ("settle 1 above", |pair| pair.settle(1, 61)),
    ("settle 2 whole", |pair| pair.settle(2, 70)),
    ("void 1", |pair| pair.void(1)),
    ("lose 1", |pair| pair.mark_unknown(1)),
    ("expire 1 and 2", |pair| pair.expire(1).max(pair.expire(2))),
    ("an hour", |pair| pair.pass_time(HOUR_MS)),
    ("a month", |pair| pair.pass_time(29 * DAY_MS)),
    ("a smaller budget", |pair| {
        pair.change_plan(40, PlanTerms::Budget)
    }),
    ("a gift", |pair| pair.top_up(30, 50, Some(2 * HOUR_MS), 1)),
];

const DEPTH: usize = 4;

struct Search {
    path: Vec<&'static str>,
    met: BTreeSet<Met>,
    states: u64,
}

impl Search {
    fn explore(&mut self, pair: &Pair) {
        for (name, command) in COMMANDS {
            self.path.push(name);
            let mut next = pair.clone();
            let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let met = command(&mut next);
                next.check();
                met
            }));
            let Ok(met) = answer else {
                panic!("broken by: {}", self.path.join(", "))
            };
            self.met.insert(met);
            self.states += 1;
            if self.path.len() < DEPTH {
                self.explore(&next);
            } else {
                next.check_rows();
            }
            self.path.pop();
        }
    }
}

fn explored(begin: &[usize]) -> Search {
    let mut pair = Pair::new(100);
    let mut search = Search {
        path: Vec::new(),
        met: BTreeSet::new(),
        states: 0,
    };
    for index in begin {
        let (name, command) = COMMANDS[*index];
        command(&mut pair);
        search.path.push(name);
    }
    let path_before = search.path.clone();
    search.path.clear();
    search.explore(&pair);
    assert!(search.path.is_empty(), "after {path_before:?}");
    search
}

#[test]
fn every_order_of_four_commands_keeps_every_invariant() {
    let search = explored(&[]);
    assert_eq!(search.states, 15 + 15 * 15 + 15 * 15 * 15 + 15_u64.pow(4));
    for met in [
        Met::Held,
        Met::Insufficient,
        Met::Conflict,
        Met::Existing,
        Met::Overrun,
    ] {
        assert!(
            search.met.contains(&met),
            "never met {met:?}: {:?}",
            search.met
        );
    }
}

/// Longer lives: the first turn is out at the provider before the search begins.
#[test]
fn every_order_of_four_commands_after_a_dispatch_keeps_every_invariant() {
    let search = explored(&[0, 3]);
    for met in [
        Met::Settled,
        Met::SettledLate,
        Met::Voided,
        Met::Twice,
        Met::Lapsed,
    ] {
        assert!(
            search.met.contains(&met),
            "never met {met:?}: {:?}",
            search.met
        );
    }
}

/// A turn that a gift and the plan cover together, while both can expire.
#[test]
fn every_order_of_four_commands_over_two_grants_keeps_every_invariant() {
    let search = explored(&[14, 1, 4]);
    for met in [Met::Settled, Met::SettledLate, Met::NewMonth, Met::Lapsed] {
        assert!(
            search.met.contains(&met),
            "never met {met:?}: {:?}",
            search.met
        );
    }
}
