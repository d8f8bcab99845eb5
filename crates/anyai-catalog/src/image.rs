//! A model that makes pictures: which knobs it has, and what is asked of it.

use anyai_units::{Tokens, UtcMillis};

use crate::knob::{AskRefusal, Knob, choice, count_within};
use crate::model::{Api, ModelId, Provider};
use crate::picture_tokens::PictureTokens;

/// The word of a size or a quality that leaves the choice to the provider.
pub(crate) const AUTO: &str = "auto";
/// The background that only some formats can hold.
const TRANSPARENT: &str = "transparent";
const FORMAT_WITHOUT_TRANSPARENCY: &str = "jpeg";
/// Previews of each picture at most: each costs about a hundred tokens.
const PREVIEWS_MAX: u32 = 2;

/// A model that makes pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageModel {
    /// Its id, here and at the provider.
    pub id: ModelId,
    /// Its name for people.
    pub label: String,
    /// Who runs it.
    pub provider: Provider,
    /// The protocol that reaches it.
    pub api: Api,
    /// The most pictures of one turn.
    pub count_max: u32,
    /// The sizes, default first; empty where there is nothing to choose.
    pub sizes: Vec<String>,
    /// Which other sizes it takes.
    pub free_size: Option<FreeSize>,
    /// The aspects, default first; empty where the size says it or nothing does.
    pub aspects: Vec<String>,
    /// The qualities, least first; empty where there is nothing to choose.
    pub qualities: Vec<String>,
    /// What the studio sends while the knob is untouched; one of `qualities`.
    pub quality_default: Option<String>,
    /// The backgrounds, default first; empty where there is nothing to choose.
    pub backgrounds: Vec<String>,
    /// The file formats, default first; empty where there is nothing to choose.
    pub formats: Vec<String>,
    /// The most reference pictures.
    pub references_max: u32,
    /// Whether one picture may be made anew in part.
    pub takes_mask: bool,
    /// The most previews of each picture; 0 where it shows none.
    pub previews_max: u32,
    /// The longest prompt, in characters.
    pub prompt_chars_max: u32,
    /// What a picture counts, where tokens are billed; `None` where pictures are.
    pub tokens: Option<PictureTokens>,
    /// When the provider shuts it down, if announced.
    pub shuts_down_at: Option<UtcMillis>,
    /// What it is good at, in one short sentence.
    pub strengths: String,
}

/// Sizes a model takes beside those it lists: any width and height within these bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreeSize {
    /// Both sides are multiples of it.
    pub multiple_of: u32,
    /// The longer side is at most this many times the shorter.
    pub ratio_max: u32,
    /// The longer side at most.
    pub long_edge_max: u32,
    /// The shorter side at most.
    pub short_edge_max: u32,
}

/// A width and a height in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PixelSize {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// What is asked of a model that makes pictures. `None` is its default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageAsk {
    /// How many pictures.
    pub count: u32,
    /// Like `1024x1024` or `2k`.
    pub size: Option<String>,
    /// Like `16:9`.
    pub aspect: Option<String>,
    /// Like `high`.
    pub quality: Option<String>,
    /// Like `transparent`.
    pub background: Option<String>,
    /// Like `png`.
    pub format: Option<String>,
    /// The reference pictures.
    pub references: Vec<PixelSize>,
    /// Whether a mask comes with them.
    pub mask: bool,
    /// The prompt, as counted.
    pub prompt: Tokens,
    /// Previews of each picture.
    pub previews: u32,
}

impl ImageModel {
    /// Whether the provider still serves it at this instant.
    #[must_use]
    pub fn is_served(&self, at: UtcMillis) -> bool {
        self.shuts_down_at.is_none_or(|end| at < end)
    }

    /// How many previews of each picture the studio asks for.
    #[must_use]
    pub const fn previews(&self) -> u32 {
        if self.previews_max < PREVIEWS_MAX {
            self.previews_max
        } else {
            PREVIEWS_MAX
        }
    }

