//! What a person's own turns on a model say of the forecast: how far its median is off, and how wide
//! an interval has to be so that nine answers in ten lie inside.
//!
//! The shift is the median of the last residuals (in logarithms, so that twice as long and half as
//! long weigh the same), shrunk while there are few. The width follows adaptive conformal inference
//! (Gibbs and Candès): each answer outside widens it, each one inside narrows it a ninth as much, so
//! that it rests where one in ten is outside, whatever the answers' distribution. A median and a
//! bounded step are what makes one odd turn harmless.

use std::collections::VecDeque;

use anyai_tokens::Bounded;
use anyai_units::{Interval, Tokens};
use serde::{Deserialize, Serialize};

/// Counts up with every change of the forecast: what was learned of one says nothing of another.
pub const FORECAST_VERSION: u32 = 3;

/// Residuals that are remembered.
const RESIDUALS_MAX: usize = 30;
/// The shift is trusted half when there are so many.
const SHRINK_TURNS: f64 = 8.0;
/// Answers that may lie outside the interval.
const OUTSIDE: f64 = 0.1;
/// How far one answer moves the logarithm of the width: so much always, and so much more while there
/// are few.
const STEP: f64 = 0.05;
const STEP_EARLY: f64 = 0.25;
/// The least and most the width is scaled by.
const WIDTH_MIN: f64 = 0.5;
const WIDTH_MAX: f64 = 3.0;
/// An answer is taken to be at most so many times longer or shorter than forecast.
const ODD_TIMES: f64 = 8.0;
/// Shorter inputs teach nothing of how they are counted.
const TEACHING_TOKENS_MIN: u64 = 100;
/// How wide, at least, the interval of a model is that the forecast knows only by its family.
const NEW_WIDTH: f64 = 1.6;
/// From so many turns on it is as wide as its answers ask for.
const NEW_TURNS: u32 = 20;

/// What the forecast of a model rests on before a person has used it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Prior {
    /// Its own answers.
    Measured,
    /// Answers of its family.
    Family,
}

/// What is learned of one model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    residuals: VecDeque<f64>,
    width_ln: f64,
    turns: u32,
    #[serde(default)]
    input: InputLearned,
}

/// What is learned of how a model's provider counts the input.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct InputLearned {
    /// Whether the texts were counted in a vocabulary that was fetched: a ratio to one count is none to
    /// the other.
    is_fetched: bool,
    text: VecDeque<f64>,
    pictures: VecDeque<f64>,
    #[serde(default)]
    documents: VecDeque<f64>,
}

/// The input of a turn as it was counted here, without anything learned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CountedInput {
    /// Tokens of texts, the frame around them included.
    pub text: u64,
    /// Tokens of pictures.
    pub pictures: u64,
    /// Tokens of documents: the words and the pages of PDFs.
    pub documents: u64,
    /// Whether the texts were counted in a vocabulary that was fetched.
    pub is_fetched: bool,
}

/// What the forecast is changed by, in thousandths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Adjustment {
    /// How long answers are, of what was forecast.
    pub shift_permille: u32,
    /// How wide the interval is in logarithms, of what was forecast.
    pub width_permille: u32,
    /// How many tokens of text are billed, of what was counted.
    pub text_permille: u32,
    /// How many tokens of pictures are billed, of what their formula says.
    pub pictures_permille: u32,
    /// How many tokens of documents are billed, of what their words and pages are counted as.
    pub documents_permille: u32,
    /// Whether that of texts was learned with a vocabulary that was fetched.
    pub is_fetched: bool,
}

impl Learned {
    /// Turns learned from.
    #[must_use]
    pub const fn turns(&self) -> u32 {
        self.turns
    }

    /// Learns from an answer: how long it was forecast to be, without anything learned, and how long
    /// it was.
    pub fn learn(&mut self, forecast: Interval<u64>, actual: u64) {
        // Judged by the interval its own answers ask for: what is added while a model is new would
        // make that too narrow for the day it is not.
        let asked = self.adjustment(Prior::Measured).apply(forecast);
        let is_outside = actual < asked.low || actual > asked.high;
        let few = SHRINK_TURNS / (SHRINK_TURNS + f64::from(self.turns));
        let step = STEP + STEP_EARLY * few;
        let outside = if is_outside { 1.0 } else { 0.0 };
        self.width_ln =
            (self.width_ln + step * (outside - OUTSIDE)).clamp(WIDTH_MIN.ln(), WIDTH_MAX.ln());
        let odd = ODD_TIMES.ln();
        let residual = ln(actual) - ln(forecast.likely);
        self.residuals.push_back(residual.clamp(-odd, odd));
        if self.residuals.len() > RESIDUALS_MAX {
            self.residuals.pop_front();
        }
        self.turns = self.turns.saturating_add(1);
    }

