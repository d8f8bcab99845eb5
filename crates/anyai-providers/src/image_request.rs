//! Pictures as every protocol can be asked for them: what the gateway asks for, before any wire shape.

use anyai_units::Tokens;

use crate::request::Image;

/// Pictures to make. Knobs hold the provider's own words; what is left out is its default, and one
/// the protocol cannot say is refused before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRequest {
    /// The provider's own model id.
    pub model: String,
    /// What is to be seen.
    pub prompt: String,
    /// How many, from 1.
    pub count: u32,
    /// Like `1024x1024` or `2k`.
    pub size: Option<String>,
    /// Like `16:9`, where it is apart from the size.
    pub aspect: Option<String>,
    /// Like `high`.
    pub quality: Option<String>,
    /// `transparent` or `opaque`.
    pub background: Option<String>,
    /// `png`, `jpeg` or `webp`.
    pub format: Option<String>,
    /// Pictures to work from; with any, this is an edit.
    pub references: Vec<Image>,
    /// Where its alpha is zero, the first reference is to be made anew.
    pub mask: Option<Image>,
    /// How many unfinished pictures to show on the way.
    pub previews: u32,
    /// The most it may cost in output tokens, where the protocol has a word for that.
    pub max_output_tokens: Option<Tokens>,
    /// An opaque hash of the person, for providers that ask who is behind a request.
    pub end_user: Option<String>,
}

impl ImageRequest {
    /// One picture of this, with every knob at the provider's default.
    #[must_use]
    pub fn new(model: impl Into<String>, prompt: impl Into<String>) -> Self {
        Self {
            model: model.into(),
            prompt: prompt.into(),
            count: 1,
            size: None,
            aspect: None,
            quality: None,
            background: None,
            format: None,
            references: Vec::new(),
            mask: None,
            previews: 0,
            max_output_tokens: None,
            end_user: None,
        }
    }
}
