//! Prices a draft turn on one model or on all of them.

use std::sync::Arc;

use anyai_catalog::{Catalogue, ChargeError, Effort, ImageTokens, Model, Price, Tokenizer, Usage};
use anyai_tokens::{Bounded, Families, Family, ImageRule, ImageSize, TextCount};
use anyai_units::{Credits, Interval, Tokens, UtcMillis};

use crate::draft::DraftTurn;
use crate::drivers::Drivers;
use crate::estimate::{Estimate, EstimateError, Terms};
use crate::forecast::{self, Forecast, ForecastError};

/// Providers refuse shorter limits.
const MAX_OUTPUT_MIN: Tokens = Tokens::new(16);
/// The shortest answer worth paying for.
const MAX_OUTPUT_FLOOR: Tokens = Tokens::new(256);
/// The same when part of it is thinking.
const MAX_OUTPUT_FLOOR_THINKING: Tokens = Tokens::new(1_024);
/// No answer is limited below this by default.
const MAX_OUTPUT_DEFAULT_MIN: u64 = 4_096;
/// The default limit is at least this many times the likely answer.
const MAX_OUTPUT_DEFAULT_TIMES: u64 = 8;
/// English words in o200k tokens.
const O200K_TOKENS_PER_1000_WORDS: u64 = 1_330;

/// Prices draft turns. Keep one for as long as its catalogue is in force.
#[derive(Clone, Debug)]
pub struct Estimator {
    catalogue: Arc<Catalogue>,
    families: Families,
    forecast: Forecast,
}

/// The input of a turn on one model, by what moves the price.
struct Input {
    history: Bounded,
    attachments: Bounded,
    draft: Bounded,
    total: Bounded,
}

/// How long the answer will be and may be, in the model's tokens.
struct Answer {
    effort: Option<Effort>,
    expected: Interval<Tokens>,
    limit: Tokens,
    wished: Tokens,
    /// What the context window leaves.
    room: Tokens,
    floor: Tokens,
    tokens_per_1000_words: u64,
}

impl Estimator {
    /// An estimator over a catalogue.
    ///
    /// # Errors
    /// A [`ForecastError`] when the embedded measurements are damaged, which a test of this crate
    /// excludes.
    pub fn new(catalogue: Arc<Catalogue>) -> Result<Self, ForecastError> {
        let families = Families::embedded().map_err(|error| ForecastError::Malformed {
            reason: error.to_string(),
        })?;
        Ok(Self {
            catalogue,
            families,
            forecast: Forecast::embedded()?,
        })
    }

    /// The catalogue it prices by.
    #[must_use]
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The estimate of a turn on one model at an instant.
    ///
    /// # Errors
    /// When the model is not offered then, or the amount does not fit.
    pub fn estimate(
        &self,
        model: &str,
        turn: &DraftTurn,
        now: UtcMillis,
    ) -> Result<Estimate, EstimateError> {
        let (model, price) = self.catalogue.offer(model, now)?;
        Ok(self.price(model, price, turn)?)
    }

    /// The estimates of a turn on every model offered at an instant, in the catalogue's order.
    #[must_use]
    pub fn estimate_all(&self, turn: &DraftTurn, now: UtcMillis) -> Vec<Estimate> {
        let offered = self.catalogue.offered(now);
        offered
            .filter_map(|(model, price)| self.price(model, price, turn).ok())
            .collect()
    }

    fn price(
        &self,
        model: &Model,
        price: &Price,
        turn: &DraftTurn,
    ) -> Result<Estimate, ChargeError> {
        let family = family_of(model.tokenizer);
        let input = self.input(family, image_rule_of(model.image_tokens), turn);
        let answer = self.answer(model, family, turn, input.total.expected.likely);
        let ceiling = price.ceiling(input.total.upper, answer.limit, turn.asks_long_cache)?;
        let is_warm = turn.warm_for.as_ref() == Some(&model.id);
        let credits = credits(
            price,
            &input,
            answer.expected,
            is_warm,
            turn.asks_long_cache,
        )?;
        let likely = input.total.expected.likely;
        Ok(Estimate {
            model: model.id.clone(),
            rate_card: self.catalogue.rate_card().id,
            effort: answer.effort,
            input: input.total.expected,
            input_upper: input.total.upper,
            output: answer.expected,
            max_output: answer.limit,
            credits: credits.map(|credits| credits.min(ceiling)),
            ceiling,
            context_used_permille: share_permille(likely, model.context_window),
            fits_context: likely <= model.max_input && answer.floor <= answer.room,
            drivers: drivers(price, &input, answer.expected.likely, is_warm),
            terms: Terms {
                price: price.clone(),
                asks_long_cache: turn.asks_long_cache,
                max_output_floor: answer.floor,
                max_output_wished: answer.wished,
                tokens_per_1000_words: answer.tokens_per_1000_words,
            },
        })
    }

