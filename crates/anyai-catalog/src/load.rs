//! Reads the documents and refuses what cannot be true, naming the model and the field.
//!
//! The bounds are wide enough for any honest list price and narrow enough to stop a slipped
//! decimal point or a sentinel: see the constants.

use std::collections::HashMap;

use anyai_units::{Credits, NanoUsd, Tokens, UtcMillis};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::value::Datetime;

use crate::catalogue::LocalModel;
use crate::documents::{DocumentKind, Documents};
use crate::model::{
    Api, Effort, EffortKnob, EffortWire, ImageTokens, Modalities, Model, ModelId, Provider,
    Thinking, Tokenizer,
};
use crate::plan::Plan;
use crate::price::{LongContext, Price, Rates};
use crate::rate_card::{RateCard, RateCardId};

/// No token costs more: US$2,000 per million.
const RATE_NANO_USD_MAX: i64 = 2_000_000;
/// A credit buys at least US$0.0001 and at most US$1 of list price.
const NANO_USD_PER_CREDIT_MIN: u64 = 100_000;
const NANO_USD_PER_CREDIT_MAX: u64 = 1_000_000_000;
/// Context windows and output limits, in tokens.
const LIMIT_TOKENS_MIN: u64 = 256;
const LIMIT_TOKENS_MAX: u64 = 100_000_000;
/// A month grants at most this many credits.
const ALLOWANCE_CREDITS_MAX: i64 = 1_000_000_000;

/// What is wrong with a catalogue's documents.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// The text is not the TOML we expect.
    #[error("the {document} cannot be read: {reason}")]
    Malformed {
        /// Which document.
        document: DocumentKind,
        /// What the parser says.
        reason: String,
    },
    /// A value is not one of the words that field takes.
    #[error("model {model}: {field} cannot be {value:?}")]
    UnknownWord {
        /// The model.
        model: String,
        /// The field.
        field: &'static str,
        /// The value.
        value: String,
    },
    /// A limit is impossible or contradicts another one.
    #[error("model {model}: {field} is impossible")]
    ImpossibleLimit {
        /// The model.
        model: String,
        /// The field.
        field: &'static str,
    },
    /// Two models, or two plans, have the same id.
    #[error("{id} is listed twice in the {document}")]
    Duplicate {
        /// Which document.
        document: DocumentKind,
        /// The id.
        id: String,
    },
    /// A list that must not be empty is.
    #[error("the {document} lists nothing")]
    Empty {
        /// Which document.
        document: DocumentKind,
    },
    /// The rate card prices a model nobody knows.
    #[error("the rate card prices {model}, which the model list does not have")]
    PriceOfUnknownModel {
        /// The id.
        model: String,
    },
    /// The rate card prices a model on the operator's own server, which costs nothing.
    #[error("the rate card prices {model}, which runs on the operator's own server")]
    PriceOfLocalModel {
        /// The id.
        model: String,
    },
    /// A model has no price line.
    #[error("model {model} has no price")]
    NoPrice {
        /// The model.
        model: String,
    },
    /// A price line leaves out what every model charges for.
    #[error("model {model}: the price of {field} is missing")]
    MissingPrice {
        /// The model.
        model: String,
        /// The field.
        field: &'static str,
    },
    /// A price is below zero: a sentinel, not a price.
    #[error("model {model}: the price of {field} is negative")]
    NegativePrice {
        /// The model.
        model: String,
        /// The field.
        field: &'static str,
    },
    /// A price is zero, above every bound, or cheaper to read afresh than from a cache.
    #[error("model {model}: the price of {field} is absurd ({nano_usd} nano-dollars a token)")]
    AbsurdPrice {
        /// The model.
        model: String,
        /// The field.
        field: &'static str,
        /// The price.
        nano_usd: i64,
    },
    /// A model's price lines are not in strictly rising date order.
    #[error("model {model}: its price lines are not in date order")]
    DatesOutOfOrder {
        /// The model.
        model: String,
    },
    /// A value that should be a calendar day is not.
    #[error("{value} is not a day like 2026-11-22")]
    NotADay {
        /// The value.
        value: String,
    },
    /// The value of a credit is outside its bounds.
    #[error("a credit cannot buy {nano_usd} nano-dollars")]
    AbsurdCredit {
        /// The value.
        nano_usd: u64,
    },
    /// A plan's numbers cannot be true.
    #[error("plan {plan}: {field} is impossible")]
    ImpossiblePlan {
        /// The plan.
        plan: String,
        /// The field.
        field: &'static str,
    },
}

