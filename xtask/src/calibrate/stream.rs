//! A model nobody has met, used for the first time: its turns one after the other, with what is learned
//! between them.

use anyai_estimate::learning::{Learned, Prior};
use anyai_units::Interval;

use super::boost::Random;
use super::score::Judged;
use super::turns::Turn;

/// Turns after which the model counts as used.
const USED_TURNS: usize = 20;
/// A model with fewer turns is left out.
const TURNS_MIN: usize = 40;

/// The turns of models from the one after [`USED_TURNS`] on, forecast as strangers: as it is, and with what
/// was learned.
pub(super) fn strangers<'a>(
    turns: &[&'a Turn],
    models: usize,
    forecast: impl Fn(&Turn) -> Interval<u64>,
) -> (Vec<Judged<'a>>, Vec<Judged<'a>>) {
    let (mut still, mut taught) = (Vec::new(), Vec::new());
    for model in 0..models {
        let mut own: Vec<&'a Turn> = turns
            .iter()
            .copied()
            .filter(|turn| turn.model == model)
            .collect();
        if own.len() < TURNS_MIN {
            continue;
        }
        shuffle(
            &mut own,
            &mut Random::new(super::train::SEED ^ model as u64),
        );
        let mut learned = Learned::default();
        for (at, turn) in own.into_iter().enumerate() {
            let said = forecast(turn);
            let adjusted = learned.adjustment(Prior::Family).apply(said);
            if at >= USED_TURNS {
                still.push(judged(turn, said));
                taught.push(judged(turn, adjusted));
            }
            learned.learn(said, turn.output);
        }
    }
    (still, taught)
}

fn judged(turn: &Turn, said: Interval<u64>) -> Judged<'_> {
    Judged {
        turn,
        said: [said.low, said.likely, said.high].map(|tokens| tokens as f32),
    }
}

fn shuffle<T>(all: &mut [T], random: &mut Random) {
    for at in (1..all.len()).rev() {
        all.swap(at, random.below(at as u64 + 1) as usize);
    }
}
