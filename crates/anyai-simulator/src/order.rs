//! What a client asks to be made, freed from its wire format, and what it is billed.

use std::sync::Arc;

use image::RgbaImage;
use serde_json::{Value, json};

use crate::clip::Clip;
use crate::fault::Fault;
use crate::media_model::MediaModel;
use crate::picture::{self, Fingerprint, Format, Frame};
use crate::provider::Provider;
use crate::turn::{Reported, usd_of_nano};

/// Output tokens of a draft shown before a picture is done.
pub(crate) const DRAFT_TOKENS: u64 = 100;

/// An order of pictures.
#[derive(Clone, Debug)]
pub(crate) struct PictureOrder {
    pub(crate) provider: Provider,
    /// The model as the request named it.
    pub(crate) model: String,
    pub(crate) known: &'static MediaModel,
    pub(crate) prompt: String,
    pub(crate) count: u32,
    pub(crate) frame: Frame,
    /// As the provider says it: low, medium, 1k.
    pub(crate) quality: String,
    pub(crate) resolution: String,
    pub(crate) format: Format,
    pub(crate) references: Vec<RgbaImage>,
    pub(crate) mask: Option<RgbaImage>,
    pub(crate) streaming: bool,
    /// Drafts to show of each picture.
    pub(crate) drafts: u32,
    /// Whether the answer holds addresses in place of the pictures.
    pub(crate) by_url: bool,
    /// Output tokens of words beside the pictures.
    pub(crate) text_tokens: u64,
    pub(crate) edits: bool,
}

/// An order of clips.
#[derive(Clone, Debug)]
pub(crate) struct ClipOrder {
    pub(crate) provider: Provider,
    pub(crate) model: String,
    pub(crate) known: &'static MediaModel,
    pub(crate) prompt: String,
    pub(crate) seconds: u32,
    pub(crate) resolution: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) samples: u32,
    /// Seconds of the clip it goes on from: shown, not billed.
    pub(crate) before_s: u32,
    /// Pictures sent in.
    pub(crate) inputs: u64,
    pub(crate) reference: Option<Arc<RgbaImage>>,
    /// Whether the clip comes inside the answer.
    pub(crate) inline: bool,
    pub(crate) reported: Reported,
    /// Seconds billed beyond those asked for.
    pub(crate) overrun_s: u64,
}

/// What a job makes.
#[derive(Clone, Debug)]
pub(crate) enum Order {
    Clip(ClipOrder),
    /// An answer that is complete already and only waits to be asked for.
    Answer(Value),
}

impl Order {
    pub(crate) const fn seconds(&self) -> u32 {
        match self {
            Self::Clip(order) => order.seconds,
            Self::Answer(_) => 0,
        }
    }
}

/// What is billed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bill {
    pub(crate) text_in: u64,
    pub(crate) image_in: u64,
    pub(crate) text_out: u64,
    pub(crate) image_out: u64,
    pub(crate) video_out: u64,
    pub(crate) cost_nano_usd: u64,
    pub(crate) reported: Reported,
}

impl Bill {
    pub(crate) const fn input(&self) -> u64 {
        self.text_in + self.image_in
    }

    pub(crate) const fn output(&self) -> u64 {
        self.text_out + self.image_out + self.video_out
    }

    /// A count as the record shows it.
    pub(crate) fn count(&self, tokens: u64) -> Value {
        self.reported.count(tokens)
    }

    pub(crate) fn is_reported(&self) -> bool {
        self.reported != Reported::Never
    }

    /// The cost in xAI's unit: 10^10 ticks a dollar.
    pub(crate) fn ticks(&self) -> Value {
        self.count(self.cost_nano_usd * 10)
    }

    /// The cost in dollars.
    pub(crate) fn cost_usd(&self) -> Value {
        match self.reported {
            Reported::Truly | Reported::Never => usd_of_nano(self.cost_nano_usd),
            Reported::Huge => json!(1e18),
            Reported::Negative => json!(-0.25),
        }
    }

    /// Prices the tokens, where the model is billed by them.
    fn priced(mut self, known: &MediaModel) -> Self {
        let price = |kind| known.token_nano_usd(kind);
        self.cost_nano_usd += self.text_in * price("text_in")
            + self.image_in * price("image_in").max(price("text_in"))
            + self.text_out * price("text_out")
            + self.image_out * price("image_out")
            + self.video_out * price("video_out");
        self
    }
}

impl PictureOrder {
    /// Draws a picture of the set.
    pub(crate) fn draw(&self, index: u32) -> RgbaImage {
        let fingerprint = Fingerprint::of(&self.prompt, index);
        let mask = self.mask.as_ref();
        picture::edited(fingerprint, self.frame, &self.references, mask)
    }

