//! Reads the documents and refuses what cannot be true, naming the model and the field.
//!
//! The bounds are wide enough for any honest list price and narrow enough to stop a slipped
//! decimal point or a sentinel: see the constants beside each check.

mod error;
mod models;
mod plans;
mod rate_card;

pub use error::LoadError;
pub(crate) use models::local_models_text;

use anyai_units::UtcMillis;
use serde::Deserialize;
use toml::value::Datetime;

use crate::documents::{DocumentKind, Documents};
use crate::model::Model;
use crate::plan::Plan;
use crate::price::Price;
use crate::rate_card::RateCard;

/// Documents that passed every check.
pub(crate) struct Loaded {
    pub(crate) models: Vec<Model>,
    pub(crate) prices: Vec<Vec<Price>>,
    pub(crate) rate_card: RateCard,
    pub(crate) plans: Vec<Plan>,
}

pub(crate) fn load(documents: &Documents) -> Result<Loaded, LoadError> {
    let models = models::load_models(&documents.models)?;
    let (rate_card, prices) = rate_card::load_rate_card(&documents.rate_card, &models)?;
    let plans = plans::load_plans(&documents.plans)?;
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
