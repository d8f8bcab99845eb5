//! What a provider says pictures and clips used, and what that costs: exact lines, one rounding.

use anyai_units::{Credits, NanoUsd, Tokens};

use crate::charge::{ChargeError, round_up};
use crate::image::ImageAsk;
use crate::media_price::{ImagePrice, MediaRates, UnitPrice, VideoPrice};
use crate::spelled::spelled;
use crate::video::VideoAsk;

/// What a provider says a request used. The parts of input and output do not overlap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaUsage {
    /// Words read afresh.
    pub text_input: Tokens,
    /// Words read from the prompt cache.
    pub text_input_cached: Tokens,
    /// Pictures and clips read afresh.
    pub image_input: Tokens,
    /// Pictures and clips read from the prompt cache.
    pub image_input_cached: Tokens,
    /// Words written, thinking included.
    pub text_output: Tokens,
    /// Pictures made.
    pub image_output: Tokens,
    /// Clips made.
    pub video_output: Tokens,
    /// How many pictures were made.
    pub pictures: u32,
    /// How many pictures were read.
    pub input_pictures: u32,
    /// How long the clip runs that was made.
    pub milliseconds: u64,
    /// What the provider itself says it cost.
    pub provider_cost: Option<NanoUsd>,
}

spelled! {
    /// A kind of receipt line.
    MediaLineKind {
        /// Words read afresh.
        TextInput = "text_input",
        /// Words read from the prompt cache.
        TextInputCached = "text_input_cached",
        /// Pictures and clips read afresh, in tokens.
        ImageInput = "image_input",
        /// Pictures and clips read from the prompt cache, in tokens.
        ImageInputCached = "image_input_cached",
        /// Words written.
        TextOutput = "text_output",
        /// Pictures made, in tokens.
        ImageOutput = "image_output",
        /// Clips made, in tokens.
        VideoOutput = "video_output",
        /// Pictures made, billed as such.
        Picture = "picture",
        /// Pictures read, billed as such.
        InputPicture = "input_picture",
        /// Seconds of a clip made.
        Second = "second",
        /// Seconds of a clip read.
        InputSecond = "input_second",
    }
}

/// One line of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MediaLine {
    /// What was used.
    pub kind: MediaLineKind,
    /// How much of it: tokens, pictures or seconds.
    pub quantity: u64,
    /// The rate.
    pub picocredits_each: u64,
    /// The exact product.
    pub picocredits: u128,
}

/// What a request costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaCharge {
    /// The lines that are not zero, by the rate card.
    pub lines: Vec<MediaLine>,
    /// Their exact sum, rounded up once to a millicredit.
    pub by_rate_card: Credits,
    /// What the provider itself says it cost, rounded up once to a millicredit.
    pub by_provider: Option<Credits>,
    /// What is charged: the provider's own figure where there is one. The caller keeps it within
    /// the hold.
    pub total: Credits,
}

impl ImagePrice {
    /// The charge for a usage of a resolved ask.
    ///
    /// # Errors
    /// [`ChargeError::TooLarge`] when the amount does not fit.
    pub fn charge(&self, ask: &ImageAsk, usage: &MediaUsage) -> Result<MediaCharge, ChargeError> {
        let mut sum = Lines::default();
        sum.add_tokens(usage, &self.rates)?;
        let (pictures, inputs) = (u64::from(usage.pictures), u64::from(usage.input_pictures));
        sum.add(MediaLineKind::Picture, pictures, self.picture(ask))?;
        sum.add(MediaLineKind::InputPicture, inputs, self.input_picture)?;
        sum.charge(usage.provider_cost, self.nano_usd_per_credit)
    }
}

impl VideoPrice {
    /// The charge for a usage of a resolved ask. Begun seconds count whole, and never more of them
    /// than were asked for: files run a frame over.
    ///
    /// # Errors
    /// [`ChargeError::TooLarge`] when the amount does not fit.
    pub fn charge(&self, ask: &VideoAsk, usage: &MediaUsage) -> Result<MediaCharge, ChargeError> {
        let made = usage.milliseconds.div_ceil(1_000);
        let seconds = made.min(u64::from(ask.seconds));
        let read = match seconds {
            0 => 0,
            _ => u64::from(ask.source_seconds.unwrap_or_default()),
        };
        let mut sum = Lines::default();
        sum.add_tokens(usage, &self.rates)?;
        let second = self.second(ask.resolution.as_deref(), ask.sound);
        sum.add(MediaLineKind::Second, seconds, second)?;
        sum.add(MediaLineKind::InputSecond, read, self.input_second)?;
        let inputs = u64::from(usage.input_pictures);
        sum.add(MediaLineKind::InputPicture, inputs, self.input_picture)?;
        sum.charge(usage.provider_cost, self.nano_usd_per_credit)
    }
}

#[derive(Default)]
struct Lines {
    lines: Vec<MediaLine>,
    picocredits: u128,
}

impl Lines {
    fn add_tokens(&mut self, usage: &MediaUsage, rates: &MediaRates) -> Result<(), ChargeError> {
        // In the order of the rates.
        let used = [
            usage.text_input,
            usage.text_input_cached,
            usage.image_input,
            usage.image_input_cached,
            usage.text_output,
            usage.image_output,
            usage.video_output,
        ];
        for ((kind, picocredits), tokens) in rates.each().into_iter().zip(used) {
            let price = UnitPrice {
                picocredits,
                ..UnitPrice::default()
            };
            self.add(kind, tokens.count(), price)?;
        }
        Ok(())
    }

    fn add(
        &mut self,
        kind: MediaLineKind,
        quantity: u64,
        price: UnitPrice,
    ) -> Result<(), ChargeError> {
        if quantity == 0 || price.picocredits == 0 {
            return Ok(());
        }
        let picocredits = u128::from(quantity) * u128::from(price.picocredits);
        let sum = self.picocredits.checked_add(picocredits);
        self.picocredits = sum.ok_or(ChargeError::TooLarge)?;
        self.lines.push(MediaLine {
            kind,
            quantity,
            picocredits_each: price.picocredits,
            picocredits,
        });
        Ok(())
    }

    fn charge(
        self,
        provider_cost: Option<NanoUsd>,
        nano_usd_per_credit: u64,
    ) -> Result<MediaCharge, ChargeError> {
        let by_rate_card = round_up(self.picocredits)?;
        let by_provider = provider_cost
            .and_then(|cost| u64::try_from(cost.nano()).ok())
            .map(|nano_usd| credits_for(nano_usd, nano_usd_per_credit))
            .transpose()?;
        Ok(MediaCharge {
            lines: self.lines,
            by_rate_card,
            by_provider,
            total: by_provider.unwrap_or(by_rate_card),
        })
    }
}

/// What an amount of dollars is in credits: rounded up to a millicredit, once.
pub(crate) fn credits_for(nano_usd: u64, nano_usd_per_credit: u64) -> Result<Credits, ChargeError> {
    let scale = u128::from(Credits::SCALE.unsigned_abs());
    let millicredits = (u128::from(nano_usd) * scale).div_ceil(u128::from(nano_usd_per_credit));
    i64::try_from(millicredits)
        .map(Credits::from_millicredits)
        .map_err(|_| ChargeError::TooLarge)
}
