//! Prices a draft turn on one model or on all of them.

use std::sync::Arc;

use anyai_catalog::{Catalogue, ChargeError, Effort, ImageTokens, Model, Price, Tokenizer};
use anyai_tokens::{Bounded, Families, Family, ImageRule};
use anyai_units::{Credits, Interval, Tokens, UtcMillis};

use crate::ceiling::{MAX_OUTPUT_MIN, Ruler};
use crate::draft::DraftTurn;
use crate::drivers::{self, Driver, Source};
use crate::estimate::{Estimate, EstimateError, Terms};
use crate::forecast::{self, Forecast, ForecastError, PromptFeatures};
use crate::input::{Input, PromptCache, Reading};
use crate::learning::{Adjustment, CountedInput, Prior};

/// Prices draft turns. Keep one for as long as its catalogue is in force.
#[derive(Clone, Debug)]
pub struct Estimator {
    catalogue: Arc<Catalogue>,
    families: Families,
    forecast: Forecast,
}

/// How long the answer will be and may be, in the model's tokens.
struct Answer {
    effort: Option<Effort>,
    expected: Interval<Tokens>,
    limit: Tokens,
    wished: Tokens,
    /// What the context window leaves.
    room: Tokens,
    ruler: Ruler,
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
        Ok(self.price(model, price, turn, now)?)
    }

    /// The estimates of a turn on every model offered at an instant, in the catalogue's order.
    #[must_use]
    pub fn estimate_all(&self, turn: &DraftTurn, now: UtcMillis) -> Vec<Estimate> {
        let offered = self.catalogue.offered(now);
        offered
            .filter_map(|(model, price)| self.price(model, price, turn, now).ok())
            .collect()
    }

    /// What a prompt shows of its answer's length. Every model shares it: read the texts of a draft once.
    #[must_use]
    pub fn read<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> PromptFeatures {
        let mut texts = texts.into_iter();
        let Some(first) = texts.next() else {
            return self.forecast.read("");
        };
        let Some(second) = texts.next() else {
            return self.forecast.read(first);
        };
        let rest: Vec<&str> = [first, second].into_iter().chain(texts).collect();
        self.forecast.read(&rest.join("\n"))
    }

    /// The forecast of lengths.
    pub(crate) const fn lengths(&self) -> &Forecast {
        &self.forecast
    }

    /// A bound on the tokens of a turn's texts, whoever counts them.
    pub(crate) fn upper(&self, family: Family, turn: &DraftTurn) -> Tokens {
        let frame = self.families.frame(family, turn.messages());
        (self.families.text(family, &turn.texts()) + frame).upper
    }

    /// How long a model's answer to a turn is forecast to be, thinking included, in its own tokens,
    /// without anything learned and without a limit.
    ///
    /// # Errors
    /// When the model is not offered then.
    pub fn forecast(
        &self,
        model: &str,
        turn: &DraftTurn,
        now: UtcMillis,
    ) -> Result<Interval<Tokens>, EstimateError> {
        let (model, _) = self.catalogue.offer(model, now)?;
        let effort = model.resolve_effort(turn.effort);
        let ruler = self.ruler(model, effort, turn);
        let length = self.length(model, effort, turn);
        Ok(length.map(|o200k| Tokens::new(ruler.tokens(o200k))))
    }

    /// The input of a turn as it is counted for a model, without anything learned.
    ///
    /// # Errors
    /// When the model is not offered then.
    pub fn counted_input(
        &self,
        model: &str,
        turn: &DraftTurn,
        now: UtcMillis,
    ) -> Result<CountedInput, EstimateError> {
        let (model, _) = self.catalogue.offer(model, now)?;
        Ok(self.reading(model, None).as_counted(turn))
    }

    /// How a model's provider counts what it reads, changed by what was learned of that.
    fn reading(&self, model: &Model, learned: Option<Adjustment>) -> Reading<'_> {
        Reading {
            families: &self.families,
            family: family_of(model.tokenizer),
            pictures: image_rule_of(model.image_tokens),
            looks: model.input.image,
            learned,
        }
    }

    /// What the forecast of a model rests on.
    #[must_use]
    pub fn prior(&self, model: &Model) -> Prior {
        let effort = model.resolve_effort(None);
        if self.forecast.answerer(model, effort).is_known() {
            Prior::Measured
        } else {
            Prior::Family
        }
    }

    fn price(
        &self,
        model: &Model,
        price: &Price,
        turn: &DraftTurn,
        now: UtcMillis,
    ) -> Result<Estimate, ChargeError> {
        let reading = self.reading(model, turn.learned);
        let cache = PromptCache::of(&self.catalogue, model, now);
        let input = Input::of(&reading, &cache, turn);
        let answer = self.answer(model, turn, input.total.agreed);
        // A longer prompt is refused by its provider, and a refused one is not billed.
        let input_upper = input.total.upper.min(model.context_window);
        let ceiling = price.ceiling(input_upper, answer.limit, turn.asks_long_cache)?;
        let credits = credits(price, &input, answer.expected, turn.asks_long_cache)?;
        let likely = input.total.expected.likely;
        Ok(Estimate {
            model: model.id.clone(),
            rate_card: self.catalogue.rate_card().id,
            effort: answer.effort,
            input: input.total.expected,
            input_upper,
            output: answer.expected,
            max_output: answer.limit,
            credits: credits.map(|credits| credits.min(ceiling)),
            ceiling,
            context_used_permille: share_permille(likely, model.context_window),
            fits_context: input.total.agreed <= model.max_input
                && answer.ruler.floor() <= answer.room,
            drivers: drivers(price, &input, answer.expected.likely),
            terms: Terms {
                price: price.clone(),
                asks_long_cache: turn.asks_long_cache,
                max_output_floor: answer.ruler.floor(),
                max_output_wished: answer.wished,
                tokens_per_1000_words: answer.ruler.tokens_per_1000_words(),
                thinks: answer.ruler.thinks,
            },
        })
    }

    fn ruler(&self, model: &Model, effort: Option<Effort>, turn: &DraftTurn) -> Ruler {
        let family = family_of(model.tokenizer);
        Ruler {
            // People are mostly answered in the language they write.
            ratio_permille: self.families.ratio_permille(family, &turn.draft),
            thinks: forecast::thinks(model, effort),
        }
    }

    fn length(&self, model: &Model, effort: Option<Effort>, turn: &DraftTurn) -> Interval<u64> {
        let who = self.forecast.answerer(model, effort);
        self.forecast.answer(&who, &turn.asked())
    }

    fn answer(&self, model: &Model, turn: &DraftTurn, input: Tokens) -> Answer {
        let effort = model.resolve_effort(turn.effort);
        let length = self.length(model, effort, turn);
        let ruler = self.ruler(model, effort, turn);
        let asked = match (turn.max_output, turn.answer_words_max) {
            (Some(tokens), _) => tokens,
            (None, Some(words)) => ruler.limit_of_words(words, length),
            (None, None) => ruler.default_limit(length),
        };
        let wished = asked.min(model.max_output).max(MAX_OUTPUT_MIN);
        let room = model.context_window.saturating_sub(input);
        let limit = wished.min(room).max(MAX_OUTPUT_MIN);
        let expected = match turn.learned {
            Some(adjustment) => adjustment.apply(length),
            None => length,
        };
        Answer {
            effort,
            expected: expected.map(|o200k| Tokens::new(ruler.tokens(o200k)).min(limit)),
            limit,
            wished,
            room,
            ruler,
        }
    }
}

