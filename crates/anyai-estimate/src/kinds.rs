//! Which kinds of prompt a prompt is like, and how much longer a model answers those than others.
//!
//! A kind is a source of recorded turns. What one model does with one kind says little of the others, so it
//! counts as far as a prompt is like that kind.

use serde::{Deserialize, Serialize};

use crate::features::TEXT_FEATURES;

/// Figures that tell kinds apart: those of the text, what the prompt weighs by itself, and always one.
pub const KIND_FIGURES: usize = TEXT_FEATURES + 2;
/// Slots that the words of a prompt fall into, here: a power of two, no more than the features have.
pub const KIND_SLOTS: usize = 1 << 12;
/// What all words of a prompt count together, beside its figures.
const WORDS_SCALE: f32 = 6.0;
/// Kinds there may be.
pub const KINDS_MAX: usize = 9;
/// What a prompt weighs is told in halves of a logarithm.
const WEIGHS_SCALE: f32 = 2.0;
/// Shares are told in so many parts.
const PARTS: f32 = 255.0;

/// A kind of prompt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// The source of recorded turns.
    pub name: String,
    /// What each figure says for it, [`KIND_FIGURES`] of them.
    pub weights: Vec<f32>,
    /// What words say for it, by slot, [`KIND_SLOTS`] of them, in steps.
    #[serde(skip)]
    pub words: Vec<i8>,
    /// One step of those.
    pub step: f32,
    /// How much a model's own quantiles on this kind count, from 0 to 1.
    pub own_share: f32,
    /// What is added to low, likely and high, so that they hold on this kind what they say.
    pub shift: [f32; 3],
}

impl Kind {
    /// What a prompt says for it.
    fn said(&self, figures: &[f32; KIND_FIGURES], words: &KindWords<'_>) -> f32 {
        let figures: f32 = self.weights.iter().zip(figures).map(|(a, b)| a * b).sum();
        let slots = words.slots();
        // Sums of whole numbers are the same in any order.
        let words_sum: i32 = slots.map(|slot| i32::from(self.words[slot])).sum();
        figures + words_sum as f32 * self.step * words.each()
    }
}

/// The words of a prompt, as they tell kinds apart.
#[derive(Clone, Copy, Debug)]
pub struct KindWords<'a>(&'a [u16]);

impl<'a> KindWords<'a> {
    /// From the slots that [`crate::ReadPrompt`] has.
    #[must_use]
    pub const fn of(slots: &'a [u16]) -> Self {
        Self(slots)
    }

    /// The slot of each word.
    pub fn slots(self) -> impl Iterator<Item = usize> + 'a {
        self.0.iter().map(|slot| usize::from(*slot) % KIND_SLOTS)
    }

    /// What one word counts: long prompts say no more than short ones.
    #[must_use]
    pub fn each(self) -> f32 {
        WORDS_SCALE / (self.0.len().max(1) as f32).sqrt()
    }
}

/// How far a prompt is like each kind, in parts of 255.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct KindShares([u8; KINDS_MAX]);

/// The figures of a prompt from the deviations of its text and from what it weighs, less the mean.
pub(crate) fn figures(deviations: impl Iterator<Item = f32>, weighs: f32) -> [f32; KIND_FIGURES] {
    let mut figures = [1.0; KIND_FIGURES];
    let weighs = (weighs * WEIGHS_SCALE).clamp(-4.0, 4.0);
    for (figure, value) in figures.iter_mut().zip(deviations.chain([weighs])) {
        *figure = value;
    }
    figures
}

impl KindShares {
    /// A softmax of what the figures and words say for each kind.
    #[must_use]
    pub fn of(kinds: &[Kind], figures: &[f32; KIND_FIGURES], words: KindWords<'_>) -> Self {
        let mut said = [0.0f32; KINDS_MAX];
        let count = kinds.len().min(KINDS_MAX);
        for (said, kind) in said.iter_mut().zip(kinds) {
            *said = kind.said(figures, &words);
        }
        let said = &mut said[..count];
        let most = said.iter().copied().fold(f32::MIN, f32::max);
        said.iter_mut().for_each(|one| *one = (*one - most).exp());
        let sum: f32 = said.iter().sum();
        let mut shares = [0; KINDS_MAX];
        for (share, said) in shares.iter_mut().zip(said) {
            // To the nearest part, between none and all of them.
            *share = (*said / sum * PARTS).round() as u8;
        }
        Self(shares)
    }

