//! A clip as every protocol can be asked for it: what the gateway asks for, before any wire shape.

use anyai_units::Tokens;
use bytes::Bytes;

use crate::request::Image;

/// A clip to make. Knobs hold the provider's own words; what is left out is its default, and one the
/// protocol cannot say is refused before anything is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VideoRequest {
    /// The provider's own model id.
    pub model: String,
    /// What is to happen in it.
    pub prompt: String,
    /// What it is made from.
    pub task: VideoTask,
    /// How long it runs, or how much longer; an edit runs as long as what it edits.
    pub seconds: u32,
    /// Like `720p`.
    pub resolution: Option<String>,
    /// Like `16:9`.
    pub aspect: Option<String>,
    /// Whether it has sound, where that can be chosen.
    pub sound: Option<bool>,
    /// Makes the same prompt come out alike, where the model takes one.
    pub seed: Option<u32>,
    /// The picture it begins with.
    pub first_frame: Option<Image>,
    /// The picture it ends with.
    pub last_frame: Option<Image>,
    /// Pictures of what is to be seen in it.
    pub references: Vec<Image>,
    /// The clip to change or to continue.
    pub source: Option<VideoSource>,
    /// The most it may cost in output tokens, where the protocol has a word for that.
    pub max_output_tokens: Option<Tokens>,
    /// An opaque hash of the person, for providers that ask who is behind a request.
    pub end_user: Option<String>,
}

impl VideoRequest {
    /// A clip from words alone, with every other knob at the provider's default.
    #[must_use]
    pub fn new(model: impl Into<String>, prompt: impl Into<String>, seconds: u32) -> Self {
        Self {
            model: model.into(),
            prompt: prompt.into(),
            task: VideoTask::Text,
            seconds,
            resolution: None,
            aspect: None,
            sound: None,
            seed: None,
            first_frame: None,
            last_frame: None,
            references: Vec::new(),
            source: None,
            max_output_tokens: None,
            end_user: None,
        }
    }
}

/// What a clip is made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VideoTask {
    /// Words.
    Text,
    /// A first frame, perhaps a last one.
    Image,
    /// Pictures of what is to be seen in it.
    Reference,
    /// A clip, changed.
    Edit,
    /// A clip, continued.
    Extend,
}

/// A clip to work from.
#[derive(Clone, PartialEq, Eq)]
pub enum VideoSource {
    /// The file itself.
    Bytes {
        /// The media type, like `video/mp4`.
        mime: String,
        /// The file.
        bytes: Bytes,
    },
    /// Where the provider finds it.
    Url(String),
}

impl std::fmt::Debug for VideoSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes { mime, bytes } => write!(f, "Bytes({mime}, {} bytes)", bytes.len()),
            // It may be signed.
            Self::Url(_) => f.write_str("Url"),
        }
    }
}
