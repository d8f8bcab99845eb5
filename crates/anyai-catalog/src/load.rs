//! Reads the documents and refuses what cannot be true, naming the model and the field.
//!
//! The bounds are wide enough for any honest list price and narrow enough to stop a slipped
//! decimal point or a sentinel: see the constants beside each check.

mod error;
mod image_models;
mod image_prices;
mod leave_out;
mod list_price;
mod media_rates;
mod models;
mod plans;
mod prompt_caches;
mod rate_card;
mod video_models;
mod video_prices;

pub use error::LoadError;
pub(crate) use leave_out::leave_out_unpriced;
pub use list_price::Each;
pub(crate) use models::local_models_text;

use std::collections::HashSet;

use anyai_units::UtcMillis;
use serde::Deserialize;
use toml::value::Datetime;

use self::list_price::CreditValue;
use crate::documents::{DocumentKind, Documents};
use crate::image::ImageModel;
use crate::media_price::{ImagePrice, VideoPrice};
use crate::model::Model;
use crate::plan::Plan;
use crate::price::Price;
use crate::prompt_cache::PromptCache;
use crate::rate_card::RateCard;
use crate::shelf::{Dated, Listed, Shelf};
use crate::video::VideoModel;

/// Documents that passed every check.
pub(crate) struct Loaded {
    pub(crate) chat: Shelf<Model, Price>,
    pub(crate) image: Shelf<ImageModel, ImagePrice>,
    pub(crate) video: Shelf<VideoModel, VideoPrice>,
    pub(crate) rate_card: RateCard,
    pub(crate) plans: Vec<Plan>,
    pub(crate) prompt_caches: Vec<PromptCache>,
}

pub(crate) fn load(documents: &Documents) -> Result<Loaded, LoadError> {
    let models = models::read_models(&documents.models)?;
    let card = rate_card::read_rate_card(&documents.rate_card)?;
    let models = models.and(card.models);
    let chat = models.chat.into_iter().map(models::ModelText::check);
    let image = models.image.into_iter();
    let image = image.map(image_models::ImageModelText::check);
    let video = models.video.into_iter();
    let video = video.map(video_models::VideoModelText::check);
    let caches = models.prompt_caches.into_iter();
    let caches = caches.map(prompt_caches::PromptCacheText::check);
    let (chat, image, video) = (collect(chat)?, collect(image)?, collect(video)?);
    each_id_once(
        chat.iter()
            .map(Listed::id)
            .chain(image.iter().map(Listed::id))
            .chain(video.iter().map(Listed::id))
            .map(crate::model::ModelId::as_str),
    )?;
    let loaded = Loaded {
        chat: shelve(chat, &card.prices, card.value, rate_card::free_if_local)?,
        image: shelve(image, &card.image_prices, card.value, |_| None)?,
        video: shelve(video, &card.video_prices, card.value, |_| None)?,
        rate_card: card.heading,
        plans: plans::load_plans(&documents.plans)?,
        prompt_caches: collect(caches)?,
    };
    for id in &loaded.rate_card.switched_on {
        if !loaded.video.models().iter().any(|model| model.id == *id) {
            return Err(LoadError::SwitchesOnUnknownModel {
                model: id.to_string(),
            });
        }
    }
    Ok(loaded)
}

fn collect<T>(checked: impl Iterator<Item = Result<T, LoadError>>) -> Result<Vec<T>, LoadError> {
    checked.collect()
}

fn each_id_once<'a>(ids: impl Iterator<Item = &'a str>) -> Result<(), LoadError> {
    let mut seen = HashSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(LoadError::Duplicate {
                document: DocumentKind::Models,
                id: id.to_owned(),
            });
        }
    }
    Ok(())
}

/// A price line as written.
trait PriceLine<M, P> {
    fn model(&self) -> &str;
    fn check(&self, model: &M, value: CreditValue) -> Result<P, LoadError>;
}

/// Puts every line to its model, and refuses models without any.
fn shelve<M: Listed, P: Dated, L: PriceLine<M, P>>(
    models: Vec<M>,
    lines: &[L],
    value: CreditValue,
    free: impl Fn(&M) -> Option<P>,
) -> Result<Shelf<M, P>, LoadError> {
    let mut prices: Vec<Vec<P>> = models
        .iter()
        .map(|model| free(model).into_iter().collect())
        .collect();
    for line in lines {
        let model = || line.model().to_owned();
        let position = models
            .iter()
            .position(|known| known.id().as_str() == line.model());
        let position = position.ok_or_else(|| LoadError::PriceOfUnknownModel { model: model() })?;
        if free(&models[position]).is_some() {
            return Err(LoadError::PriceOfLocalModel { model: model() });
        }
        let price = line.check(&models[position], value)?;
        let before = prices[position].last();
        if before.is_some_and(|last| last.effective_from() >= price.effective_from()) {
            return Err(LoadError::DatesOutOfOrder { model: model() });
        }
        prices[position].push(price);
    }
    for (model, lines) in models.iter().zip(&prices) {
        if lines.is_empty() {
            return Err(LoadError::NoPrice {
                model: model.id().to_string(),
            });
        }
    }
    Ok(Shelf::new(models, prices))
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