    /// The shares, from 0 to 1.
    #[must_use]
    pub fn shares(&self) -> [f32; KINDS_MAX] {
        self.0.map(|share| f32::from(share) / PARTS)
    }

    /// Quantiles mixed with a model's own on each kind, as far as the prompt is like that kind and those
    /// count there. Where it was not met, its own are none.
    #[must_use]
    pub fn mixed(
        &self,
        said: [f32; 3],
        own: &[[f32; 3]],
        own_share: impl Fn(usize) -> f32,
    ) -> [f32; 3] {
        let mut mixed = said;
        let met = own.iter().zip(self.shares()).enumerate();
        for (kind, (own, share)) in met.filter(|(_, (own, _))| own[1] > 0.0) {
            let weight = share * own_share(kind);
            for (mixed, (own, said)) in mixed.iter_mut().zip(own.iter().zip(said)) {
                *mixed += (own - said) * weight;
            }
        }
        mixed
    }

    /// Quantiles with what is added to them on each kind, as far as the prompt is like it.
    #[must_use]
    pub fn shifted(&self, said: [f32; 3], shift: impl Fn(usize) -> [f32; 3]) -> [f32; 3] {
        let mut shifted = said;
        let met = self.shares().into_iter().enumerate();
        for (kind, share) in met.filter(|(_, share)| *share > 0.0) {
            for (shifted, shift) in shifted.iter_mut().zip(shift(kind)) {
                *shifted += shift * share;
            }
        }
        shifted
    }

    /// How much longer a model answers such a prompt, by what it does with each kind.
    #[must_use]
    pub fn lean(&self, by_kind: &[f32]) -> f32 {
        let each = by_kind.iter().zip(self.0);
        each.map(|(longer, share)| longer * f32::from(share))
            .sum::<f32>()
            / PARTS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(figure: usize, word: usize) -> Kind {
        let mut kind = Kind {
            name: String::new(),
            weights: vec![0.0; KIND_FIGURES],
            words: vec![0; KIND_SLOTS],
            step: 0.1,
            own_share: 0.5,
            shift: [0.0; 3],
        };
        kind.weights[figure] = 3.0;
        kind.words[word] = 10;
        kind
    }

    #[test]
    fn a_model_leans_as_it_does_on_what_the_prompt_is_like() {
        let kinds = [kind(0, 7), kind(1, 9)];
        let by_kind = [0.5, -1.0];
        let lean = |figure: Option<usize>, words: &[u16]| {
            let mut figures = [0.0; KIND_FIGURES];
            if let Some(figure) = figure {
                figures[figure] = 3.0;
            }
            KindShares::of(&kinds, &figures, KindWords::of(words)).lean(&by_kind)
        };
        assert!((lean(Some(0), &[]) - 0.5).abs() < 0.01);
        assert!((lean(Some(1), &[]) + 1.0).abs() < 0.01);
        assert!((lean(None, &[]) + 0.25).abs() < 0.01);
        assert!((lean(None, &[7]) - 0.5).abs() < 0.01, "by its words alone");
        let folded = u16::try_from(9 + KIND_SLOTS).unwrap_or_default();
        assert!((lean(None, &[folded]) + 1.0).abs() < 0.01);
    }

    #[test]
    fn own_quantiles_count_where_a_model_was_met() {
        let kinds = [kind(0, 7), kind(1, 9)];
        let shares = KindShares::of(&kinds, &[0.0; KIND_FIGURES], KindWords::of(&[7]));
        let mixed = |own: [[f32; 3]; 2]| shares.mixed([1.0, 2.0, 3.0], &own, |_| 0.5);
        let [low, likely, high] = mixed([[3.0, 4.0, 5.0], [0.0; 3]]);
        assert!(
            (low - 2.0).abs() < 0.02 && (likely - 3.0).abs() < 0.02 && (high - 4.0).abs() < 0.02
        );
        let unmet = mixed([[0.0; 3], [0.0; 3]]);
        assert_eq!(unmet, [1.0, 2.0, 3.0]);
        let [low, _, high] =
            shares.shifted([1.0, 2.0, 3.0], |kind| [[-1.0, 0.0, 1.0], [9.0; 3]][kind]);
        assert!(low.abs() < 0.1 && (high - 4.0).abs() < 0.1, "{low} {high}");
    }

    #[test]
    fn a_model_that_did_nothing_unusual_leans_nowhere() {
        assert_eq!(KindShares::default().lean(&[]), 0.0);
    }
}