    /// One picture with every knob untouched.
    #[must_use]
    pub fn default_ask(&self, prompt: Tokens) -> ImageAsk {
        ImageAsk {
            count: 1,
            prompt,
            ..ImageAsk::default()
        }
    }
}

impl ImageAsk {
    /// The same ask with every default filled in, and every knob known to be one of the model's.
    ///
    /// # Errors
    /// An [`AskRefusal`] that names the first knob the model does not take so.
    pub fn resolve(&self, model: &ImageModel) -> Result<Self, AskRefusal> {
        let id = &model.id;
        count_within(id, Knob::Count, self.count, 1, model.count_max)?;
        let given = u32::try_from(self.references.len()).unwrap_or(u32::MAX);
        count_within(id, Knob::References, given, 0, model.references_max)?;
        count_within(id, Knob::Previews, self.previews, 0, model.previews_max)?;
        if self.mask && !(model.takes_mask && given > 0) {
            return Err(AskRefusal::new(id, Knob::Mask, "a mask", "none here"));
        }
        let asked = Self {
            size: self.resolved_size(model)?,
            aspect: choice(id, Knob::Aspect, self.aspect.as_deref(), &model.aspects)?,
            quality: match &self.quality {
                None => model.quality_default.clone(),
                asked => choice(id, Knob::Quality, asked.as_deref(), &model.qualities)?,
            },
            background: choice(
                id,
                Knob::Background,
                self.background.as_deref(),
                &model.backgrounds,
            )?,
            format: choice(id, Knob::Format, self.format.as_deref(), &model.formats)?,
            ..self.clone()
        };
        if asked.background.as_deref() == Some(TRANSPARENT)
            && asked.format.as_deref() == Some(FORMAT_WITHOUT_TRANSPARENCY)
        {
            let takes = "png or webp for a transparent background";
            return Err(AskRefusal::new(
                id,
                Knob::Format,
                FORMAT_WITHOUT_TRANSPARENCY,
                takes,
            ));
        }
        Ok(asked)
    }

    fn resolved_size(&self, model: &ImageModel) -> Result<Option<String>, AskRefusal> {
        let asked = self.size.as_deref();
        let free = asked.and_then(PixelSize::parse);
        match (free, model.free_size) {
            (Some(size), Some(free)) if free.takes(size) => Ok(Some(size.to_string())),
            _ => choice(&model.id, Knob::Size, asked, &model.sizes),
        }
    }
}

impl FreeSize {
    /// Whether the model takes it.
    #[must_use]
    pub const fn takes(&self, size: PixelSize) -> bool {
        let (long, short) = (size.long_edge(), size.short_edge());
        short > 0
            && size.width.is_multiple_of(self.multiple_of)
            && size.height.is_multiple_of(self.multiple_of)
            && long <= self.long_edge_max
            && short <= self.short_edge_max
            && long as u64 <= short as u64 * self.ratio_max as u64
    }

    /// The largest square it takes, which has the most tokens: for one shorter side, cells fall
    /// faster than pixels rise as the longer one grows.
    #[must_use]
    pub const fn dearest(&self) -> PixelSize {
        let side = self.short_edge_max - self.short_edge_max % self.multiple_of;
        PixelSize {
            width: side,
            height: side,
        }
    }
}

impl PixelSize {
    /// Reads `1024x1536`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (width, height) = text.split_once('x')?;
        let side = |text: &str| {
            let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| text.parse().ok()).flatten()
        };
        Some(Self {
            width: side(width)?,
            height: side(height)?,
        })
    }

    /// The longer side.
    #[must_use]
    pub const fn long_edge(self) -> u32 {
        if self.width > self.height {
            self.width
        } else {
            self.height
        }
    }

    /// The shorter side.
    #[must_use]
    pub const fn short_edge(self) -> u32 {
        if self.width > self.height {
            self.height
        } else {
            self.width
        }
    }

    /// Width times height.
    #[must_use]
    pub const fn pixels(self) -> u64 {
        self.width as u64 * self.height as u64
    }
}

/// Like `1024x1536`.
impl std::fmt::Display for PixelSize {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width, self.height)
    }
}