/// The 90 % interval: the short answer to the short reading of the input, and so on. The high end
/// assumes nothing of a cache but what it may cost to fill.
fn credits(
    price: &Price,
    input: &Input,
    output: Interval<Tokens>,
    asks_long_cache: bool,
) -> Result<Interval<Credits>, ChargeError> {
    let charge = |total: Tokens, output: Tokens| {
        let charge = price.charge(&input.usage(total, output));
        charge.map(|charge| charge.total)
    };
    let total = input.total.expected;
    Ok(Interval {
        low: charge(total.low, output.low)?,
        likely: charge(total.likely, output.likely)?,
        high: price.ceiling(total.high, output.high, asks_long_cache)?,
    })
}

fn drivers(price: &Price, input: &Input, output: Tokens) -> Vec<Driver> {
    let total = input.total.expected.likely;
    let (_, rates) = price.rates_for(total);
    let cost = |tokens: Tokens, rate: u64| u128::from(tokens.count()) * u128::from(rate);
    let fresh_rate = match input.is_cached_now {
        true => rates.cache_write_5m,
        false => rates.uncached_input,
    };
    let fresh = |part: &Bounded| cost(part.expected.likely, fresh_rate);
    // The cache holds the start of the request: the instructions, then the conversation.
    let instructions = input.instructions.expected.likely;
    let cached_first = input.cached.min(instructions);
    let before = |part: Tokens, cached: Tokens| {
        cost(part.saturating_sub(cached), fresh_rate) + cost(cached, rates.cached_input)
    };
    let cached_then = input.cached.saturating_sub(cached_first);
    let mut costs = vec![
        (Source::Instructions, before(instructions, cached_first)),
        (
            Source::History,
            before(input.history.expected.likely, cached_then),
        ),
        (Source::Draft, fresh(&input.draft)),
        (Source::Answer, cost(output, rates.output)),
    ];
    let attachments = input.attachments.iter().enumerate();
    costs.extend(attachments.map(|(number, file)| (Source::Attachment(number), fresh(file))));
    drivers::shares(&costs)
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
        Tokenizer::Gemma3 => Family::Gemma3,
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
