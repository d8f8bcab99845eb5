//! What pictures and clips will cost before they are asked for: the usage they are bound to have,
//! charged like a real one.
//!
//! A ceiling counts on the dearest size and quality where the provider chooses, on a tenth more
//! picture and clip tokens than the tables say, on a quarter and 32 more tokens of prompt than were
//! counted, and on the most words a model is known to write.

use anyai_units::{Credits, Tokens};

use crate::charge::ChargeError;
use crate::image::{AUTO, ImageAsk, ImageModel};
use crate::knob::AskRefusal;
use crate::media_charge::MediaUsage;
use crate::media_price::{ImagePrice, VideoPrice};
use crate::picture_tokens::{LikelyMost, PictureTokens};
use crate::video::{ClipTokens, SecondTokens, VideoAsk, VideoModel, VideoTask};

/// What a turn will cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaEstimate {
    /// Seldom less.
    pub low: Credits,
    /// The figure to show.
    pub likely: Credits,
    /// Seldom more.
    pub high: Credits,
    /// Never more: what is held.
    pub ceiling: Credits,
}

/// Why there is no estimate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MediaEstimateError {
    /// The model does not take the ask.
    #[error(transparent)]
    Refused(#[from] AskRefusal),
    /// No amount of credits is that large.
    #[error(transparent)]
    Charge(#[from] ChargeError),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    Low,
    Likely,
    High,
    Ceiling,
}

impl MediaEstimate {
    fn of(
        cost: impl Fn(Bound) -> Result<Credits, MediaEstimateError>,
    ) -> Result<Self, MediaEstimateError> {
        Ok(Self {
            low: cost(Bound::Low)?,
            likely: cost(Bound::Likely)?,
            high: cost(Bound::High)?,
            ceiling: cost(Bound::Ceiling)?,
        })
    }
}

impl ImagePrice {
    /// What the ask will cost.
    ///
    /// # Errors
    /// A [`MediaEstimateError`] when the model does not take the ask, or no amount is that large.
    pub fn estimate(
        &self,
        model: &ImageModel,
        ask: &ImageAsk,
    ) -> Result<MediaEstimate, MediaEstimateError> {
        let ask = ask.resolve(model)?;
        MediaEstimate::of(|bound| Ok(self.charge(&ask, &model.usage(&ask, bound))?.total))
    }
}

impl VideoPrice {
    /// What the ask will cost.
    ///
    /// # Errors
    /// A [`MediaEstimateError`] when the model does not take the ask, or no amount is that large.
    pub fn estimate(
        &self,
        model: &VideoModel,
        ask: &VideoAsk,
    ) -> Result<MediaEstimate, MediaEstimateError> {
        let ask = ask.resolve(model)?;
        MediaEstimate::of(|bound| {
            let ask = VideoAsk {
                seconds: made_seconds(&ask, bound),
                ..ask.clone()
            };
            Ok(self.charge(&ask, &model.usage(&ask, bound))?.total)
        })
    }
}

impl ImageModel {
    /// The most output tokens a resolved ask may come to, for protocols whose requests carry such a
    /// limit: it makes the ceiling true. `None` where tokens are not billed.
    #[must_use]
    pub fn output_tokens_max(&self, ask: &ImageAsk) -> Option<Tokens> {
        self.tokens.as_ref()?;
        let most = self.usage(ask, Bound::Ceiling);
        Some(most.image_output + most.text_output)
    }

    fn usage(&self, ask: &ImageAsk, bound: Bound) -> MediaUsage {
        let given = u64::try_from(ask.references.len()).unwrap_or(u64::MAX);
        let inputs = given.saturating_add(u64::from(ask.mask));
        let mut usage = MediaUsage {
            text_input: prompt(ask.prompt, bound),
            pictures: ask.count,
            input_pictures: u32::try_from(inputs).unwrap_or(u32::MAX),
            ..MediaUsage::default()
        };
        if let Some(tokens) = &self.tokens {
            let each = with_margin(tokens.of(self, ask, bound), bound);
            usage.image_input = times(tokens.reference.at(bound), inputs);
            usage.text_output = times(tokens.words.at(bound), u64::from(ask.count));
            usage.image_output = times(each, u64::from(ask.count));
        }
        usage
    }
}

impl VideoModel {
    fn usage(&self, ask: &VideoAsk, bound: Bound) -> MediaUsage {
        let pictures = ask.references + u32::from(ask.first_frame) + u32::from(ask.last_frame);
        let mut usage = MediaUsage {
            text_input: prompt(ask.prompt, bound),
            input_pictures: pictures,
            milliseconds: u64::from(ask.seconds) * 1_000,
            ..MediaUsage::default()
        };
        if let Some(tokens) = &self.tokens {
            let second = with_margin(tokens.of(ask.resolution.as_deref()), bound);
            let read = times(
                tokens.source_second.at(bound),
                u64::from(ask.source_seconds.unwrap_or_default()),
            );
            usage.image_input = times(tokens.reference.at(bound), u64::from(pictures)) + read;
            usage.text_output = tokens.words.at(bound);
            usage.video_output = times(second, u64::from(ask.seconds));
        }
        usage
    }
}

/// A ceiling allows for a continuation that is counted together with what it continues.
fn made_seconds(ask: &VideoAsk, bound: Bound) -> u32 {
    match (ask.task, bound) {
        (VideoTask::Extend, Bound::Ceiling) => ask.seconds + ask.source_seconds.unwrap_or_default(),
        _ => ask.seconds,
    }
}

impl PictureTokens {
    /// A finished picture and its previews.
    fn of(&self, model: &ImageModel, ask: &ImageAsk, bound: Bound) -> Tokens {
        let mut sizes = open_or(ask.size.as_deref(), &model.sizes);
        let qualities = open_or(ask.quality.as_deref(), &model.qualities);
        let dearest = model.free_size.map(|free| free.dearest().to_string());
        if ask.size.as_deref() == Some(AUTO) && bound != Bound::Likely {
            sizes.extend(dearest.as_deref().map(Some));
        }
        let usual = model.quality_default.as_deref();
        let usual = if qualities.contains(&usual) {
            usual
        } else {
            qualities[0]
        };
        let each = sizes.iter().flat_map(|size| {
            qualities
                .iter()
                .filter_map(|quality| self.made.of(*size, *quality))
        });
        let made = match bound {
            Bound::Likely => self.made.of(sizes[0], usual),
            Bound::Low => each.min(),
            Bound::High | Bound::Ceiling => each.max(),
        };
        let previews = match bound {
            Bound::Low => Tokens::ZERO,
            _ => times(self.preview, u64::from(ask.previews)),
        };
        made.unwrap_or_default() + previews
    }
}

impl ClipTokens {
    /// A second, of the dearest resolution where it is the source's.
    fn of(&self, resolution: Option<&str>) -> Tokens {
        let fits = |row: &&SecondTokens| resolution.is_none_or(|asked| asked == row.resolution);
        let each = self.second.iter().filter(fits).map(|row| row.tokens);
        each.max().unwrap_or_default()
    }
}

impl LikelyMost {
    const fn at(self, bound: Bound) -> Tokens {
        match bound {
            Bound::Low | Bound::Likely => self.likely,
            Bound::High | Bound::Ceiling => self.most,
        }
    }
}

/// What a value may stand for: itself, or, where the provider chooses, every value with a name.
fn open_or<'a>(value: Option<&'a str>, all: &'a [String]) -> Vec<Option<&'a str>> {
    if value != Some(AUTO) {
        return vec![value];
    }
    let named = all
        .iter()
        .map(String::as_str)
        .filter(|value| *value != AUTO);
    named.map(Some).collect()
}

/// Our count of another's tokens, and what its ceiling allows for: a quarter more, rounded up, and
/// the frame a provider puts around a prompt.
fn prompt(counted: Tokens, bound: Bound) -> Tokens {
    match bound {
        Bound::Low | Bound::Likely | Bound::High => counted,
        Bound::Ceiling => counted + Tokens::new(counted.count().div_ceil(4)) + Tokens::new(32),
    }
}

/// A tenth more than a table says, rounded up, for a ceiling.
fn with_margin(tokens: Tokens, bound: Bound) -> Tokens {
    match bound {
        Bound::Low | Bound::Likely | Bound::High => tokens,
        Bound::Ceiling => tokens + Tokens::new(tokens.count().div_ceil(10)),
    }
}

fn times(tokens: Tokens, count: u64) -> Tokens {
    Tokens::new(tokens.count().saturating_mul(count))
}
