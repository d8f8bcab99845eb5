//! What can go wrong: before sending (`BuildError`), and at or on the way to a provider (`ProviderError`).

use std::fmt;

use crate::endpoint::Protocol;

/// The kind of a provider's failure; it decides what a person is told and whether to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The key is missing, wrong or revoked.
    Auth,
    /// The key is good but may not do this.
    Permission,
    /// No such model or address.
    NotFound,
    /// The provider does not accept the request as it is.
    InvalidRequest,
    /// The conversation is longer than the model's window.
    ContextOverflow,
    /// The provider declined the content.
    ContentRefused,
    /// Too many requests; later works.
    RateLimited,
    /// The account is out of money or quota; later does not work.
    QuotaExhausted,
    /// The provider has no capacity now.
    Overloaded,
    /// The provider broke.
    Server,
    /// Nothing came for too long.
    Timeout,
    /// The provider could not be reached, or the connection broke.
    Network,
    /// The answer is not what the protocol says.
    Malformed,
}

impl ErrorClass {
    /// The word used in records and in `anyai probe`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Permission => "permission",
            Self::NotFound => "not_found",
            Self::InvalidRequest => "invalid_request",
            Self::ContextOverflow => "context_overflow",
            Self::ContentRefused => "content_refused",
            Self::RateLimited => "rate_limited",
            Self::QuotaExhausted => "quota_exhausted",
            Self::Overloaded => "overloaded",
            Self::Server => "server",
            Self::Timeout => "timeout",
            Self::Network => "network",
            Self::Malformed => "malformed",
        }
    }
}

impl fmt::Display for ErrorClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A provider's failure. The message never holds the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{class}: {message}")]
pub struct ProviderError {
    /// What kind.
    pub class: ErrorClass,
    /// The provider's words, or ours when it said nothing readable.
    pub message: String,
    /// The HTTP status, when there was one.
    pub http_status: Option<u16>,
    /// How long the provider asks to wait.
    pub retry_after_ms: Option<u64>,
}

impl ProviderError {
    /// A failure with no HTTP answer behind it.
    #[must_use]
    pub fn new(class: ErrorClass, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
            http_status: None,
            retry_after_ms: None,
        }
    }
}

/// Why a request cannot be made at all; nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// The address is not a usable one.
    #[error("{address:?} is not a provider's base URL: {reason}")]
    BaseUrl {
        /// What was given, without user name or password.
        address: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The key cannot be put in a header.
    #[error(
        "the key has characters no provider key has (a line break, a space or a control character)"
    )]
    Key,
    /// The model id is empty or cannot be put in a URL.
    #[error("a model id is needed")]
    Model,
    /// The protocol or the server has no place for such a file.
    #[error("{name:?} cannot be sent: this provider reads no PDF files")]
    Document {
        /// The file's name.
        name: String,
    },
    /// The protocol is for something else.
    #[error("the protocol {} does not make that", .0.as_str())]
    Protocol(Protocol),
    /// The provider has no place for something that was asked for.
    #[error("this provider takes no {0}")]
    Knob(&'static str),
    /// A shorter limit is refused by the provider, and a longer one is not held for.
    #[error(
        "an answer of at most {asked} tokens cannot be asked for: this provider's least is {least}"
    )]
    OutputLimit {
        /// The limit that was asked for.
        asked: u64,
        /// The least the provider takes.
        least: u64,
    },
    /// What is to be made needs something that is not there.
    #[error("{0} is needed for this")]
    Missing(&'static str),
    /// Stored provider state is not one JSON value.
    #[error("the provider state stored with this conversation is damaged")]
    OpaqueState,
}
