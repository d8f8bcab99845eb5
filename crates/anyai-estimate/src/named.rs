//! Estimates for models the catalogue does not offer, by name: those of recorded turns, and any other.
//!
//! Their tokens are o200k tokens without any frame, as recorded turns count them; their credits are those of
//! [`PRICED_AS`], whose output costs five times its input.

use anyai_catalog::{CatalogueError, ChargeError, Price, Usage};
use anyai_tokens::Family;
use anyai_units::{Credits, Interval, Tokens, UtcMillis};

use crate::ceiling::Ruler;
use crate::draft::DraftTurn;
use crate::estimate::EstimateError;
use crate::estimator::Estimator;

/// The model of the catalogue whose price stands for one that is unknown.
pub const PRICED_AS: &str = "claude-sonnet-5-5";

/// What a turn would take on a model that the catalogue does not offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedEstimate {
    /// The input, in o200k tokens.
    pub input: Tokens,
    /// The answer, thinking included, in o200k tokens.
    pub output: Interval<Tokens>,
    /// The likely cost and its 90 % interval, at the price of [`PRICED_AS`].
    pub credits: Interval<Credits>,
    /// The cost of the longest answer that would be allowed.
    pub ceiling: Credits,
}

impl Estimator {
    /// The estimate of a turn on a model of any name.
    ///
    /// # Errors
    /// When [`PRICED_AS`] is not offered at that instant, or the amount does not fit.
    pub fn estimate_named(
        &self,
        name: &str,
        turn: &DraftTurn,
        now: UtcMillis,
    ) -> Result<NamedEstimate, EstimateError> {
        let price = self.price_of_unknown(now)?;
        let before = (turn.system + turn.history.texts()).o200k();
        let draft = (turn.draft + turn.attached_text()).o200k();
        let forecast = self.lengths();
        let who = forecast.answerer_named(name, turn.effort);
        let length = forecast.answer(&who, &turn.asked());
        let ruler = Ruler {
            ratio_permille: 1_000,
            thinks: who.thinks(),
        };
        let input = before + draft;
        let limit = ruler.default_limit(length);
        let output = length.map(|tokens| Tokens::new(tokens).min(limit));
        let charge = |output: Tokens| charge(price, input, output);
        Ok(NamedEstimate {
            input,
            output,
            credits: Interval {
                low: charge(output.low)?,
                likely: charge(output.likely)?,
                high: charge(output.high)?,
            },
            ceiling: price.ceiling(self.upper(Family::Unknown, turn), limit, false)?,
        })
    }

    fn price_of_unknown(&self, now: UtcMillis) -> Result<&Price, CatalogueError> {
        Ok(self.catalogue().offer(PRICED_AS, now)?.1)
    }
}

fn charge(price: &Price, input: Tokens, output: Tokens) -> Result<Credits, ChargeError> {
    let usage = Usage {
        uncached_input: input,
        output,
        ..Usage::default()
    };
    Ok(price.charge(&usage)?.total)
}
