//! How much longer each model answers one kind of prompt than another: a ridge regression per model of what
//! its prompts and its manner leave unsaid.

use anyai_estimate::{Family, LEANING_FIGURES, LeaningFigures, PromptWeights, deviation, lean};

use super::manners::{Manners, RESIDUAL_MAX, THINKS_SHARE};
use super::turns::{Data, Turn};

/// Turns that a weight has to outweigh.
const PENALTY: f32 = 100.0;
/// Models that a family's leaning has to outweigh.
const FAMILY_SHRINK: f32 = 2.0;

type Weights = [f32; LEANING_FIGURES];
const NONE: Weights = [0.0; LEANING_FIGURES];

/// Leanings, in the steps that the data file has.
pub(super) struct Leanings {
    pub(super) step: f32,
    /// By model: its own, or its family's where it has no turns.
    pub(super) models: Vec<Vec<i8>>,
    /// By model: its family's without it.
    pub(super) strangers: Vec<Vec<i8>>,
    /// By family.
    pub(super) families: Vec<Vec<i8>>,
}

/// What prompts show of themselves, by prompt.
pub(super) fn figures(data: &Data, weights: &PromptWeights) -> Vec<LeaningFigures> {
    let of = |prompt: &super::turns::Prompt| {
        weights.leaning_figures(&prompt.read, weights.weigh(&prompt.read))
    };
    data.prompts.iter().map(of).collect()
}

impl Leanings {
    /// Fitted on some of the turns.
    pub(super) fn fit<'a>(
        data: &Data,
        manners: &Manners,
        figures: &[LeaningFigures],
        turns: impl Iterator<Item = &'a Turn>,
    ) -> Self {
        let mut sums: Vec<Option<Sums>> = (0..data.models.len()).map(|_| None).collect();
        for turn in turns {
            let Some(row) = manners.models[turn.model] else {
                continue;
            };
            let said = manners.mean + manners.prompts[turn.prompt] + row.effect;
            let residual = (turn.target - said).clamp(-RESIDUAL_MAX, RESIDUAL_MAX);
            let sums = sums[turn.model].get_or_insert_with(Sums::default);
            sums.add(&figures[turn.prompt], residual);
        }
        let own: Vec<Option<Weights>> =
            sums.into_iter().map(|sums| sums.map(Sums::solve)).collect();
        let family_of = |model: usize| {
            let thinks = manners.models[model].is_some_and(|row| row.thinking_share > THINKS_SHARE);
            Family::of_name(&data.models[model], Some(thinks))
        };
        let kin: Vec<Family> = (0..own.len()).map(family_of).collect();
        let strangers: Vec<Weights> = (0..own.len())
            .map(|model| mean(&own, |other| other != model && kin[other] == kin[model]))
            .collect();
        let families: Vec<Weights> = Family::all()
            .map(|family| mean(&own, |other| kin[other] == family))
            .collect();
        let models: Vec<Weights> = own
            .iter()
            .zip(&strangers)
            .map(|(own, stranger)| own.unwrap_or(*stranger))
            .collect();
        let most = models
            .iter()
            .flatten()
            .fold(1e-6f32, |most, weight| most.max(weight.abs()));
        let step = most / f32::from(i8::MAX);
        let stepped = |all: Vec<Weights>| -> Vec<Vec<i8>> {
            all.iter()
                .map(|weights| weights.map(|weight| (weight / step).round() as i8).to_vec())
                .collect()
        };
        Self {
            step,
            models: stepped(models),
            strangers: stepped(strangers),
            families: stepped(families),
        }
    }

    /// How a model leans on a prompt.
    pub(super) fn of(&self, turn: &Turn, figures: &[LeaningFigures], as_stranger: bool) -> f32 {
        let weights = if as_stranger {
            &self.strangers[turn.model]
        } else {
            &self.models[turn.model]
        };
        lean(weights, self.step, &figures[turn.prompt])
    }
}

/// The mean of some models' weights, drawn to none.
fn mean(own: &[Option<Weights>], wanted: impl Fn(usize) -> bool) -> Weights {
    let mut sum = NONE;
    let mut count = FAMILY_SHRINK;
    for (at, weights) in own.iter().enumerate() {
        if let Some(weights) = weights.filter(|_| wanted(at)) {
            count += 1.0;
            sum.iter_mut()
                .zip(weights)
                .for_each(|(sum, weight)| *sum += weight);
        }
    }
    sum.map(|sum| sum / count)
}

/// The normal equations of one model: the lower half of a square, row by row, and the right side.
struct Sums {
    square: Vec<f32>,
    side: Weights,
}

impl Default for Sums {
    fn default() -> Self {
        Self {
            square: vec![0.0; LEANING_FIGURES * LEANING_FIGURES],
            side: NONE,
        }
    }
}

impl Sums {
    fn add(&mut self, figures: &LeaningFigures, residual: f32) {
        let figures = figures.map(deviation);
        for (at, figure) in figures.iter().enumerate() {
            self.side[at] += figure * residual;
            let row = &mut self.square[at * LEANING_FIGURES..][..=at];
            row.iter_mut()
                .zip(&figures)
                .for_each(|(sum, other)| *sum += figure * other);
        }
    }

    /// By Cholesky's decomposition.
    fn solve(mut self) -> Weights {
        const N: usize = LEANING_FIGURES;
        let square = &mut self.square;
        for row in 0..N {
            square[row * N + row] += PENALTY;
            for column in 0..=row {
                let known: f32 = (0..column)
                    .map(|at| square[row * N + at] * square[column * N + at])
                    .sum();
                let rest = square[row * N + column] - known;
                square[row * N + column] = match row == column {
                    true => rest.max(1e-6).sqrt(),
                    false => rest / square[column * N + column],
                };
            }
        }
        let mut weights = self.side;
        for row in 0..N {
            let known: f32 = (0..row).map(|at| square[row * N + at] * weights[at]).sum();
            weights[row] = (weights[row] - known) / square[row * N + row];
        }
        for row in (0..N).rev() {
            let known: f32 = (row + 1..N)
                .map(|at| square[at * N + row] * weights[at])
                .sum();
            weights[row] = (weights[row] - known) / square[row * N + row];
        }
        weights
    }
}
