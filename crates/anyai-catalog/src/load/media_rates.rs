//! What the price lines of pictures and of clips share: prices per token.

use serde::Deserialize;

use super::LoadError;
use super::list_price::{CreditValue, Each};
use super::rate_card::refuse_dearer_cached;
use crate::media_price::MediaRates;

/// List prices per token, in nano-dollars.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TokenRatesText {
    text_input: Option<i64>,
    text_input_cached: Option<i64>,
    image_input: Option<i64>,
    image_input_cached: Option<i64>,
    text_output: Option<i64>,
    image_output: Option<i64>,
    video_output: Option<i64>,
}

/// What a model that bills tokens must have a price for.
pub(super) struct Needs {
    pub(super) text_output: bool,
    pub(super) image_output: bool,
    pub(super) video_output: bool,
}

impl TokenRatesText {
    /// The rates of a model that bills tokens, and none of any other. Either without the other is a
    /// mistake: rates without needs, or needs without rates.
    pub(super) fn check_where_needed(
        rates: Option<&Self>,
        model: &str,
        needs: Option<Needs>,
        value: CreditValue,
    ) -> Result<MediaRates, LoadError> {
        match (needs, rates) {
            (None, None) => Ok(MediaRates::default()),
            (Some(needs), Some(rates)) => rates.check(model, &needs, value),
            (Some(_), None) => Err(LoadError::MissingPrice {
                model: model.to_owned(),
                field: "per_token",
            }),
            (None, Some(_)) => Err(LoadError::Uncovered {
                model: model.to_owned(),
                what: "count of tokens",
                choice: "its price per token".to_owned(),
            }),
        }
    }

    /// Left out: cached tokens cost as much as fresh ones, pictures that are read as much as words.
    fn check(
        &self,
        model: &str,
        needs: &Needs,
        value: CreditValue,
    ) -> Result<MediaRates, LoadError> {
        let price = |field, nano_usd| {
            let price = value.price(model, field, Each::Token, nano_usd)?;
            Ok(price.picocredits)
        };
        let output = |field, nano_usd: Option<i64>, needed| match (nano_usd, needed) {
            (None, false) => Ok(0),
            (nano_usd, _) => price(field, nano_usd),
        };
        let (text, image) = (self.text_input, self.image_input.or(self.text_input));
        let text_cached = self.text_input_cached.or(text);
        let image_cached = self.image_input_cached.or(image);
        refuse_dearer_cached(model, "text_input_cached", text_cached, text)?;
        refuse_dearer_cached(model, "image_input_cached", image_cached, image)?;
        Ok(MediaRates {
            text_input: price("text_input", text)?,
            text_input_cached: price("text_input_cached", text_cached)?,
            image_input: price("image_input", image)?,
            image_input_cached: price("image_input_cached", image_cached)?,
            text_output: output("text_output", self.text_output, needs.text_output)?,
            image_output: output("image_output", self.image_output, needs.image_output)?,
            video_output: output("video_output", self.video_output, needs.video_output)?,
        })
    }
}
