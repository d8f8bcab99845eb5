//! How many tokens a picture is, from its size in pixels alone, by formulas that are data.
//!
//! Each gives what is likely and a bound.

use serde::Deserialize;

use crate::families::{Bounded, FamiliesError};

/// A picture's size as it will be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ImageSize {
    /// Its width.
    pub width_px: u32,
    /// Its height.
    pub height_px: u32,
}

/// A provider's formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ImageRule {
    /// OpenAI's tiles.
    OpenAiTiles,
    /// OpenAI's patches, on small models.
    OpenAiPatchesSmall,
    /// OpenAI's patches.
    OpenAiPatchesLarge,
    /// Claude up to 4.6.
    ClaudeSmall,
    /// Claude from 4.7.
    ClaudeLarge,
    /// Gemini's tiles.
    GeminiTiles,
    /// Grok's tiles.
    GrokTiles,
    /// Not known: the dearest of others.
    Unknown,
}

impl ImageRule {
    /// Every rule of its own, in the order of the data file.
    const OWN: [(Self, &'static str); 7] = [
        (Self::OpenAiTiles, "openai-tiles"),
        (Self::OpenAiPatchesSmall, "openai-patches-small"),
        (Self::OpenAiPatchesLarge, "openai-patches-large"),
        (Self::ClaudeSmall, "claude-small"),
        (Self::ClaudeLarge, "claude-large"),
        (Self::GeminiTiles, "gemini-tiles"),
        (Self::GrokTiles, "grok-tiles"),
    ];
}

/// The formulas of every rule.
#[derive(Clone, Debug)]
pub(crate) struct Pictures {
    rules: Vec<Formula>,
    /// Places of those that stand for an unknown one.
    unknown: Vec<usize>,
}

impl Pictures {
    pub(crate) fn embedded() -> Result<Self, FamiliesError> {
        let text: PicturesText =
            toml::from_str(include_str!("../data/pictures.toml")).map_err(|error| {
                FamiliesError::Malformed {
                    reason: error.to_string(),
                }
            })?;
        let place = |name: &str| ImageRule::OWN.iter().position(|(_, own)| *own == name);
        for (at, (_, name)) in ImageRule::OWN.iter().enumerate() {
            let found = text.rule.get(at).is_some_and(|rule| rule.name == *name);
            found
                .then_some(())
                .ok_or(FamiliesError::Missing { family: name })?;
        }
        let unknown: Option<Vec<usize>> = text.unknown.iter().map(|name| place(name)).collect();
        Ok(Self {
            rules: text.rule,
            unknown: unknown.ok_or(FamiliesError::Missing { family: "unknown" })?,
        })
    }

    pub(crate) fn count(&self, rule: ImageRule, size: ImageSize) -> Bounded {
        let own = ImageRule::OWN.iter().position(|(own, _)| *own == rule);
        match own.and_then(|at| self.rules.get(at)) {
            Some(formula) => formula.count(size),
            None => self.dearest(size),
        }
    }

    fn dearest(&self, size: ImageSize) -> Bounded {
        let stand_in = self.unknown.iter().filter_map(|at| self.rules.get(*at));
        let counts: Vec<Bounded> = stand_in.map(|formula| formula.count(size)).collect();
        let likely = counts.iter().map(|count| count.expected.likely.count());
        let upper = counts.iter().map(|count| count.upper.count());
        Bounded::exact(likely.max().unwrap_or(0), upper.max().unwrap_or(0))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PicturesText {
    unknown: Vec<String>,
    rule: Vec<Formula>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Formula {
    name: String,
    fit_px: Option<u64>,
    short_px: Option<u64>,
    small: Option<Small>,
    side_px: u64,
    pieces_max: Option<u64>,
    #[serde(default)]
    base: u64,
    piece_permille: u64,
    upper: Upper,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Small {
    px: u64,
    likely: u64,
    upper: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Upper {
    piece_permille: u64,
    #[serde(default)]
    pieces_min: u64,
    pieces_max: Option<u64>,
    #[serde(default)]
    tokens_more: u64,
    #[serde(default)]
    tokens_min: u64,
    tokens_max: Option<u64>,
    crop_px: Option<(u64, u64)>,
}

impl Formula {
    fn count(&self, size: ImageSize) -> Bounded {
        let (width, height) = (
            u64::from(size.width_px.max(1)),
            u64::from(size.height_px.max(1)),
        );
        if let Some(small) = &self.small
            && width.max(height) <= small.px
        {
            return Bounded::exact(small.likely, small.upper);
        }
        let (width, height) = self.shrunk(width, height);
        let pieces = pieces(width, height, self.side_px);
        let likely = pieces.min(self.pieces_max.unwrap_or(u64::MAX));
        let likely = self
            .base
            .saturating_add(tokens(likely, self.piece_permille));
        Bounded::exact(likely, self.bound(pieces, width, height))
    }

    fn bound(&self, pieces: u64, width: u64, height: u64) -> u64 {
        let upper = &self.upper;
        let cropped = upper.crop_px.map_or(0, |(least, most)| {
            let unit = (width.min(height) * 2 / 3).clamp(least, most);
            self::pieces(width, height, unit)
        });
        let pieces = pieces.max(cropped).max(upper.pieces_min);
        let pieces = pieces.min(upper.pieces_max.unwrap_or(u64::MAX));
        let bound = self
            .base
            .saturating_add(tokens(pieces, upper.piece_permille));
        let bound = bound
            .saturating_add(upper.tokens_more)
            .max(upper.tokens_min);
        bound.min(upper.tokens_max.unwrap_or(u64::MAX))
    }

    fn shrunk(&self, width: u64, height: u64) -> (u64, u64) {
        let fit = |(width, height): (u64, u64), edge: u64, most: Option<u64>| {
            let Some(most) = most.filter(|most| edge > *most) else {
                return (width, height);
            };
            // Rounded up: a pixel more never makes fewer pieces.
            let scale = |side: u64| (side * most).div_ceil(edge).max(1);
            (scale(width), scale(height))
        };
        let (width, height) = fit((width, height), width.max(height), self.fit_px);
        fit((width, height), width.min(height), self.short_px)
    }
}

/// Squares that cover the picture.
fn pieces(width: u64, height: u64, side: u64) -> u64 {
    width.div_ceil(side).saturating_mul(height.div_ceil(side))
}

/// Rounded up.
fn tokens(pieces: u64, permille: u64) -> u64 {
    pieces.saturating_mul(permille).div_ceil(1_000)
}
