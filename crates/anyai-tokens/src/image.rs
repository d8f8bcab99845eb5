//! How many tokens a picture is, from its size in pixels alone.
//!
//! Each rule gives what is likely and a bound. Where a provider's formula is not published, the
//! bound is the dearest reading of it.

use crate::families::Bounded;

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
    /// OpenAI: fit 2,048 square, short side to 768, 512-pixel tiles.
    OpenAiTiles,
    /// OpenAI: 32-pixel patches, at most 1,536 of them.
    OpenAiPatchesSmall,
    /// OpenAI: 32-pixel patches, at most 10,000 of them.
    OpenAiPatchesLarge,
    /// Claude up to 4.6: 28-pixel patches, long edge at most 1,568, at most 1,568 tokens.
    ClaudeSmall,
    /// Claude from 4.7: 28-pixel patches, long edge at most 2,576, at most 4,784 tokens.
    ClaudeLarge,
    /// Gemini: 258 for a small picture, else 258 a tile.
    GeminiTiles,
    /// Grok: 256 for each 448-pixel tile, and one more.
    GrokTiles,
    /// Not known: the dearest of the others.
    Unknown,
}

impl ImageRule {
    /// The tokens of a picture of this size.
    #[must_use]
    pub fn count(self, size: ImageSize) -> Bounded {
        let (width, height) = (
            u64::from(size.width_px.max(1)),
            u64::from(size.height_px.max(1)),
        );
        match self {
            Self::OpenAiTiles => openai_tiles(width, height),
            Self::OpenAiPatchesSmall => {
                // Documented multipliers of small models are 1.62 (mini) and 2.46 (nano).
                let patches = patches(width, height, 32, 1_536);
                Bounded::exact(
                    patches.saturating_mul(162).div_ceil(100),
                    patches.saturating_mul(246).div_ceil(100),
                )
            }
            Self::OpenAiPatchesLarge => {
                // Users measured a fifth more than one token a patch.
                let (likely, upper) = (
                    patches(width, height, 32, 2_500),
                    patches(width, height, 32, 10_000),
                );
                Bounded::exact(likely, upper.saturating_mul(12).div_ceil(10))
            }
            Self::ClaudeSmall => claude(width, height, 1_568, 1_568),
            Self::ClaudeLarge => claude(width, height, 2_576, 4_784),
            Self::GeminiTiles => gemini(width, height),
            Self::GrokTiles => {
                let tiles = width
                    .div_ceil(448)
                    .saturating_mul(height.div_ceil(448))
                    .min(6)
                    + 1;
                Bounded::exact(tiles * 256, 7 * 256)
            }
            Self::Unknown => {
                let others = [
                    Self::OpenAiPatchesLarge,
                    Self::ClaudeLarge,
                    Self::GeminiTiles,
                ];
                let counts = others.map(|rule| rule.count(size));
                let likely = counts
                    .iter()
                    .map(|count| count.expected.likely.count())
                    .max();
                let upper = counts.iter().map(|count| count.upper.count()).max();
                Bounded::exact(likely.unwrap_or(0), upper.unwrap_or(0))
            }
        }
    }
}

/// Square patches that cover the picture, and never more than the provider shrinks it to.
fn patches(width: u64, height: u64, side: u64, most: u64) -> u64 {
    width
        .div_ceil(side)
        .saturating_mul(height.div_ceil(side))
        .min(most)
}

/// Base and price of a tile differ by model: 85 + 170 is likely, 85 + 8 x 170 the published cap.
fn openai_tiles(width: u64, height: u64) -> Bounded {
    let (mut width, mut height) = fit_long_edge(width, height, 2_048);
    let short = width.min(height);
    if short > 768 {
        // Rounded up: a pixel more never makes fewer tiles.
        width = (width * 768).div_ceil(short);
        height = (height * 768).div_ceil(short);
    }
    let tiles = width.div_ceil(512) * height.div_ceil(512);
    Bounded::exact(85 + 170 * tiles, 85 + 170 * tiles.max(8))
}

fn claude(width: u64, height: u64, long_edge: u64, most: u64) -> Bounded {
    let (width, height) = fit_long_edge(width, height, long_edge);
    let likely = patches(width, height, 28, most);
    // The older published rule is area / 750, which is within 5 % of this one.
    Bounded::exact(likely, (likely + likely.div_ceil(20) + 8).min(most + 8))
}

fn gemini(width: u64, height: u64) -> Bounded {
    if width.max(height) <= 384 {
        return Bounded::exact(258, 1_120);
    }
    let tiles = width.div_ceil(768).saturating_mul(height.div_ceil(768));
    // Another reading crops in units of two thirds of the short side, held between 256 and 768.
    let unit = (width.min(height) * 2 / 3).clamp(256, 768);
    let cropped = width.div_ceil(unit).saturating_mul(height.div_ceil(unit));
    // Generation 3 spends a fixed 1,120 at its default resolution.
    Bounded::exact(
        tiles.saturating_mul(258),
        tiles.max(cropped).saturating_mul(258).max(1_120),
    )
}

fn fit_long_edge(width: u64, height: u64, most: u64) -> (u64, u64) {
    let long = width.max(height);
    if long <= most {
        return (width, height);
    }
    let scale = |edge: u64| (edge * most).div_ceil(long).max(1);
    (scale(width), scale(height))
}
