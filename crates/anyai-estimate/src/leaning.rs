//! How much longer one model answers this kind of prompt than its other prompts: a line through the prompt's
//! figures, fitted per model, in whole numbers so that it costs little on every key.

use crate::features::TEXT_FEATURES;

/// Figures it looks at: those of the text, and what the prompt weighs by itself.
pub const LEANING_FIGURES: usize = TEXT_FEATURES + 1;
/// A deviation of a figure from its mean holds so many parts.
const PARTS: f32 = 31.0;
/// The longest leaning that is believed, in logarithms.
const LEANING_MAX: f32 = 1.5;
/// What a prompt weighs is told in halves of a logarithm.
const WEIGHS_SCALE: f32 = 2.0;

/// A prompt's figures, in parts of their deviations.
pub type LeaningFigures = [i8; LEANING_FIGURES];

/// The figures of a prompt from the deviations of its text and from what it weighs, less the mean.
pub(crate) fn figures(deviations: impl Iterator<Item = f32>, weighs: f32) -> LeaningFigures {
    let mut figures = [0; LEANING_FIGURES];
    let all = deviations.chain([weighs * WEIGHS_SCALE]);
    for (figure, deviation) in figures.iter_mut().zip(all) {
        *figure = (deviation.clamp(-4.0, 4.0) * PARTS).round() as i8;
    }
    figures
}

/// How a model leans on a prompt, in logarithms; `step` is what one of its weights is.
#[must_use]
pub fn lean(weights: &[i8], step: f32, figures: &LeaningFigures) -> f32 {
    let each = weights.iter().zip(figures);
    let sum: i32 = each
        .map(|(weight, figure)| i32::from(*weight) * i32::from(*figure))
        .sum();
    (sum as f32 * step / PARTS).clamp(-LEANING_MAX, LEANING_MAX)
}

/// A figure in deviations, as the fit of a leaning sees it.
#[must_use]
pub fn deviation(figure: i8) -> f32 {
    f32::from(figure) / PARTS
}