    /// Learns how a provider counts from what it billed for an input. Short texts are mostly frame,
    /// pictures or documents beside a long text too little of the whole to tell, and with both of them
    /// nobody knows which is which.
    pub fn learn_input(&mut self, counted: CountedInput, billed: u64) {
        let input = &mut self.input;
        if input.is_fetched != counted.is_fetched {
            *input = InputLearned {
                is_fetched: counted.is_fetched,
                ..InputLearned::default()
            };
        }
        let text = counted.text as f64 * ratio(&input.text);
        let left = (billed as f64 - text).max(1.0);
        match (counted.pictures, counted.documents) {
            (0, 0) if counted.text >= TEACHING_TOKENS_MIN => {
                remember(&mut input.text, billed as f64 / counted.text as f64);
            }
            (pictures, 0) if tells(pictures, counted.text) => {
                remember(&mut input.pictures, left / pictures as f64);
            }
            (0, documents) if tells(documents, counted.text) => {
                remember(&mut input.documents, left / documents as f64);
            }
            _ => {}
        }
    }

    /// What the forecast is changed by.
    #[must_use]
    pub fn adjustment(&self, prior: Prior) -> Adjustment {
        let known = f64::from(u32::try_from(self.residuals.len()).unwrap_or(u32::MAX));
        let shift = self.median() * known / (known + SHRINK_TURNS);
        let least = match prior {
            Prior::Family if self.turns < NEW_TURNS => NEW_WIDTH,
            Prior::Family | Prior::Measured => WIDTH_MIN,
        };
        Adjustment {
            shift_permille: permille(shift.exp()),
            width_permille: permille(self.width_ln.exp().max(least)),
            text_permille: permille(ratio(&self.input.text)),
            pictures_permille: permille(ratio(&self.input.pictures)),
            documents_permille: permille(ratio(&self.input.documents)),
            is_fetched: self.input.is_fetched,
        }
    }

    fn median(&self) -> f64 {
        median(self.residuals.iter().copied())
    }
}

/// The median of what was billed, of what was counted, with two turns beforehand that were billed as counted:
/// one odd turn among the first changes nothing, five that agree change nearly all.
fn ratio(seen: &VecDeque<f64>) -> f64 {
    median(seen.iter().copied().chain([0.0, 0.0])).exp()
}

/// Whether files are enough of a whole to tell how they are billed.
fn tells(files: u64, text: u64) -> bool {
    files >= TEACHING_TOKENS_MIN && files >= text / 2
}

fn remember(seen: &mut VecDeque<f64>, ratio: f64) {
    let odd = ODD_TIMES.ln();
    seen.push_back(ratio.ln().clamp(-odd, odd));
    if seen.len() > RESIDUALS_MAX {
        seen.pop_front();
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match (sorted.get(middle), sorted.len() % 2) {
        (None, _) => 0.0,
        (Some(upper), 0) => f64::midpoint(sorted[middle - 1], *upper),
        (Some(only), _) => *only,
    }
}

impl Adjustment {
    /// A count of texts as it is after what was learned; the bound stays.
    #[must_use]
    pub fn apply_to_text(self, counted: Bounded, is_fetched: bool) -> Bounded {
        match self.is_fetched == is_fetched {
            true => times(counted, self.text_permille),
            false => counted,
        }
    }

    /// A count of pictures likewise.
    #[must_use]
    pub fn apply_to_pictures(self, counted: Bounded) -> Bounded {
        times(counted, self.pictures_permille)
    }

    /// A count of documents likewise, words and pages together.
    #[must_use]
    pub fn apply_to_documents(self, counted: Bounded, is_fetched: bool) -> Bounded {
        match self.is_fetched == is_fetched {
            true => times(counted, self.documents_permille),
            false => counted,
        }
    }

    /// A forecast as it is after what was learned.
    #[must_use]
    pub fn apply(self, forecast: Interval<u64>) -> Interval<u64> {
        let shift = f64::from(self.shift_permille) / 1_000.0;
        let width = f64::from(self.width_permille) / 1_000.0;
        let middle = ln(forecast.likely) + shift.ln();
        let end = |end: u64| tokens(middle + (ln(end) - ln(forecast.likely)) * width);
        let likely = tokens(middle);
        Interval {
            low: end(forecast.low).min(likely),
            likely,
            high: end(forecast.high).max(likely),
        }
    }
}

/// Rounded up.
fn times(counted: Bounded, permille: u32) -> Bounded {
    let scaled = |tokens: Tokens| {
        let tokens = tokens.count().saturating_mul(permille.into());
        Tokens::new(tokens.div_ceil(1_000))
    };
    counted.known_to_be(counted.expected.map(scaled))
}

fn ln(tokens: u64) -> f64 {
    (tokens.max(1) as f64).ln()
}

/// A length again, to the nearest.
fn tokens(ln: f64) -> u64 {
    (ln.exp().round() as u64).max(1)
}

fn permille(factor: f64) -> u32 {
    (factor * 1_000.0).round().max(1.0) as u32
}
