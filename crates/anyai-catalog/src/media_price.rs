//! What pictures and clips cost from a given instant on: by the token, by the picture, by the second.

use anyai_units::{NanoUsd, UtcMillis};

use crate::image::{AUTO, ImageAsk};
use crate::media_charge::MediaLineKind;

/// Prices per token in whole pico-credits; 0 where a kind of token is not charged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaRates {
    /// Words read afresh.
    pub text_input: u64,
    /// Words read from the provider's prompt cache.
    pub text_input_cached: u64,
    /// Pictures and clips read afresh.
    pub image_input: u64,
    /// Pictures and clips read from the provider's prompt cache.
    pub image_input_cached: u64,
    /// Words written, thinking included.
    pub text_output: u64,
    /// Pictures made.
    pub image_output: u64,
    /// Clips made.
    pub video_output: u64,
}

/// A price in credits, and the list price it is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnitPrice {
    /// Of one, in pico-credits.
    pub picocredits: u64,
    /// Of one, as published.
    pub list: NanoUsd,
}

/// What a picture costs that is billed as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PicturePrice {
    /// Of this size; `None` is any.
    pub size: Option<String>,
    /// Of this quality; `None` is any.
    pub quality: Option<String>,
    /// Of one picture.
    pub price: UnitPrice,
}

/// What a second of a clip costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondPrice {
    /// In this resolution; `None` is any.
    pub resolution: Option<String>,
    /// With or without sound; `None` is either.
    pub sound: Option<bool>,
    /// Of one second.
    pub price: UnitPrice,
}

/// An image model's price line, in force from an instant until the next line's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImagePrice {
    /// The first instant it applies.
    pub effective_from: UtcMillis,
    /// Of tokens, where tokens are billed.
    pub rates: MediaRates,
    /// Of pictures, where pictures are billed: the first line that fits.
    pub pictures: Vec<PicturePrice>,
    /// Of a reference picture that is billed as one.
    pub input_picture: UnitPrice,
    pub(crate) nano_usd_per_credit: u64,
}

/// A video model's price line, in force from an instant until the next line's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoPrice {
    /// The first instant it applies.
    pub effective_from: UtcMillis,
    /// Of tokens, where tokens are billed.
    pub rates: MediaRates,
    /// Of seconds, where seconds are billed: the first line that fits.
    pub seconds: Vec<SecondPrice>,
    /// Of a picture that is read and billed as one.
    pub input_picture: UnitPrice,
    /// Of a second of a clip that is read and billed by the second.
    pub input_second: UnitPrice,
    pub(crate) nano_usd_per_credit: u64,
}

impl MediaRates {
    /// The rate of each kind of token.
    pub(crate) const fn each(&self) -> [(MediaLineKind, u64); 7] {
        [
            (MediaLineKind::TextInput, self.text_input),
            (MediaLineKind::TextInputCached, self.text_input_cached),
            (MediaLineKind::ImageInput, self.image_input),
            (MediaLineKind::ImageInputCached, self.image_input_cached),
            (MediaLineKind::TextOutput, self.text_output),
            (MediaLineKind::ImageOutput, self.image_output),
            (MediaLineKind::VideoOutput, self.video_output),
        ]
    }
}

impl ImagePrice {
    /// What one picture of this ask costs where pictures are billed: the first line that fits, or,
    /// where the provider is to choose, the dearest that may.
    #[must_use]
    pub fn picture(&self, ask: &ImageAsk) -> UnitPrice {
        let named = |value: &Option<String>| value.as_deref().is_some_and(|value| value != AUTO);
        let mut fitting = self.pictures.iter().filter(|line| {
            fits(line.size.as_deref(), ask.size.as_deref())
                && fits(line.quality.as_deref(), ask.quality.as_deref())
        });
        let all_named = |line: &PicturePrice| {
            (line.size.is_none() || named(&ask.size))
                && (line.quality.is_none() || named(&ask.quality))
        };
        first_or_dearest(&mut fitting, all_named, |line| line.price)
    }
}

impl VideoPrice {
    /// What one second of a clip costs: the first line that fits, or, where the resolution is not
    /// known before, the dearest that may.
    #[must_use]
    pub fn second(&self, resolution: Option<&str>, sound: Option<bool>) -> UnitPrice {
        let mut fitting = self.seconds.iter().filter(|line| {
            fits(line.resolution.as_deref(), resolution)
                && (line.sound.is_none() || sound.is_none() || line.sound == sound)
        });
        let all_named = |line: &SecondPrice| {
            (line.resolution.is_none() || resolution.is_some())
                && (line.sound.is_none() || sound.is_some())
        };
        first_or_dearest(&mut fitting, all_named, |line| line.price)
    }
}

/// A line fits what it names, and whatever is left to the provider.
fn fits(line: Option<&str>, asked: Option<&str>) -> bool {
    match (line, asked) {
        (None, _) | (_, None | Some(AUTO)) => true,
        (Some(line), Some(asked)) => line == asked,
    }
}

/// Lines before the first that certainly fits may fit too: the dearest of them all.
fn first_or_dearest<'a, Line: 'a>(
    fitting: &mut dyn Iterator<Item = &'a Line>,
    certainly: impl Fn(&Line) -> bool,
    price: impl Fn(&Line) -> UnitPrice,
) -> UnitPrice {
    let mut dearest = UnitPrice::default();
    for line in fitting {
        let this = price(line);
        if this.picocredits > dearest.picocredits {
            dearest = this;
        }
        if certainly(line) {
            break;
        }
    }
    dearest
}
