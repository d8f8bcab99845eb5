//! One chat turn as every protocol can say it: what the gateway asks for, before any wire shape.

use std::borrow::Cow;

use anyai_units::Tokens;
use bytes::Bytes;

use crate::document::{Document, framed};
use crate::endpoint::Protocol;
use crate::media_type::media_type_of;

/// One chat turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatRequest {
    /// The provider's own model id.
    pub model: String,
    /// Standing instructions.
    pub system: Option<String>,
    /// The branch, oldest first, ending with what the person just wrote.
    pub messages: Vec<Message>,
    /// The most the answer may cost in output tokens, thinking included. It is always sent: it is
    /// what makes a hold true.
    pub max_output_tokens: Tokens,
    /// How much the model should think.
    pub thinking: Thinking,
    /// Whether the model may think when nothing is said of it: then its thoughts are asked for, to be
    /// sent back with the next turn.
    pub may_think: bool,
    /// A stable name for the conversation, for providers that route by it to a warm cache.
    pub cache_key: Option<String>,
    /// Ask for the conversation to be written to the provider's cache where that must be asked for
    /// and is billed apart (Anthropic, also behind OpenRouter: a five-minute write).
    pub write_cache: bool,
    /// An opaque hash of the person, for providers that ask who is behind a request.
    pub end_user: Option<String>,
}

impl ChatRequest {
    /// A request that says one thing, with every knob at the provider's default.
    #[must_use]
    pub fn new(
        model: impl Into<String>,
        prompt: impl Into<String>,
        max_output_tokens: Tokens,
    ) -> Self {
        Self {
            model: model.into(),
            system: None,
            messages: vec![Message {
                role: Role::User,
                parts: vec![Part::Text(prompt.into())],
            }],
            max_output_tokens,
            thinking: Thinking::ProviderDefault,
            may_think: false,
            cache_key: None,
            write_cache: false,
            end_user: None,
        }
    }
}

/// One side's say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who said it.
    pub role: Role,
    /// What was said, in order.
    pub parts: Vec<Part>,
}

/// Who said it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// A piece of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Words.
    Text(String),
    /// A picture, sent inline.
    Image(Image),
    /// A file to read, sent inline.
    Document(Document),
    /// What the provider gave with an earlier answer and wants back unchanged. It is sent only over
    /// the protocol it came from; any other protocol leaves it out.
    Opaque(OpaqueState),
}

impl Part {
    /// What it says in words; a text file is words too.
    pub(crate) fn words(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Document(Document::Text { name, text }) => Some(framed(name, text)),
            Self::Document(Document::Pdf { .. }) | Self::Image(_) | Self::Opaque(_) => None,
        }
    }
}

/// A picture's bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    /// The media type, like `image/png`.
    pub mime: String,
    /// The file.
    pub bytes: Bytes,
}

impl Image {
    /// A picture of a kind every provider takes (PNG, JPEG, GIF, WebP), told by its first bytes.
    #[must_use]
    pub fn recognised(bytes: Bytes) -> Option<Self> {
        const TAKEN: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];
        let mime = media_type_of(&bytes).filter(|mime| TAKEN.contains(mime))?;
        Some(Self {
            mime: mime.to_owned(),
            bytes,
        })
    }
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({}, {} bytes)", self.mime, self.bytes.len())
    }
}

/// Provider state: signatures and encrypted reasoning, kept byte for byte.
///
/// `bytes` is one JSON value in the protocol's own shape, exactly as the provider wrote it, so that
/// sending it back cannot alter a signed field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpaqueState {
    /// The protocol whose shape the bytes have.
    pub protocol: Protocol,
    /// The JSON text.
    pub bytes: Bytes,
}

/// How much the model should think. The catalogue knows which of these a model takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Thinking {
    /// Say nothing: whatever the provider does.
    #[default]
    ProviderDefault,
    /// Ask for none.
    Off,
    /// Models with named levels.
    Effort(Effort),
    /// Older models that take a number of tokens; it must be below `max_output_tokens`.
    Budget(Tokens),
}

/// A named level of thinking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effort {
    /// The least that still thinks.
    Minimal,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
    /// Above high.
    XHigh,
    /// All there is.
    Max,
}

impl Effort {
    /// The provider's word: `minimal`, `low`, `medium`, `high`, `xhigh` or `max`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::XHigh => "xhigh",
            Self::Max => "max",
        }
    }

    /// The level with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Minimal,
            Self::Low,
            Self::Medium,
            Self::High,
            Self::XHigh,
            Self::Max,
        ]
        .into_iter()
        .find(|effort| effort.as_str() == word)
    }
}
