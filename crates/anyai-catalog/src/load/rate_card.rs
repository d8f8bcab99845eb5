//! The rate card: list prices in nano-dollars, checked and turned into pico-credits.

use std::collections::HashMap;

use anyai_units::{NanoUsd, Tokens};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use toml::value::Datetime;

use super::{LoadError, instant, read};
use crate::documents::DocumentKind;
use crate::model::{Model, Provider};
use crate::price::{LongContext, Price, Rates};
use crate::rate_card::{RateCard, RateCardId};

/// No token costs more: US$2,000 per million.
const RATE_NANO_USD_MAX: i64 = 2_000_000;
/// A credit buys at least US$0.0001 and at most US$1 of list price.
const NANO_USD_PER_CREDIT_MIN: u64 = 100_000;
const NANO_USD_PER_CREDIT_MAX: u64 = 1_000_000_000;

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

pub(super) fn load_rate_card(
    text: &str,
    models: &[Model],
) -> Result<(RateCard, Vec<Vec<Price>>), LoadError> {
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
