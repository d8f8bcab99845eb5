//! The rate card: list prices in nano-dollars, checked and turned into pico-credits.

use anyai_units::{NanoUsd, Tokens};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::value::Datetime;

use super::image_models::ImageModelText;
use super::image_prices::ImagePriceText;
use super::list_price::{CreditValue, Each};
use super::models::{ModelText, ModelTexts};
use super::video_models::VideoModelText;
use super::video_prices::VideoPriceText;
use super::{LoadError, PriceLine, instant, read};
use crate::documents::DocumentKind;
use crate::media_price::UnitPrice;
use crate::model::{Model, ModelId, Provider};
use crate::price::{LongContext, Price, Rates};
use crate::rate_card::{RateCard, RateCardId};

/// A credit buys at least US$0.0001 and at most US$1 of list price.
const NANO_USD_PER_CREDIT_MIN: u64 = 100_000;
const NANO_USD_PER_CREDIT_MAX: u64 = 1_000_000_000;

/// The dearest published write to a cache costs two and a half times what reading afresh does.
const CACHE_WRITE_TIMES_MAX: i64 = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RateCardText {
    version: u32,
    published: Datetime,
    nano_usd_per_credit: u64,
    #[serde(default)]
    switched_on: Vec<String>,
    #[serde(default)]
    price: Vec<PriceText>,
    #[serde(default)]
    image_price: Vec<ImagePriceText>,
    #[serde(default)]
    video_price: Vec<VideoPriceText>,
    #[serde(default)]
    model: Vec<ModelText>,
    #[serde(default)]
    image_model: Vec<ImageModelText>,
    #[serde(default)]
    video_model: Vec<VideoModelText>,
}

/// A rate card as written, its heading checked.
pub(super) struct Card {
    pub(super) heading: RateCard,
    pub(super) value: CreditValue,
    pub(super) prices: Vec<PriceText>,
    pub(super) image_prices: Vec<ImagePriceText>,
    pub(super) video_prices: Vec<VideoPriceText>,
    pub(super) models: ModelTexts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PriceText {
    model: String,
    effective_from: Datetime,
    input: Option<i64>,
    cached_input: Option<i64>,
    cache_write_5m: Option<i64>,
    cache_write_1h: Option<i64>,
    output: Option<i64>,
    long_context: Option<LongContextText>,
    tool_call: Option<i64>,
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

pub(super) fn read_rate_card(text: &str) -> Result<Card, LoadError> {
    let card: RateCardText = read(DocumentKind::RateCard, text)?;
    Ok(Card {
        heading: card.heading(text)?,
        value: CreditValue {
            nano_usd_per_credit: card.nano_usd_per_credit,
        },
        prices: card.price,
        image_prices: card.image_price,
        video_prices: card.video_price,
        models: ModelTexts {
            chat: card.model,
            image: card.image_model,
            video: card.video_model,
            prompt_caches: Vec::new(),
        },
    })
}

/// Turns on the operator's own server cost nothing.
pub(super) fn free_if_local(model: &Model) -> Option<Price> {
    (model.provider == Provider::Local).then(Price::free)
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
            switched_on: self.switched_on.iter().map(|id| ModelId::new(id)).collect(),
        })
    }
}

impl PriceLine<Model, Price> for PriceText {
    fn model(&self) -> &str {
        &self.model
    }

    fn check(&self, _model: &Model, value: CreditValue) -> Result<Price, LoadError> {
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
            let rates = rates.check(&self.model, value)?;
            Ok(LongContext {
                above: Tokens::new(long.above),
                rates,
            })
        });
        Ok(Price {
            effective_from: instant(&self.effective_from)?,
            standard: standard.check(&self.model, value)?,
            long_context: long_context.transpose()?,
            tool_call: match self.tool_call {
                None => UnitPrice::default(),
                price => value.price(&self.model, "tool_call", Each::Call, price)?,
            },
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
    fn check(&self, model: &str, value: CreditValue) -> Result<Rates, LoadError> {
        let checked = |field, nano_usd| {
            let price = value.price(model, field, Each::Token, nano_usd)?;
            Ok(price.picocredits)
        };
        let uncached_input = checked("input", self.input)?;
        let cached_input = checked("cached_input", self.cached_input.or(self.input))?;
        refuse_dearer_cached(model, "cached_input", self.cached_input, self.input)?;
        let short_write = self.cache_write_5m.or(self.input);
        let long_write = self.cache_write_1h.or(short_write);
        refuse_dear_write(model, "cache_write_5m", short_write, self.input)?;
        refuse_dear_write(model, "cache_write_1h", long_write, self.input)?;
        Ok(Rates {
            uncached_input,
            cached_input,
            cache_write_5m: checked("cache_write_5m", short_write)?,
            cache_write_1h: checked("cache_write_1h", long_write)?,
            output: checked("output", self.output)?,
        })
    }
}

/// What was read before never costs more than what is read afresh.
pub(super) fn refuse_dearer_cached(
    model: &str,
    field: &'static str,
    cached: Option<i64>,
    fresh: Option<i64>,
) -> Result<(), LoadError> {
    refuse_above(model, field, cached, fresh)
}

/// Remembering costs more than reading, but not many times as much.
fn refuse_dear_write(
    model: &str,
    field: &'static str,
    write: Option<i64>,
    fresh: Option<i64>,
) -> Result<(), LoadError> {
    let most = fresh.map(|fresh| fresh.saturating_mul(CACHE_WRITE_TIMES_MAX));
    refuse_above(model, field, write, most)
}

fn refuse_above(
    model: &str,
    field: &'static str,
    price: Option<i64>,
    most: Option<i64>,
) -> Result<(), LoadError> {
    match (price, most) {
        (Some(price), Some(most)) if price > most => Err(LoadError::AbsurdPrice {
            model: model.to_owned(),
            field,
            nano_usd: price,
            each: Each::Token,
        }),
        _ => Ok(()),
    }
}
