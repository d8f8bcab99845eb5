//! Prices that look like slipped decimal points beside the card in use: every field of every line,
//! also those that no typical turn meets.

use std::collections::{BTreeMap, BTreeSet};

use anyai_units::{Credits, UtcMillis};

use crate::card_change::is_leap;
use crate::catalogue::Catalogue;
use crate::charge::LineKind;
use crate::image::{AUTO, ImageAsk, ImageModel};
use crate::load::Each;
use crate::media_price::{ImagePrice, MediaRates, VideoPrice};
use crate::model::ModelId;
use crate::price::{Price, Rates};
use crate::video::VideoModel;

/// What stands before the fields of long requests.
const LONG: &str = "long_context.";

/// A price of a model that rises or falls tenfold or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceLeap {
    /// The model.
    pub model: ModelId,
    /// Its name for people.
    pub label: String,
    /// The field of the rate card, and the choice it is of where it has several.
    pub field: String,
    /// From when on; at or before now for what changes at once.
    pub from: UtcMillis,
    /// What it is of: a million of them for tokens, else one.
    pub each: Each,
    /// By the card in use.
    pub before: Credits,
    /// By the next.
    pub after: Credits,
}

/// One price, in pico-credits.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Listed {
    each: Each,
    picocredits: u64,
}

/// The prices of a model by field; those that are not charged are not in it.
type Fields = BTreeMap<String, Listed>;

impl Catalogue {
    /// The prices that leap for somebody who uses this catalogue now and takes `next`: in force or
    /// to come, of models on offer or not.
    #[must_use]
    pub fn leaps_to(&self, next: &Self, now: UtcMillis) -> Vec<PriceLeap> {
        let mut leaps = Vec::new();
        let mut called = BTreeMap::new();
        for from in self.change_days(next, now) {
            let (before, after) = (self.fields(from), next.fields(from));
            for (model, (label, after)) in &after {
                let Some((_, before)) = before.get(model) else {
                    continue;
                };
                let fields: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
                for field in fields {
                    let (Some(old), Some(new)) = (price(before, field), price(after, field)) else {
                        continue;
                    };
                    let both = (old.picocredits, new.picocredits);
                    let known = called.insert((model.clone(), field.clone()), both);
                    if !is_leap(both.0, both.1) || known == Some(both) {
                        continue;
                    }
                    leaps.push(PriceLeap {
                        model: model.clone(),
                        label: label.clone(),
                        field: field.clone(),
                        from,
                        each: new.each,
                        before: old.credits(),
                        after: new.credits(),
                    });
                }
            }
        }
        leaps
    }

    fn fields(&self, at: UtcMillis) -> BTreeMap<ModelId, (String, Fields)> {
        let chat = self.chat.priced(at);
        let chat = chat.map(|(model, price)| (&model.id, &model.label, price.fields()));
        let image = self.image.priced(at);
        let image = image.map(|(model, price)| (&model.id, &model.label, price.fields(model)));
        let video = self.video.priced(at);
        let video = video.map(|(model, price)| (&model.id, &model.label, price.fields(model)));
        let all = chat.chain(image).chain(video);
        all.map(|(id, label, mut fields)| {
            fields.retain(|_, price| price.picocredits > 0);
            (id.clone(), (label.clone(), fields))
        })
        .collect()
    }
}

/// Where a card has no rates of their own for long requests, they meet the ordinary ones.
fn price(fields: &Fields, field: &str) -> Option<Listed> {
    let ordinary = || fields.get(field.strip_prefix(LONG)?);
    fields.get(field).or_else(ordinary).copied()
}

impl Listed {
    const fn of(each: Each, picocredits: u64) -> Self {
        Self { each, picocredits }
    }

    /// Of a million tokens or of one of anything else, rounded up to a millicredit.
    fn credits(self) -> Credits {
        const PICOCREDITS_PER_MILLICREDIT: u128 = 1_000_000_000;
        let many: u128 = match self.each {
            Each::Token => 1_000_000,
            Each::Picture | Each::Second | Each::Call => 1,
        };
        let picocredits = u128::from(self.picocredits) * many;
        let millicredits = picocredits.div_ceil(PICOCREDITS_PER_MILLICREDIT);
        Credits::from_millicredits(i64::try_from(millicredits).unwrap_or(i64::MAX))
    }
}

impl Price {
    fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        let mut add = |prefix: &str, rates: &Rates| {
            for kind in LineKind::ALL {
                let price = Listed::of(Each::Token, rates.of(kind));
                fields.insert(format!("{prefix}{}", kind.as_str()), price);
            }
        };
        add("", &self.standard);
        if let Some(long) = &self.long_context {
            add(LONG, &long.rates);
        }
        let call = Listed::of(Each::Call, self.tool_call.picocredits);
        fields.insert("tool_call".to_owned(), call);
        fields
    }
}

impl MediaRates {
    fn fields(&self) -> Fields {
        let rates = self.each().into_iter();
        rates
            .map(|(kind, picocredits)| {
                let price = Listed::of(Each::Token, picocredits);
                (format!("per_token.{kind}"), price)
            })
            .collect()
    }
}

impl ImagePrice {
    /// A line may cover many choices, and another card may cut them otherwise: each by itself.
    fn fields(&self, model: &ImageModel) -> Fields {
        let mut fields = self.rates.fields();
        let free = model.free_size.map(|free| free.dearest().to_string());
        let sizes: Vec<String> = model.sizes.iter().cloned().chain(free).collect();
        for size in choices(&sizes) {
            for quality in choices(&model.qualities) {
                let field = named("per_picture", &[size, quality]);
                let ask = ImageAsk {
                    size: size.map(str::to_owned),
                    quality: quality.map(str::to_owned),
                    ..ImageAsk::default()
                };
                let price = Listed::of(Each::Picture, self.picture(&ask).picocredits);
                fields.insert(field, price);
            }
        }
        let read = Listed::of(Each::Picture, self.input_picture.picocredits);
        fields.insert("per_input_picture".to_owned(), read);
        fields
    }
}

impl VideoPrice {
    fn fields(&self, model: &VideoModel) -> Fields {
        let mut fields = self.rates.fields();
        for resolution in choices(&model.resolutions) {
            for &sound in model.sound.choices() {
                let word = if sound { "with sound" } else { "without sound" };
                let field = named("per_second", &[resolution, Some(word)]);
                let price = self.second(resolution, Some(sound)).picocredits;
                fields.insert(field, Listed::of(Each::Second, price));
            }
        }
        let picture = Listed::of(Each::Picture, self.input_picture.picocredits);
        fields.insert("per_input_picture".to_owned(), picture);
        let second = Listed::of(Each::Second, self.input_second.picocredits);
        fields.insert("per_input_second".to_owned(), second);
        fields
    }
}

/// What can be asked for by name; `None` where there is no such choice.
fn choices(values: &[String]) -> Vec<Option<&str>> {
    let named = values.iter().map(String::as_str);
    let named: Vec<_> = named.filter(|value| *value != AUTO).map(Some).collect();
    if named.is_empty() { vec![None] } else { named }
}

/// Like `per_second of 1080p with sound`.
fn named(field: &str, choice: &[Option<&str>]) -> String {
    let words: Vec<&str> = choice.iter().copied().flatten().collect();
    match words.as_slice() {
        [] => field.to_owned(),
        words => format!("{field} of {}", words.join(" ")),
    }
}
