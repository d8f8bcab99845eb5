//! Price lines of models that make clips.

use serde::Deserialize;
use toml::value::Datetime;

use super::image_prices::{known, or_none, uncovered};
use super::list_price::{CreditValue, Each};
use super::media_rates::{Needs, TokenRatesText};
use super::{LoadError, PriceLine, instant};
use crate::media_price::{MediaRates, SecondPrice, UnitPrice, VideoPrice};
use crate::video::VideoModel;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VideoPriceText {
    model: String,
    effective_from: Datetime,
    per_token: Option<TokenRatesText>,
    #[serde(default)]
    per_second: Vec<SecondPriceText>,
    per_input_picture: Option<i64>,
    per_input_second: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SecondPriceText {
    resolution: Option<String>,
    sound: Option<bool>,
    nano_usd: Option<i64>,
}

impl PriceLine<VideoModel, VideoPrice> for VideoPriceText {
    fn model(&self) -> &str {
        &self.model
    }

    fn check(&self, model: &VideoModel, value: CreditValue) -> Result<VideoPrice, LoadError> {
        let optional = |field, each, price: Option<i64>| match price {
            None => Ok(UnitPrice::default()),
            price => value.price(&self.model, field, each, price),
        };
        let input_picture = self.per_input_picture;
        let input_second = self.per_input_second;
        let price = VideoPrice {
            effective_from: instant(&self.effective_from)?,
            rates: self.rates(model, value)?,
            seconds: self.seconds(model, value)?,
            input_picture: optional("per_input_picture", Each::Picture, input_picture)?,
            input_second: optional("per_input_second", Each::Second, input_second)?,
            nano_usd_per_credit: value.nano_usd_per_credit,
        };
        if model.tokens.is_none() {
            every_choice_has_a_price(model, &price)?;
        }
        Ok(price)
    }
}

impl VideoPriceText {
    /// A model bills tokens exactly where it says how many a second is.
    fn rates(&self, model: &VideoModel, value: CreditValue) -> Result<MediaRates, LoadError> {
        let needs = model.tokens.as_ref().map(|tokens| Needs {
            text_output: tokens.words.most.count() > 0,
            image_output: false,
            video_output: true,
        });
        TokenRatesText::check_where_needed(self.per_token.as_ref(), &self.model, needs, value)
    }

    fn seconds(
        &self,
        model: &VideoModel,
        value: CreditValue,
    ) -> Result<Vec<SecondPrice>, LoadError> {
        if model.tokens.is_none() && self.per_second.is_empty() {
            return Err(LoadError::MissingPrice {
                model: self.model.clone(),
                field: "per_second",
            });
        }
        let lines = self.per_second.iter();
        let lines = lines.map(|line| {
            let resolution = line.resolution.as_deref();
            known(&self.model, "resolution", resolution, &model.resolutions)?;
            refuse_unknown_sound(model, line.sound)?;
            Ok(SecondPrice {
                resolution: line.resolution.clone(),
                sound: line.sound,
                price: value.price(&self.model, "per_second", Each::Second, line.nano_usd)?,
            })
        });
        lines.collect()
    }
}

fn refuse_unknown_sound(model: &VideoModel, sound: Option<bool>) -> Result<(), LoadError> {
    match sound {
        Some(sound) if !model.sound.choices().contains(&sound) => {
            Err(LoadError::PriceOfUnknownKnob {
                model: model.id.to_string(),
                field: "sound",
                value: sound.to_string(),
            })
        }
        _ => Ok(()),
    }
}

fn every_choice_has_a_price(model: &VideoModel, price: &VideoPrice) -> Result<(), LoadError> {
    for resolution in or_none(&model.resolutions) {
        for &sound in model.sound.choices() {
            if price.second(resolution, Some(sound)).picocredits == 0 {
                let sound = if sound { "with sound" } else { "without sound" };
                return Err(uncovered(&model.id, "price", &[resolution, Some(sound)]));
            }
        }
    }
    Ok(())
}
