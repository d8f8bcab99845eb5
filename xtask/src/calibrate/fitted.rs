//! Everything that is fitted on some of the turns, and what it forecasts of others.

use std::collections::HashMap;

use anyai_estimate::{
    BINS_MAX, Binned, Edges, FEATURES, Kind, KindShares, ModelRow, PROMPT_FEATURES, PromptWeights,
    QUANTILES, ReadPrompt, TEXT_FEATURES, circumstances, start_of,
};

use super::boost::{Boosted, Pace, Random, Rows};
use super::kinds;
use super::manners::Manners;
use super::turns::{Data, Turn};
use super::unrelated::Unrelated;
use super::words::{self, Sample};

/// Parts in which what words weigh is told to the trees by prompts that were not fitted.
const INNER_FOLDS: u64 = 5;

/// A forecast of `ln(1 + output)` at each of [`QUANTILES`].
pub(super) type Quantiles = [f32; QUANTILES.len()];

/// What was fitted.
pub(super) struct Fitted {
    pub(super) manners: Manners,
    pub(super) prompt: PromptWeights,
    pub(super) edges: Edges,
    pub(super) quantiles: Vec<Boosted>,
    pub(super) kinds: Vec<Kind>,
    /// How far it is like each kind, by prompt.
    shares: Vec<KindShares>,
}

/// Rows to fit, as they are gathered.
#[derive(Default)]
struct Gathered {
    rows: Vec<[f32; FEATURES]>,
    targets: Vec<f32>,
    weights: Vec<f32>,
    starts: Vec<f32>,
}

impl Fitted {
    pub(super) fn fit(data: &Data, turns: &[&Turn], pace: Pace) -> Self {
        let manners = Manners::fit(data, turns);
        let (prompt, unseen) = fit_words(data, &manners, turns);
        let figures = kinds::figures(data, &prompt);
        let fit_kinds = |without: Option<u64>| {
            let seen = turns.iter().copied();
            let seen = seen.filter(|turn| Some(inner_fold(turn.group)) != without);
            kinds::fit(data, &figures, seen)
        };
        let inner: Vec<Vec<KindShares>> = (0..INNER_FOLDS)
            .map(|fold| kinds::shares(data, &fit_kinds(Some(fold)), &figures))
            .collect();
        let kinds = fit_kinds(None);
        let shares = kinds::shares(data, &kinds, &figures);
        let mut gathered = Gathered::default();
        let mut unrelated = Unrelated::of(turns, pace.seed);
        let group_rows = counts(turns.iter().map(|turn| turn.group));
        for turn in turns {
            let shares = &inner[inner_fold(turn.group) as usize][turn.prompt];
            let weight = 1.0 / group_rows[&turn.group].sqrt();
            let mut add = |turn: &Turn, as_stranger| {
                let model = manners.row(turn.model, as_stranger);
                let leaning = shares.lean(manners.by_kind(turn.model, as_stranger));
                let start = start_of(manners.mean, &model, leaning, &turn.replies);
                let of_prompt = (unseen[turn.prompt], shares);
                let row = row_of(data, turn, of_prompt, &model, leaning);
                gathered.rows.push(row);
                gathered.targets.push(turn.target);
                gathered.weights.push(weight);
                gathered.starts.push(start);
            };
            add(turn, false);
            add(turn, true);
            if let Some(after) = unrelated.before(data, turn) {
                add(&after, unrelated.is_stranger());
            }
        }
        let Gathered {
            rows,
            targets,
            mut weights,
            starts,
        } = gathered;
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
            kinds,
            shares,
        }
    }

    /// How far a turn's prompt is like each kind.
    pub(super) fn shares(&self, turn: &Turn) -> &KindShares {
        &self.shares[turn.prompt]
    }

    /// The forecast of a turn, by its model's own manner or as a stranger's.
    pub(super) fn forecast(&self, data: &Data, turn: &Turn, as_stranger: bool) -> Quantiles {
        let model = self.manners.row(turn.model, as_stranger);
        let leaning = self
            .shares(turn)
            .lean(self.manners.by_kind(turn.model, as_stranger));
        let start = start_of(self.manners.mean, &model, leaning, &turn.replies);
        let weighs = self.prompt.weigh(&data.prompts[turn.prompt].read);
        let of_prompt = (weighs, self.shares(turn));
        self.said(&row_of(data, turn, of_prompt, &model, leaning), start)
    }

    /// What the trees say of a row, in order.
    pub(super) fn said(&self, row: &[f32; FEATURES], start: f32) -> Quantiles {
        let binned = bin(&self.edges, row);
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

/// A whole row: the prompt's figures, what it weighs and is like, and the circumstances.
pub(super) fn whole(
    read: &ReadPrompt,
    (weighs, kinds): (f32, &KindShares),
    rest: &[f32],
) -> [f32; FEATURES] {
    let mut row = [0.0; FEATURES];
    row[..TEXT_FEATURES].copy_from_slice(&read.text);
    row[TEXT_FEATURES] = weighs;
    row[TEXT_FEATURES + 1..PROMPT_FEATURES].copy_from_slice(&kinds.shares());
    row[PROMPT_FEATURES..].copy_from_slice(rest);
    row
}

fn row_of(
    data: &Data,
    turn: &Turn,
    of_prompt: (f32, &KindShares),
    model: &ModelRow,
    leaning: f32,
) -> [f32; FEATURES] {
    let prompt = &data.prompts[turn.prompt];
    let rest = circumstances(prompt.tokens, turn.history, &turn.replies, model, leaning);
    whole(&prompt.read, of_prompt, &rest)
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
    let mut unseen = vec![0.0; data.prompts.len()];
    for fold in 0..INNER_FOLDS {
        let seen: Vec<Sample<'_>> = fitted
            .iter()
            .filter(|(_, group)| inner_fold(*group) != fold)
            .map(sample)
            .collect();
        let weights = words::fit(&seen);
        for (prompt, group) in &fitted {
            if inner_fold(*group) == fold {
                unseen[*prompt] = weights.weigh(&data.prompts[*prompt].read);
            }
        }
    }
    let all: Vec<Sample<'_>> = fitted.iter().map(sample).collect();
    (words::fit(&all), unseen)
}

/// Which of the inner parts a group belongs to.
fn inner_fold(group: usize) -> u64 {
    Random::new(group as u64).below(INNER_FOLDS)
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
