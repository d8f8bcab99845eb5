//! How many tokens a picture is, for models that bill pictures by the token.

use anyai_units::Tokens;

use crate::image::PixelSize;

/// How many tokens pictures are, going in and coming out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureTokens {
    /// Of a finished picture.
    pub made: MadeTokens,
    /// Of one preview of a picture.
    pub preview: Tokens,
    /// Of one reference picture.
    pub reference: LikelyMost,
    /// Of words the model writes for each picture: thinking, a caption, a better prompt.
    pub words: LikelyMost,
}

/// Tokens that no rule foretells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LikelyMost {
    /// As seen.
    pub likely: Tokens,
    /// What ceilings count on.
    pub most: Tokens,
}

/// How many tokens a finished picture is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MadeTokens {
    /// As listed by size and quality.
    Listed(Vec<ListedTokens>),
    /// By the rule of gpt-image-2 and later, which holds for every size.
    Grid(Vec<GridCells>),
}

/// A row of a token table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedTokens {
    /// The size; `None` is any.
    pub size: Option<String>,
    /// The quality; `None` is any.
    pub quality: Option<String>,
    /// A picture's tokens.
    pub tokens: Tokens,
}

/// How finely a quality divides a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridCells {
    /// The quality.
    pub quality: String,
    /// Cells along the longer side.
    pub long_edge: u32,
}

impl MadeTokens {
    /// The tokens of a picture; `None` where the size or the quality has none.
    #[must_use]
    pub fn of(&self, size: Option<&str>, quality: Option<&str>) -> Option<Tokens> {
        let fits = |line: Option<&str>, asked| line.is_none() || line == asked;
        match self {
            Self::Listed(rows) => rows
                .iter()
                .find(|row| {
                    fits(row.size.as_deref(), size) && fits(row.quality.as_deref(), quality)
                })
                .map(|row| row.tokens),
            Self::Grid(rows) => {
                let size = PixelSize::parse(size?)?;
                let row = rows
                    .iter()
                    .find(|row| Some(row.quality.as_str()) == quality)?;
                Some(grid_tokens(size, row.long_edge))
            }
        }
    }
}

/// The cells along the longer side are the quality's, those along the shorter in proportion, to the
/// nearest; each cell is half a token and a quarter of one for every million pixels. Rounded up.
fn grid_tokens(size: PixelSize, long_edge_cells: u32) -> Tokens {
    let (long, short) = (
        u64::from(size.long_edge().max(1)),
        u64::from(size.short_edge()),
    );
    let across = u64::from(long_edge_cells);
    // To the nearest, halves up.
    let down = (2 * across * short + long) / (2 * long);
    let cells = across * down;
    Tokens::new((cells * (2_000_000 + size.pixels())).div_ceil(4_000_000))
}
