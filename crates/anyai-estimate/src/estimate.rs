//! The estimate itself, and how it is made to fit what is left.

use anyai_catalog::{CatalogueError, ChargeError, Effort, ModelId, Price, RateCardId};
use anyai_units::{Credits, Interval, Tokens};

use crate::drivers::Driver;

/// What a draft turn costs on one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// The model.
    pub model: ModelId,
    /// The rate card it was priced by.
    pub rate_card: RateCardId,
    /// The effort the request will ask for.
    pub effort: Option<Effort>,
    /// The tokens the provider will bill for the input.
    pub input: Interval<Tokens>,
    /// The bound on them that the ceiling rests on.
    pub input_upper: Tokens,
    /// The tokens of the answer, thinking included, as far as `max_output` lets it grow.
    pub output: Interval<Tokens>,
    /// The limit the request must enforce, thinking included.
    pub max_output: Tokens,
    /// The likely cost and its 90 % interval, each rounded up to a millicredit.
    pub credits: Interval<Credits>,
    /// The most the turn can cost: what is held.
    pub ceiling: Credits,
    /// How much of the context window the input takes.
    pub context_used_permille: u32,
    /// Whether the input, with room for the shortest answer, is within the model's limits.
    pub fits_context: bool,
    /// What moves the price, largest first.
    pub drivers: Vec<Driver>,
    pub(crate) terms: Terms,
}

/// What the ceiling is recomputed from when the answer is limited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) price: Price,
    pub(crate) asks_long_cache: bool,
    pub(crate) max_output_floor: Tokens,
    pub(crate) max_output_wished: Tokens,
    pub(crate) tokens_per_1000_words: u64,
    pub(crate) thinks: bool,
}

/// Why there is no estimate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EstimateError {
    /// The catalogue does not offer the model.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The amount does not fit.
    #[error(transparent)]
    Charge(#[from] ChargeError),
}

/// Even the shortest useful answer costs more than is available.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this turn needs {needed} credits and {available} are available")]
pub struct DoesNotFit {
    /// The ceiling of the turn with the shortest answer.
    pub needed: Credits,
    /// What there is.
    pub available: Credits,
}

impl Estimate {
    /// This estimate if its ceiling fits what is available, else with the answer limited so that
    /// it does.
    ///
    /// # Errors
    /// [`DoesNotFit`] when even the shortest useful answer does not fit.
    pub fn fit_to(&self, available: Credits) -> Result<Self, DoesNotFit> {
        if self.ceiling <= available {
            return Ok(self.clone());
        }
        let floor = self.terms.max_output_floor.min(self.max_output);
        let needed = self.ceiling_with(floor).unwrap_or(self.ceiling);
        if needed > available {
            return Err(DoesNotFit { needed, available });
        }
        // The ceiling rises with the limit: the largest limit that fits is found by halving.
        let (mut fits, mut exceeds) = (floor.count(), self.max_output.count());
        while exceeds - fits > 1 {
            let middle = fits + (exceeds - fits) / 2;
            match self.ceiling_with(Tokens::new(middle)) {
                Ok(ceiling) if ceiling <= available => fits = middle,
                _ => exceeds = middle,
            }
        }
        Ok(self.limited_to(Tokens::new(fits)))
    }

    /// The same turn with thinking that goes back to its provider: input that no text shows. Only
    /// the bound rises; a sum that no pool can hold stays one that fits none.
    #[must_use]
    pub fn with_resent_thinking(mut self, thinking: Tokens) -> Self {
        if thinking > Tokens::ZERO {
            self.input_upper += thinking;
            let ceiling = self.ceiling_with(self.max_output);
            self.ceiling = ceiling.unwrap_or(Credits::from_millicredits(i64::MAX));
        }
        self
    }

    /// Whether the answer is held shorter than was wished.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.max_output < self.terms.max_output_wished
    }

    /// About how many words the longest answer has, rounded to two digits, for "answer limited to
    /// about N words". A thinking model spends part of them on thinking.
    #[must_use]
    pub fn max_output_words(&self) -> u64 {
        let words = self.words_of(self.max_output);
        let digits = words.checked_ilog10().unwrap_or(0);
        let unit = 10u64.pow(digits.saturating_sub(1));
        words / unit * unit
    }

    /// The words that so many tokens are, rounded down.
    pub(crate) fn words_of(&self, tokens: Tokens) -> u64 {
        let words = tokens.count().saturating_mul(1_000);
        words
            .checked_div(self.terms.tokens_per_1000_words)
            .unwrap_or(0)
    }

    /// The price this estimate rests on.
    #[must_use]
    pub fn price(&self) -> &Price {
        &self.terms.price
    }

    fn ceiling_with(&self, max_output: Tokens) -> Result<Credits, ChargeError> {
        self.terms
            .price
            .ceiling(self.input_upper, max_output, self.terms.asks_long_cache)
    }

    fn limited_to(&self, max_output: Tokens) -> Self {
        let ceiling = self.ceiling_with(max_output).unwrap_or(self.ceiling);
        Self {
            max_output,
            ceiling,
            output: self.output.map(|tokens| tokens.min(max_output)),
            credits: self.credits.map(|credits| credits.min(ceiling)),
            ..self.clone()
        }
    }
}