/// Documents that passed every check.
pub(crate) struct Loaded {
    pub(crate) models: Vec<Model>,
    pub(crate) prices: Vec<Vec<Price>>,
    pub(crate) rate_card: RateCard,
    pub(crate) plans: Vec<Plan>,
}

pub(crate) fn load(documents: &Documents) -> Result<Loaded, LoadError> {
    let models = load_models(&documents.models)?;
    let (rate_card, prices) = load_rate_card(&documents.rate_card, &models)?;
    let plans = load_plans(&documents.plans)?;
    Ok(Loaded {
        models,
        prices,
        rate_card,
        plans,
    })
}

fn read<'a, T: Deserialize<'a>>(document: DocumentKind, text: &'a str) -> Result<T, LoadError> {
    toml::from_str(text).map_err(|error| LoadError::Malformed {
        document,
        reason: error.to_string(),
    })
}

fn instant(day: &Datetime) -> Result<UtcMillis, LoadError> {
    let not_a_day = || LoadError::NotADay {
        value: day.to_string(),
    };
    let date = match (day.date, day.time, day.offset) {
        (Some(date), None, None) => date,
        _ => return Err(not_a_day()),
    };
    let convert = || {
        let year = i16::try_from(date.year).ok()?;
        let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
        let midnight = jiff::civil::Date::new(year, month, day).ok()?;
        let midnight = midnight.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(UtcMillis::from_millis(
            midnight.timestamp().as_millisecond(),
        ))
    };
    convert().ok_or_else(not_a_day)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelsText {
    #[serde(default)]
    model: Vec<ModelText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelText {
    id: String,
    label: String,
    provider: String,
    api: String,
    context_window: u64,
    max_input: u64,
    max_output: u64,
    #[serde(default)]
    input: Vec<String>,
    thinking: String,
    effort: Option<EffortText>,
    #[serde(default = "yes")]
    sampling: bool,
    prompt_cache_min: Option<u64>,
    tokenizer: String,
    image_tokens: String,
    shuts_down: Option<Datetime>,
    strengths: String,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EffortText {
    wire: String,
    values: Vec<String>,
    default: String,
}

fn load_models(text: &str) -> Result<Vec<Model>, LoadError> {
    let document = DocumentKind::Models;
    let text: ModelsText = read(document, text)?;
    if text.model.is_empty() {
        return Err(LoadError::Empty { document });
    }
    let mut seen = std::collections::HashSet::new();
    text.model
        .into_iter()
        .map(|model| {
            if !seen.insert(model.id.clone()) {
                return Err(LoadError::Duplicate {
                    document,
                    id: model.id,
                });
            }
            model.check()
        })
        .collect()
}

impl ModelText {
    fn check(self) -> Result<Model, LoadError> {
        self.check_limits()?;
        let effort = self
            .effort
            .as_ref()
            .map(|effort| effort.check(&self.id))
            .transpose()?;
        let word = |field, value: &str| LoadError::UnknownWord {
            model: self.id.clone(),
            field,
            value: value.to_owned(),
        };
        Ok(Model {
            id: ModelId::new(&self.id),
            provider: Provider::from_text(&self.provider)
                .ok_or_else(|| word("provider", &self.provider))?,
            api: Api::from_text(&self.api).ok_or_else(|| word("api", &self.api))?,
            context_window: Tokens::new(self.context_window),
            max_input: Tokens::new(self.max_input),
            max_output: Tokens::new(self.max_output),
            input: modalities(&self.id, &self.input)?,
            thinking: Thinking::from_text(&self.thinking)
                .ok_or_else(|| word("thinking", &self.thinking))?,
            effort,
            sampling: self.sampling,
            prompt_cache_min: self.prompt_cache_min.map(Tokens::new),
            tokenizer: Tokenizer::from_text(&self.tokenizer)
                .ok_or_else(|| word("tokenizer", &self.tokenizer))?,
            image_tokens: ImageTokens::from_text(&self.image_tokens)
                .ok_or_else(|| word("image_tokens", &self.image_tokens))?,
            shuts_down_at: self.shuts_down.as_ref().map(instant).transpose()?,
            label: self.label,
            strengths: self.strengths,
        })
    }

    fn check_limits(&self) -> Result<(), LoadError> {
        let within = |tokens, most| (LIMIT_TOKENS_MIN..=most).contains(&tokens);
        let field = if !within(self.context_window, LIMIT_TOKENS_MAX) {
            "context_window"
        } else if !within(self.max_input, self.context_window) {
            "max_input"
        } else if !within(self.max_output, self.context_window) {
            "max_output"
        } else if self.id.trim().is_empty() {
            "id"
        } else if self.label.trim().is_empty() {
            "label"
        } else {
            return Ok(());
        };
        Err(LoadError::ImpossibleLimit {
            model: self.id.clone(),
            field,
        })
    }
}

impl EffortText {
    fn check(&self, model: &str) -> Result<EffortKnob, LoadError> {
        let word = |value: &str| LoadError::UnknownWord {
            model: model.to_owned(),
            field: "effort",
            value: value.to_owned(),
        };
        let values = self.values.iter();
        let values = values
            .map(|value| Effort::from_text(value).ok_or_else(|| word(value)))
            .collect::<Result<Vec<_>, _>>()?;
        let default = Effort::from_text(&self.default)
            .filter(|default| values.contains(default))
            .ok_or_else(|| word(&self.default))?;
        if !values.is_sorted_by(|a, b| a < b) {
            return Err(word(&self.values.join(" ")));
        }
        let wire = EffortWire::from_text(&self.wire).ok_or_else(|| word(&self.wire))?;
        Ok(EffortKnob {
            wire,
            values,
            default,
        })
    }
}

fn modalities(model: &str, words: &[String]) -> Result<Modalities, LoadError> {
    let mut input = Modalities::default();
    for word in words {
        let flag = match word.as_str() {
            "image" => &mut input.image,
            "pdf" => &mut input.pdf,
            "audio" => &mut input.audio,
            "video" => &mut input.video,
            _ => {
                return Err(LoadError::UnknownWord {
                    model: model.to_owned(),
                    field: "input",
                    value: word.clone(),
                });
            }
        };
        *flag = true;
    }
    Ok(input)
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// Discovered models as the text of a model list, so that documents stay the whole truth.
pub(crate) fn local_models_text(models: &[LocalModel]) -> String {
    models
        .iter()
        .map(|model| {
            let (window, output) = (model.context_window.count(), model.max_output.count());
            let input = if model.image { "[\"image\"]" } else { "[]" };
            format!(
                "\n[[model]]\nid = {}\nlabel = {}\nprovider = \"local\"\napi = \"chat-completions\"\n\
                 context_window = {window}\nmax_input = {window}\nmax_output = {output}\n\
                 input = {input}\nthinking = \"never\"\ntokenizer = \"unknown\"\n\
                 image_tokens = \"unknown\"\nstrengths = \"Runs on your own server: no credits.\"\n",
                quoted(&model.id),
                quoted(&model.label),
            )
        })
        .collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RateCardText {
    version: u32,
    published: Datetime,
    nano_usd_per_credit: u64,
    #[serde(default)]
    price: Vec<PriceText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceText {
    model: String,
    effective_from: Datetime,
    input: Option<i64>,
    cached_input: Option<i64>,
    cache_write_5m: Option<i64>,
    cache_write_1h: Option<i64>,
    output: Option<i64>,
    long_context: Option<LongContextText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LongContextText {
    above: u64,
    input: Option<i64>,
    cached_input: Option<i64>,
    cache_write_5m: Option<i64>,
    cache_write_1h: Option<i64>,
    output: Option<i64>,
}

fn load_rate_card(text: &str, models: &[Model]) -> Result<(RateCard, Vec<Vec<Price>>), LoadError> {
    let card: RateCardText = read(DocumentKind::RateCard, text)?;
    let rate_card = card.heading(text)?;
    let index: HashMap<&str, usize> = models
        .iter()
        .enumerate()
        .map(|(at, model)| (model.id.as_str(), at))
        .collect();
    let mut prices: Vec<Vec<Price>> = vec![Vec::new(); models.len()];
    for line in &card.price {
        let unknown = || LoadError::PriceOfUnknownModel {
            model: line.model.clone(),
        };
        let at = *index.get(line.model.as_str()).ok_or_else(unknown)?;
        if models[at].provider == Provider::Local {
            return Err(LoadError::PriceOfLocalModel {
                model: line.model.clone(),
            });
        }
        let price = line.check(card.nano_usd_per_credit)?;
        if prices[at]
            .last()
            .is_some_and(|last| last.effective_from >= price.effective_from)
        {
            return Err(LoadError::DatesOutOfOrder {
                model: line.model.clone(),
            });
        }
        prices[at].push(price);
    }
    for (model, lines) in models.iter().zip(&mut prices) {
        if model.provider == Provider::Local {
            lines.push(Price::free());
        } else if lines.is_empty() {
            return Err(LoadError::NoPrice {
                model: model.id.to_string(),
            });
        }
    }
    Ok((rate_card, prices))
}

impl RateCardText {
    fn heading(&self, text: &str) -> Result<RateCard, LoadError> {
        let nano_usd = self.nano_usd_per_credit;
        if !(NANO_USD_PER_CREDIT_MIN..=NANO_USD_PER_CREDIT_MAX).contains(&nano_usd) {
            return Err(LoadError::AbsurdCredit { nano_usd });
        }
        Ok(RateCard {
            id: RateCardId {
                version: self.version,
                sha256: Sha256::digest(text).into(),
            },
            published_at: instant(&self.published)?,
            nano_usd_per_credit: nano_usd,
        })
    }
}

impl PriceText {
    fn check(&self, nano_usd_per_credit: u64) -> Result<Price, LoadError> {
        let standard = ListRates {
            input: self.input,
            cached_input: self.cached_input,
            cache_write_5m: self.cache_write_5m,
            cache_write_1h: self.cache_write_1h,
            output: self.output,
        };
        let long_context = self.long_context.as_ref().map(|long| {
            let rates = ListRates {
                input: long.input,
                cached_input: long.cached_input,
                cache_write_5m: long.cache_write_5m,
                cache_write_1h: long.cache_write_1h,
                output: long.output,
            };
            let rates = rates.check(&self.model, nano_usd_per_credit)?;
            Ok(LongContext {
                above: Tokens::new(long.above),
                rates,
            })
        });
        Ok(Price {
            effective_from: instant(&self.effective_from)?,
            standard: standard.check(&self.model, nano_usd_per_credit)?,
            long_context: long_context.transpose()?,
            list_input: NanoUsd::from_nano(self.input.unwrap_or_default()),
            list_output: NanoUsd::from_nano(self.output.unwrap_or_default()),
        })
    }
}

/// List prices as written, in nano-dollars a token.
struct ListRates {
    input: Option<i64>,
    cached_input: Option<i64>,
    cache_write_5m: Option<i64>,
    cache_write_1h: Option<i64>,
    output: Option<i64>,
}

impl ListRates {
    fn check(&self, model: &str, nano_usd_per_credit: u64) -> Result<Rates, LoadError> {
        let checked = |field, nano_usd: Option<i64>| match nano_usd {
            None => Err(LoadError::MissingPrice {
                model: model.to_owned(),
                field,
            }),
            Some(nano_usd) => checked_rate(model, field, nano_usd),
        };
        let input = checked("input", self.input)?;
        let output = checked("output", self.output)?;
        let cached_input = checked("cached_input", self.cached_input.or(self.input))?;
        if cached_input > input {
            return Err(LoadError::AbsurdPrice {
                model: model.to_owned(),
                field: "cached_input",
                nano_usd: self.cached_input.unwrap_or_default(),
            });
        }
        let cache_write_5m = checked("cache_write_5m", self.cache_write_5m.or(self.input))?;
        let long_write = self.cache_write_1h.or(self.cache_write_5m).or(self.input);
        let cache_write_1h = checked("cache_write_1h", long_write)?;
        let convert = |nano_usd| picocredits(nano_usd, nano_usd_per_credit);
        Ok(Rates {
            uncached_input: convert(input),
            cached_input: convert(cached_input),
            cache_write_5m: convert(cache_write_5m),
            cache_write_1h: convert(cache_write_1h),
            output: convert(output),
        })
    }
}

fn checked_rate(model: &str, field: &'static str, nano_usd: i64) -> Result<u64, LoadError> {
    let model = || model.to_owned();
    match u64::try_from(nano_usd) {
        Err(_) => Err(LoadError::NegativePrice {
            model: model(),
            field,
        }),
        Ok(0) => Err(LoadError::AbsurdPrice {
            model: model(),
            field,
            nano_usd,
        }),
        Ok(_) if nano_usd > RATE_NANO_USD_MAX => Err(LoadError::AbsurdPrice {
            model: model(),
            field,
            nano_usd,
        }),
        Ok(rate) => Ok(rate),
    }
}

/// A list price in pico-credits. Exact when the value of a credit divides it, as the default does;
/// otherwise rounded up, by less than a millionth of a credit per million tokens.
fn picocredits(nano_usd: u64, nano_usd_per_credit: u64) -> u64 {
    const PICOCREDITS_PER_CREDIT: u64 = 1_000_000_000_000;
    // Both factors are bounded above, so the product is below 2^61 and the divisor is not zero.
    (nano_usd * PICOCREDITS_PER_CREDIT).div_ceil(nano_usd_per_credit)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlansText {
    #[serde(default)]
    plan: Vec<PlanText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanText {
    id: String,
    label: String,
    monthly_credits: i64,
    monthly_price_us_cents: u32,
}

fn load_plans(text: &str) -> Result<Vec<Plan>, LoadError> {
    let document = DocumentKind::Plans;
    let text: PlansText = read(document, text)?;
    if text.plan.is_empty() {
        return Err(LoadError::Empty { document });
    }
    let mut plans: Vec<Plan> = Vec::with_capacity(text.plan.len());
    for plan in text.plan {
        if plans.iter().any(|known| known.id == plan.id) {
            return Err(LoadError::Duplicate {
                document,
                id: plan.id,
            });
        }
        plans.push(plan.check()?);
    }
    Ok(plans)
}

impl PlanText {
    fn check(self) -> Result<Plan, LoadError> {
        let allowance = Some(self.monthly_credits)
            .filter(|credits| (1..=ALLOWANCE_CREDITS_MAX).contains(credits))
            .and_then(Credits::from_whole);
        match allowance {
            Some(monthly_allowance) => Ok(Plan {
                id: self.id,
                label: self.label,
                monthly_allowance,
                monthly_price_us_cents: self.monthly_price_us_cents,
            }),
            None => Err(LoadError::ImpossiblePlan {
                plan: self.id,
                field: "monthly_credits",
            }),
        }
    }
}
