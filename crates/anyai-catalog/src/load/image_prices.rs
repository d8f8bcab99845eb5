//! Price lines of models that make pictures.

use serde::Deserialize;
use toml::value::Datetime;

use super::list_price::{CreditValue, Each};
use super::media_rates::{Needs, TokenRatesText};
use super::{LoadError, PriceLine, instant};
use crate::image::{AUTO, ImageAsk, ImageModel};
use crate::media_price::{ImagePrice, MediaRates, PicturePrice, UnitPrice};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImagePriceText {
    model: String,
    effective_from: Datetime,
    per_token: Option<TokenRatesText>,
    #[serde(default)]
    per_picture: Vec<PicturePriceText>,
    per_input_picture: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PicturePriceText {
    size: Option<String>,
    quality: Option<String>,
    nano_usd: Option<i64>,
}

impl PriceLine<ImageModel, ImagePrice> for ImagePriceText {
    fn model(&self) -> &str {
        &self.model
    }

    fn check(&self, model: &ImageModel, value: CreditValue) -> Result<ImagePrice, LoadError> {
        let price = ImagePrice {
            effective_from: instant(&self.effective_from)?,
            rates: self.rates(model, value)?,
            pictures: self.pictures(model, value)?,
            input_picture: match self.per_input_picture {
                None => UnitPrice::default(),
                price => value.price(&self.model, "per_input_picture", Each::Picture, price)?,
            },
            nano_usd_per_credit: value.nano_usd_per_credit,
        };
        if model.tokens.is_none() {
            every_choice_has_a_price(model, &price)?;
        }
        Ok(price)
    }
}

impl ImagePriceText {
    /// A model bills tokens exactly where it says how many a picture is.
    fn rates(&self, model: &ImageModel, value: CreditValue) -> Result<MediaRates, LoadError> {
        let needs = model.tokens.as_ref().map(|tokens| Needs {
            text_output: tokens.words.most.count() > 0,
            image_output: true,
            video_output: false,
        });
        TokenRatesText::check_where_needed(self.per_token.as_ref(), &self.model, needs, value)
    }

    fn pictures(
        &self,
        model: &ImageModel,
        value: CreditValue,
    ) -> Result<Vec<PicturePrice>, LoadError> {
        if model.tokens.is_none() && self.per_picture.is_empty() {
            return Err(LoadError::MissingPrice {
                model: self.model.clone(),
                field: "per_picture",
            });
        }
        let lines = self.per_picture.iter();
        let lines = lines.map(|line| {
            known(&self.model, "size", line.size.as_deref(), &model.sizes)?;
            known(
                &self.model,
                "quality",
                line.quality.as_deref(),
                &model.qualities,
            )?;
            Ok(PicturePrice {
                size: line.size.clone(),
                quality: line.quality.clone(),
                price: value.price(&self.model, "per_picture", Each::Picture, line.nano_usd)?,
            })
        });
        lines.collect()
    }
}

/// Refuses what a price names and the model lacks.
pub(super) fn known(
    model: &str,
    field: &'static str,
    named: Option<&str>,
    offered: &[String],
) -> Result<(), LoadError> {
    match named {
        Some(value) if value == AUTO || !offered.iter().any(|known| known == value) => {
            Err(LoadError::PriceOfUnknownKnob {
                model: model.to_owned(),
                field,
                value: value.to_owned(),
            })
        }
        _ => Ok(()),
    }
}

/// A knob's values, or the one way there is where it has none.
pub(super) fn or_none(values: &[String]) -> Vec<Option<&str>> {
    match values {
        [] => vec![None],
        values => values.iter().map(|value| Some(value.as_str())).collect(),
    }
}

fn every_choice_has_a_price(model: &ImageModel, price: &ImagePrice) -> Result<(), LoadError> {
    for size in or_none(&model.sizes) {
        for quality in or_none(&model.qualities) {
            let ask = ImageAsk {
                size: size.map(str::to_owned),
                quality: quality.map(str::to_owned),
                ..ImageAsk::default()
            };
            if price.picture(&ask).picocredits == 0 {
                return Err(uncovered(&model.id, "price", &[size, quality]));
            }
        }
    }
    Ok(())
}

pub(super) fn uncovered(
    model: &crate::ModelId,
    what: &'static str,
    choice: &[Option<&str>],
) -> LoadError {
    let words: Vec<_> = choice.iter().copied().flatten().collect();
    LoadError::Uncovered {
        model: model.to_string(),
        what,
        choice: match words.as_slice() {
            [] => "a picture".to_owned(),
            words => words.join(", "),
        },
    }
}