    fn answer(&self, model: &Model, family: Family, turn: &DraftTurn, input: Tokens) -> Answer {
        let effort = model.resolve_effort(turn.effort);
        let prompt = (turn.draft + turn.attachments).o200k().count();
        let replies = turn.history.recent_reply_mean();
        let length = self.forecast.answer(model, effort, prompt, replies);
        // People are mostly answered in the language they write.
        let ratio_permille = self.families.ratio_permille(family, &turn.draft);
        let tokens = |o200k: u64| o200k.saturating_mul(ratio_permille).div_ceil(1_000);
        let generous = tokens(length.likely.saturating_mul(MAX_OUTPUT_DEFAULT_TIMES));
        let default = Tokens::new(generous.max(MAX_OUTPUT_DEFAULT_MIN));
        let wished = turn
            .max_output
            .unwrap_or(default)
            .min(model.max_output)
            .max(MAX_OUTPUT_MIN);
        let room = model.context_window.saturating_sub(input);
        let limit = wished.min(room).max(MAX_OUTPUT_MIN);
        Answer {
            effort,
            expected: length.map(|o200k| Tokens::new(tokens(o200k)).min(limit)),
            limit,
            wished,
            room,
            floor: match forecast::thinks(model, effort) {
                true => MAX_OUTPUT_FLOOR_THINKING,
                false => MAX_OUTPUT_FLOOR,
            },
            tokens_per_1000_words: tokens(O200K_TOKENS_PER_1000_WORDS),
        }
    }

    fn input(&self, family: Family, rule: ImageRule, turn: &DraftTurn) -> Input {
        let text = |text: &TextCount| self.families.text(family, text);
        let pictures = |sizes: &[ImageSize]| sizes.iter().map(|size| rule.count(*size)).sum();
        let frame = self.families.frame(family, turn.messages());
        let before = turn.system + turn.history.text;
        let history = text(&before) + pictures(&turn.history.images);
        let attachments = text(&turn.attachments) + pictures(&turn.images);
        let draft = text(&turn.draft) + frame;
        Input {
            history,
            attachments,
            draft,
            total: history + attachments + draft,
        }
    }
}

/// The 90 % interval: the short answer to the short reading of the input, and so on. The high end
/// assumes nothing of a cache but what it may cost to fill.
fn credits(
    price: &Price,
    input: &Input,
    output: Interval<Tokens>,
    is_warm: bool,
    asks_long_cache: bool,
) -> Result<Interval<Credits>, ChargeError> {
    let charge = |total: Tokens, history: Tokens, output: Tokens| {
        let cached_input = if is_warm { history } else { Tokens::ZERO };
        let uncached_input = total.saturating_sub(cached_input);
        let usage = Usage {
            uncached_input,
            cached_input,
            output,
            ..Usage::default()
        };
        price.charge(&usage).map(|charge| charge.total)
    };
    let (total, history) = (input.total.expected, input.history.expected);
    Ok(Interval {
        low: charge(total.low, history.low, output.low)?,
        likely: charge(total.likely, history.likely, output.likely)?,
        high: price.ceiling(total.high, output.high, asks_long_cache)?,
    })
}

fn drivers(price: &Price, input: &Input, output: Tokens, is_warm: bool) -> Drivers {
    let (_, rates) = price.rates_for(input.total.expected.likely);
    let cost = |tokens: Tokens, rate: u64| u128::from(tokens.count()) * u128::from(rate);
    let history_rate = if is_warm {
        rates.cached_input
    } else {
        rates.uncached_input
    };
    Drivers::from_costs(
        cost(input.history.expected.likely, history_rate),
        cost(input.attachments.expected.likely, rates.uncached_input),
        cost(input.draft.expected.likely, rates.uncached_input),
        cost(output, rates.output),
    )
}

/// Rounded up, so that a full window never reads as less.
fn share_permille(part: Tokens, whole: Tokens) -> u32 {
    let share = part
        .count()
        .saturating_mul(1_000)
        .div_ceil(whole.count().max(1));
    u32::try_from(share).unwrap_or(u32::MAX)
}

/// Whose counting rule a model's tokenizer is.
#[must_use]
pub const fn family_of(tokenizer: Tokenizer) -> Family {
    match tokenizer {
        Tokenizer::O200k => Family::O200k,
        Tokenizer::ClaudeV3 => Family::ClaudeV3,
        Tokenizer::ClaudeV47 => Family::ClaudeV47,
        Tokenizer::ClaudeV48 => Family::ClaudeV48,
        Tokenizer::Gemini => Family::Gemini,
        Tokenizer::Grok => Family::Grok,
        Tokenizer::Unknown => Family::Unknown,
    }
}

fn image_rule_of(image_tokens: ImageTokens) -> ImageRule {
    match image_tokens {
        ImageTokens::OpenAiTiles => ImageRule::OpenAiTiles,
        ImageTokens::OpenAiPatchesSmall => ImageRule::OpenAiPatchesSmall,
        ImageTokens::OpenAiPatchesLarge => ImageRule::OpenAiPatchesLarge,
        ImageTokens::ClaudeSmall => ImageRule::ClaudeSmall,
        ImageTokens::ClaudeLarge => ImageRule::ClaudeLarge,
        ImageTokens::GeminiTiles => ImageRule::GeminiTiles,
        ImageTokens::GrokTiles => ImageRule::GrokTiles,
        ImageTokens::Unknown => ImageRule::Unknown,
    }
}