    /// What so many pictures with so many drafts cost; none are charged for when it declined.
    pub(crate) fn bill(&self, made: u32, drafts: u32, faults: &[Fault]) -> Bill {
        let pictures = u64::from(made);
        let each = match self.known.provider {
            Provider::OpenAi => {
                let size = (self.frame.width, self.frame.height);
                crate::media_model::openai_tokens(self.known.id, size, &self.quality)
            }
            _ => (self.known.line(&format!("tokens:{}", self.resolution))).unwrap_or_default(),
        };
        let by_picture = (self.known).picture_nano_usd(&self.quality, &self.resolution);
        let beyond = overrun(faults);
        let paid = pictures + beyond * u64::from(by_picture.is_some());
        let inputs = self.references.len() as u64;
        let input_price = self.known.line("input_image").unwrap_or_default();
        Bill {
            text_in: crate::tokens::count_tokens(&self.prompt),
            image_in: self.references.iter().map(input_tokens).sum(),
            text_out: if made > 0 { self.text_tokens } else { 0 },
            image_out: pictures * each
                + u64::from(drafts) * DRAFT_TOKENS
                + beyond * u64::from(by_picture.is_none()),
            video_out: 0,
            cost_nano_usd: paid * by_picture.unwrap_or_default() + inputs * input_price,
            reported: Reported::by(faults),
        }
        .priced(self.known)
    }
}

impl ClipOrder {
    pub(crate) fn clip(&self, sample: u32) -> Clip {
        Clip {
            fingerprint: Fingerprint::of(&self.prompt, sample),
            width: self.width,
            height: self.height,
            seconds: self.before_s + self.seconds,
            reference: self.reference.clone(),
        }
    }

    /// What it costs once it is made, or was blocked after.
    pub(crate) fn bill(&self) -> Bill {
        let seconds = u64::from(self.seconds * self.samples) + self.overrun_s;
        let a_second = self
            .known
            .second_nano_usd(&self.resolution)
            .unwrap_or_default();
        let an_input = self.known.line("input_image").unwrap_or_default();
        Bill {
            text_in: crate::tokens::count_tokens(&self.prompt),
            video_out: seconds * self.known.line("tokens:second").unwrap_or_default(),
            cost_nano_usd: seconds * a_second + self.inputs * an_input,
            reported: self.reported,
            ..Bill::default()
        }
        .priced(self.known)
    }
}

/// How far beyond the order the bill goes, in its own unit.
pub(crate) fn overrun(faults: &[Fault]) -> u64 {
    let by = faults.iter().find_map(|fault| match fault {
        Fault::Overrun { by_tokens } => Some(*by_tokens),
        _ => None,
    });
    by.unwrap_or_default()
}

/// Input tokens of a picture, as in a conversation.
fn input_tokens(picture: &RgbaImage) -> u64 {
    crate::image::tokens_of(picture.width(), picture.height())
}

/// The size of a picture with so many lines on its short side; both sides are even, as codecs
/// like them.
pub(crate) fn size_of(lines: u32, aspect: &str) -> Option<(u32, u32)> {
    let (wide, high) = aspect.split_once(':')?;
    // In tenths: one provider has 19.5:9.
    let tenths = |side: &str| {
        let (whole, rest) = side.split_once('.').unwrap_or((side, "0"));
        Some(whole.parse::<u32>().ok()? * 10 + rest.parse::<u32>().ok()?)
    };
    let (wide, high) = (tenths(wide)?, tenths(high)?);
    if wide == 0 || high == 0 || wide.max(high) > 100 * wide.min(high) {
        return None;
    }
    // Rounded up to an even number.
    let long = |long: u32, short: u32| (lines * long / short).div_ceil(2) * 2;
    Some(match wide >= high {
        true => (long(wide, high), lines),
        false => (lines, long(high, wide)),
    })
}

/// The lines of a video resolution.
pub(crate) fn lines_of(resolution: &str) -> Option<u32> {
    match resolution {
        "360p" => Some(360),
        "480p" => Some(480),
        "720p" | "1K" | "1k" => Some(720),
        "1080p" => Some(1_080),
        "2K" | "2k" => Some(1_440),
        "4k" | "4K" => Some(2_160),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_follow_lines_and_aspect() {
        for (lines, aspect, size) in [
            (720, "16:9", Some((1_280, 720))),
            (480, "16:9", Some((854, 480))),
            (1_080, "9:16", Some((1_080, 1_920))),
            (720, "1:1", Some((720, 720))),
            (1_024, "19.5:9", Some((2_218, 1_024))),
            (720, "0:1", None),
            (720, "wide", None),
        ] {
            assert_eq!(size_of(lines, aspect), size, "{lines} {aspect}");
        }
    }
}
