//! Recorded turns as if they came after others that have nothing to do with them.
//!
//! The recorded conversations go on about one thing. From them alone the trees would learn that every
//! conversation does.

use std::collections::HashMap;

use super::boost::Random;
use super::turns::{Data, Turn};

/// First turns in a hundred that are also fitted as later ones.
const PERCENT: u64 = 30;
/// Turns before such a one, at most.
const BEFORE_MAX: u64 = 6;

/// Turns to put before others, by model and source.
pub(super) struct Unrelated<'a> {
    turns: HashMap<(usize, usize), Vec<&'a Turn>>,
    random: Random,
}

impl<'a> Unrelated<'a> {
    pub(super) fn of(turns: &[&'a Turn], seed: u64) -> Self {
        let mut by: HashMap<(usize, usize), Vec<&Turn>> = HashMap::new();
        for turn in turns {
            by.entry((turn.model, turn.source)).or_default().push(turn);
        }
        Self {
            turns: by,
            random: Random::new(seed),
        }
    }

    /// Some of the first turns, after others of the same model and source.
    pub(super) fn before(&mut self, data: &Data, turn: &Turn) -> Option<Turn> {
        if !turn.replies.is_empty() || self.random.below(100) >= PERCENT {
            return None;
        }
        let same = self.turns.get(&(turn.model, turn.source))?;
        let mut after = turn.clone();
        for _ in 0..=self.random.below(BEFORE_MAX) {
            let other = same[self.random.below(same.len() as u64) as usize];
            if other.group != turn.group {
                after.replies.push(other.output);
                after.history += other.output + data.prompts[other.prompt].tokens;
            }
        }
        (!after.replies.is_empty()).then_some(after)
    }

    /// Whether to take the next for one of an unknown model.
    pub(super) fn is_stranger(&mut self) -> bool {
        self.random.below(2) == 0
    }
}
