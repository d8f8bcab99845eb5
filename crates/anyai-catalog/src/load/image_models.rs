//! Models that make pictures, as the model list writes them.

use anyai_units::Tokens;
use serde::Deserialize;
use toml::value::Datetime;

use super::image_prices::{or_none, uncovered};
use super::{LoadError, instant};
use crate::image::{AUTO, FreeSize, ImageModel};
use crate::model::{Api, ModelId, Provider};
use crate::picture_tokens::{GridCells, LikelyMost, ListedTokens, MadeTokens, PictureTokens};

/// Bounds that stop a slipped digit: pictures a turn, pixels a side, tokens a picture.
const COUNT_MAX: u32 = 100;
const EDGE_PIXELS_MAX: u32 = 16_384;
const TOKENS_MAX: u64 = 1_000_000;
const GRID_CELLS_MAX: u32 = 1_024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImageModelText {
    id: String,
    label: String,
    provider: String,
    api: String,
    count_max: u32,
    #[serde(default)]
    sizes: Vec<String>,
    free_size: Option<FreeSizeText>,
    #[serde(default)]
    aspects: Vec<String>,
    #[serde(default)]
    qualities: Vec<String>,
    quality_default: Option<String>,
    #[serde(default)]
    backgrounds: Vec<String>,
    #[serde(default)]
    formats: Vec<String>,
    #[serde(default)]
    references_max: u32,
    #[serde(default)]
    takes_mask: bool,
    #[serde(default)]
    previews_max: u32,
    prompt_chars_max: u32,
    tokens: Option<PictureTokensText>,
    shuts_down: Option<Datetime>,
    strengths: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FreeSizeText {
    multiple_of: u32,
    ratio_max: u32,
    long_edge_max: u32,
    short_edge_max: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PictureTokensText {
    #[serde(default)]
    listed: Vec<ListedText>,
    #[serde(default)]
    grid: Vec<GridText>,
    #[serde(default)]
    preview: u64,
    #[serde(default)]
    reference: LikelyMostText,
    #[serde(default)]
    words: LikelyMostText,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListedText {
    size: Option<String>,
    quality: Option<String>,
    tokens: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GridText {
    quality: String,
    long_edge: u32,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LikelyMostText {
    likely: u64,
    most: u64,
}

impl ImageModelText {
    pub(super) fn check(self) -> Result<ImageModel, LoadError> {
        self.check_limits()?;
        let word = |field, value: &str| LoadError::UnknownWord {
            model: self.id.clone(),
            field,
            value: value.to_owned(),
        };
        let tokens = self.tokens.as_ref();
        let model = ImageModel {
            id: ModelId::new(&self.id),
            provider: remote_provider(&self.provider)
                .ok_or_else(|| word("provider", &self.provider))?,
            api: Api::from_text(&self.api)
                .filter(|api| api.makes_pictures())
                .ok_or_else(|| word("api", &self.api))?,
            tokens: tokens.map(|tokens| tokens.check(&self.id)).transpose()?,
            shuts_down_at: self.shuts_down.as_ref().map(instant).transpose()?,
            free_size: self.free_size.as_ref().map(FreeSizeText::as_is),
            label: self.label,
            count_max: self.count_max,
            sizes: self.sizes,
            aspects: self.aspects,
            qualities: self.qualities,
            quality_default: self.quality_default,
            backgrounds: self.backgrounds,
            formats: self.formats,
            references_max: self.references_max,
            takes_mask: self.takes_mask,
            previews_max: self.previews_max,
            prompt_chars_max: self.prompt_chars_max,
            strengths: self.strengths,
        };
        every_choice_has_tokens(&model)?;
        Ok(model)
    }

    fn check_limits(&self) -> Result<(), LoadError> {
        let default = self.quality_default.as_ref();
        let free = self.free_size.as_ref();
        let field = if self.id.trim().is_empty() {
            "id"
        } else if self.label.trim().is_empty() {
            "label"
        } else if !(1..=COUNT_MAX).contains(&self.count_max) {
            "count_max"
        } else if has_twins(&self.sizes)
            || self.sizes.iter().all(|size| size == AUTO) && !self.sizes.is_empty()
        {
            "sizes"
        } else if free.is_some_and(|free| !free.is_possible()) {
            "free_size"
        } else if has_twins(&self.qualities) {
            "qualities"
        } else if self.qualities.is_empty() != default.is_none()
            || default.is_some_and(|default| !self.qualities.contains(default))
        {
            "quality_default"
        } else if self.takes_mask && self.references_max == 0 {
            "takes_mask"
        } else if self.prompt_chars_max == 0 {
            "prompt_chars_max"
        } else {
            return Ok(());
        };
        Err(impossible(&self.id, field))
    }
}

impl FreeSizeText {
    const fn is_possible(&self) -> bool {
        self.multiple_of > 0
            && self.ratio_max > 0
            && self.short_edge_max >= self.multiple_of
            && self.long_edge_max >= self.short_edge_max
            && self.long_edge_max <= EDGE_PIXELS_MAX
    }

    const fn as_is(&self) -> FreeSize {
        FreeSize {
            multiple_of: self.multiple_of,
            ratio_max: self.ratio_max,
            long_edge_max: self.long_edge_max,
            short_edge_max: self.short_edge_max,
        }
    }
}

impl PictureTokensText {
    fn check(&self, model: &str) -> Result<PictureTokens, LoadError> {
        let made = match (self.listed.as_slice(), self.grid.as_slice()) {
            (listed, []) => MadeTokens::Listed(
                listed
                    .iter()
                    .map(|row| {
                        Ok(ListedTokens {
                            size: row.size.clone(),
                            quality: row.quality.clone(),
                            tokens: possible(model, "tokens", row.tokens)?,
                        })
                    })
                    .collect::<Result<_, LoadError>>()?,
            ),
            ([], grid) => MadeTokens::Grid(
                grid.iter()
                    .map(|row| match row.long_edge {
                        1..=GRID_CELLS_MAX => Ok(GridCells {
                            quality: row.quality.clone(),
                            long_edge: row.long_edge,
                        }),
                        _ => Err(impossible(model, "long_edge")),
                    })
                    .collect::<Result<_, LoadError>>()?,
            ),
            _ => return Err(impossible(model, "tokens")),
        };
        Ok(PictureTokens {
            made,
            preview: Tokens::new(self.preview),
            reference: self.reference.check(model, "reference")?,
            words: self.words.check(model, "words")?,
        })
    }
}

impl LikelyMostText {
    pub(super) fn check(&self, model: &str, field: &'static str) -> Result<LikelyMost, LoadError> {
        if self.likely > self.most || self.most > TOKENS_MAX {
            return Err(impossible(model, field));
        }
        Ok(LikelyMost {
            likely: Tokens::new(self.likely),
            most: Tokens::new(self.most),
        })
    }
}

/// Pictures and clips are made by providers, not on a server of the operator's own.
pub(super) fn remote_provider(text: &str) -> Option<Provider> {
    Provider::from_text(text).filter(|provider| *provider != Provider::Local)
}

pub(super) fn possible(model: &str, field: &'static str, tokens: u64) -> Result<Tokens, LoadError> {
    match tokens {
        1..=TOKENS_MAX => Ok(Tokens::new(tokens)),
        _ => Err(impossible(model, field)),
    }
}

pub(super) fn impossible(model: &str, field: &'static str) -> LoadError {
    LoadError::ImpossibleLimit {
        model: model.to_owned(),
        field,
    }
}

pub(super) fn has_twins(values: &[String]) -> bool {
    let twin = |(at, value): (usize, &String)| values[..at].contains(value);
    values.iter().enumerate().any(twin)
}

fn every_choice_has_tokens(model: &ImageModel) -> Result<(), LoadError> {
    let Some(tokens) = &model.tokens else {
        return Ok(());
    };
    let lacks_rule = matches!(tokens.made, MadeTokens::Listed(_)) && model.free_size.is_some();
    if lacks_rule {
        return Err(uncovered(
            &model.id,
            "count of tokens",
            &[Some("free sizes")],
        ));
    }
    let named = |value: &Option<&str>| *value != Some(AUTO);
    for size in or_none(&model.sizes).into_iter().filter(named) {
        for quality in or_none(&model.qualities).into_iter().filter(named) {
            if tokens.made.of(size, quality).is_none() {
                return Err(uncovered(&model.id, "count of tokens", &[size, quality]));
            }
        }
    }
    Ok(())
}
