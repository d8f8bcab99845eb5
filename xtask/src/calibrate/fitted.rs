//! Everything that is fitted on some of the turns, and what it forecasts of others.

use std::collections::HashMap;

use anyai_estimate::{
    BINS_MAX, Binned, Edges, FEATURES, ModelRow, PROMPT_FEATURES, PromptWeights, QUANTILES,
    ReadPrompt, TEXT_FEATURES, circumstances,
};

use super::boost::{Boosted, Pace, Rows};
use super::manners::Manners;
use super::turns::{Data, Turn};
use super::words::{self, Sample};

/// Parts in which what words weigh is told to the trees by prompts that were not fitted.
const INNER_FOLDS: u64 = 5;
/// What a row counts when its model is taken for a stranger.
const STRANGER_WEIGHT: f32 = 0.35;

/// A forecast of `ln(1 + output)` at each of [`QUANTILES`].
pub(super) type Quantiles = [f32; QUANTILES.len()];

/// What was fitted.
pub(super) struct Fitted {
    pub(super) manners: Manners,
    pub(super) prompt: PromptWeights,
    pub(super) edges: Edges,
    pub(super) quantiles: Vec<Boosted>,
}

impl Fitted {
    pub(super) fn fit(data: &Data, turns: &[&Turn], pace: Pace) -> Self {
        let manners = Manners::fit(data, turns);
        let (prompt, unseen) = fit_words(data, &manners, turns);
        let mut rows = Vec::new();
        let (mut targets, mut weights, mut starts) = (Vec::new(), Vec::new(), Vec::new());
        let group_rows = counts(turns.iter().map(|turn| turn.group));
        for turn in turns {
            let weight = 1.0 / group_rows[&turn.group].sqrt();
            let own = manners.row(turn.model);
            for (model, weight) in [
                (own, weight),
                (manners.strangers[turn.model], weight * STRANGER_WEIGHT),
            ] {
                rows.push(row_of(data, turn, unseen[turn.prompt], &model));
                targets.push(turn.target);
                weights.push(weight);
                starts.push(start_of(&manners, &model));
            }
        }
        let mean = weights.iter().sum::<f32>() / weights.len().max(1) as f32;
        weights.iter_mut().for_each(|weight| *weight /= mean);
        let edges = edges(&rows);
        let binned = rows.iter().map(|row| bin(&edges, row)).collect();
        let rows = Rows::new(binned, targets, weights, starts);
        let quantiles = QUANTILES
            .iter()
            .map(|quantile| Boosted::fit(&rows, *quantile, pace))
            .collect();
        Self {
            manners,
            prompt,
            edges,
            quantiles,
        }
    }

    /// The forecast of a turn, by its model's own manner or as a stranger's.
    pub(super) fn forecast(&self, data: &Data, turn: &Turn, as_stranger: bool) -> Quantiles {
        let model = if as_stranger {
            self.manners.strangers[turn.model]
        } else {
            self.manners.row(turn.model)
        };
        let weighs = self.prompt.weigh(&data.prompts[turn.prompt].read);
        self.said(&row_of(data, turn, weighs, &model), &model)
    }

    /// What the trees say of a row, in order.
    pub(super) fn said(&self, row: &[f32; FEATURES], model: &ModelRow) -> Quantiles {
        let binned = bin(&self.edges, row);
        let start = start_of(&self.manners, model);
        let mut said = [0.0; QUANTILES.len()];
        for (said, boosted) in said.iter_mut().zip(&self.quantiles) {
            *said = boosted.say(&binned, start);
        }
        said.sort_by(f32::total_cmp);
        said
    }
}

fn bin(edges: &Edges, row: &[f32; FEATURES]) -> Binned {
    let mut bins = [0; FEATURES];
    edges.bin(0, row, &mut bins);
    bins
}

/// A whole row: the prompt's figures, what it weighs, and the circumstances.
pub(super) fn whole(read: &ReadPrompt, weighs: f32, rest: &[f32]) -> [f32; FEATURES] {
    let mut row = [0.0; FEATURES];
    row[..TEXT_FEATURES].copy_from_slice(&read.text);
    row[TEXT_FEATURES] = weighs;
    row[PROMPT_FEATURES..].copy_from_slice(rest);
    row
}

fn start_of(manners: &Manners, model: &ModelRow) -> f32 {
    manners.mean + model.effect
}

fn row_of(data: &Data, turn: &Turn, weighs: f32, model: &ModelRow) -> [f32; FEATURES] {
    let prompt = &data.prompts[turn.prompt];
    let rest = circumstances(prompt.tokens, turn.history, &turn.replies, model);
    whole(&prompt.read, weighs, &rest)
}

/// The weights of words, and what they say of each prompt when fitted without it.
fn fit_words(data: &Data, manners: &Manners, turns: &[&Turn]) -> (PromptWeights, Vec<f32>) {
    let mut group_of = HashMap::new();
    for turn in turns {
        group_of.insert(turn.prompt, turn.group);
    }
    let mut fitted: Vec<(usize, usize)> = group_of.into_iter().collect();
    fitted.sort_unstable();
    let texts = counts(fitted.iter().map(|(_, group)| *group));
    let sample = |(prompt, group): &(usize, usize)| Sample {
        prompt: &data.prompts[*prompt],
        target: manners.prompts[*prompt],
        weight: manners.prompt_turns[*prompt].sqrt().min(4.0) / texts[group].sqrt(),
    };
    let inner = |group: usize| {
        let mut random = super::boost::Random::new(group as u64);
        random.below(INNER_FOLDS)
    };
    let mut unseen = vec![0.0; data.prompts.len()];
    for fold in 0..INNER_FOLDS {
        let seen: Vec<Sample<'_>> = fitted
            .iter()
            .filter(|(_, group)| inner(*group) != fold)
            .map(sample)
            .collect();
        let weights = words::fit(&seen);
        for (prompt, group) in &fitted {
            if inner(*group) == fold {
                unseen[*prompt] = weights.weigh(&data.prompts[*prompt].read);
            }
        }
    }
    let all: Vec<Sample<'_>> = fitted.iter().map(sample).collect();
    (words::fit(&all), unseen)
}

fn counts(keys: impl Iterator<Item = usize>) -> HashMap<usize, f32> {
    let mut counts = HashMap::new();
    for key in keys {
        *counts.entry(key).or_insert(0.0) += 1.0;
    }
    counts
}

/// Edges that cut each feature into parts of about as many rows.
fn edges(rows: &[[f32; FEATURES]]) -> Edges {
    let cut = |feature: usize| {
        let mut values: Vec<f32> = rows.iter().map(|row| row[feature]).collect();
        values.sort_by(f32::total_cmp);
        let mut edges: Vec<f32> = (1..BINS_MAX)
            .map(|part| values[(part * values.len() / BINS_MAX).min(values.len() - 1)])
            .collect();
        edges.dedup();
        // An edge at the greatest value parts nothing.
        edges.retain(|edge| Some(edge) != values.last());
        edges
    };
    Edges::new((0..FEATURES).map(cut).collect())
        .unwrap_or_else(|| unreachable!("a list for every feature"))
}
