//! What a prompt weighs by itself: a ridge regression of prompts' effects on their words and figures.

use anyai_estimate::{PromptWeights, TEXT_FEATURES, WORD_SLOTS};

use super::turns::Prompt;

/// Penalty on weights.
const PENALTY: f32 = 1.5;
const ROUNDS: usize = 60;
/// What a figure one deviation from its mean is, where the words of a prompt are one.
const FIGURE_SCALE: f32 = 0.06;

/// The usual range of each figure.
struct Figures(Vec<(f32, f32)>);

/// A prompt to fit, with what it should say and how much it counts.
pub(super) struct Sample<'a> {
    pub(super) prompt: &'a Prompt,
    pub(super) target: f32,
    pub(super) weight: f32,
}

impl Figures {
    fn of(samples: &[Sample<'_>]) -> Self {
        let count = samples.len().max(1) as f32;
        let range = |at: usize| {
            let figures = samples.iter().map(|sample| sample.prompt.read.text[at]);
            let mean = figures.clone().sum::<f32>() / count;
            let square = figures.map(|figure| (figure - mean).powi(2)).sum::<f32>() / count;
            (mean, square.sqrt() + 1e-6)
        };
        Self((0..TEXT_FEATURES).map(range).collect())
    }

    fn scaled(&self, prompt: &Prompt) -> Vec<f32> {
        let figures = self.0.iter().zip(prompt.read.text);
        figures
            .map(|((mean, deviation), figure)| {
                FIGURE_SCALE * ((figure - mean) / deviation).clamp(-4.0, 4.0)
            })
            .collect()
    }
}

/// Weights by slot and by figure, in the steps that the data file has.
pub(super) fn fit(samples: &[Sample<'_>]) -> PromptWeights {
    let figures = Figures::of(samples);
    let total: f32 = samples.iter().map(|sample| sample.weight).sum();
    let told: f32 = samples
        .iter()
        .map(|sample| sample.weight * sample.target)
        .sum();
    let mean = told / total.max(1e-6);
    let values = solve(samples, &figures, mean);
    let (words, rest) = values.split_at(WORD_SLOTS);
    let most = words
        .iter()
        .fold(1e-6f32, |most, weight| most.max(weight.abs()));
    let step = most / f32::from(i8::MAX);
    let figures = figures.0.iter().zip(rest);
    PromptWeights {
        words: words
            .iter()
            .map(|weight| (weight / step).round() as i8)
            .collect(),
        step,
        figures: figures
            .map(|((mean, deviation), weight)| [*mean, *deviation, weight * FIGURE_SCALE])
            .collect(),
        mean,
    }
}

/// Conjugate gradients on the normal equations.
fn solve(samples: &[Sample<'_>], figures: &Figures, mean: f32) -> Vec<f32> {
    let size = WORD_SLOTS + TEXT_FEATURES;
    let scaled: Vec<Vec<f32>> = samples
        .iter()
        .map(|sample| figures.scaled(sample.prompt))
        .collect();
    let (mut values, mut residual) = (vec![0.0f32; size], vec![0.0f32; size]);
    for (sample, figures) in samples.iter().zip(&scaled) {
        add(
            &mut residual,
            sample,
            figures,
            (sample.target - mean) * sample.weight,
        );
    }
    let mut direction = residual.clone();
    let mut square = dot(&residual, &residual);
    for _ in 0..ROUNDS {
        let mut image: Vec<f32> = direction.iter().map(|value| value * PENALTY).collect();
        for (sample, figures) in samples.iter().zip(&scaled) {
            add(
                &mut image,
                sample,
                figures,
                said(&direction, sample.prompt, figures) * sample.weight,
            );
        }
        let step = square / dot(&direction, &image).max(f32::MIN_POSITIVE);
        for at in 0..size {
            values[at] += step * direction[at];
            residual[at] -= step * image[at];
        }
        let next = dot(&residual, &residual);
        if next < 1e-6 {
            break;
        }
        let keep = next / square;
        square = next;
        for at in 0..size {
            direction[at] = residual[at] + keep * direction[at];
        }
    }
    values
}

fn said(values: &[f32], prompt: &Prompt, figures: &[f32]) -> f32 {
    let words = anyai_estimate::weigh(&prompt.read.words, |slot| values[usize::from(slot)]);
    words + dot(&values[WORD_SLOTS..], figures)
}

fn add(to: &mut [f32], sample: &Sample<'_>, figures: &[f32], value: f32) {
    let words = &sample.prompt.read.words;
    let each = value / (words.len().max(1) as f32).sqrt();
    for slot in words {
        to[usize::from(*slot)] += each;
    }
    for (to, figure) in to[WORD_SLOTS..].iter_mut().zip(figures) {
        *to += value * figure;
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
