//! A clip in the making: the provider's id for it, how far it is, and what came of it.

use std::time::Duration;

use bytes::Bytes;

use crate::endpoint::Protocol;
use crate::error::ProviderError;
use crate::event::Usage;

/// The provider's id for a job. It is all that is needed to ask after it, after a restart too.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VideoJobId(pub String);

/// Why there is no job id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct SubmitError {
    /// What happened.
    pub error: ProviderError,
    /// Whether the provider may be making the clip all the same: the request may have left, and
    /// nothing said that it was refused. Asking again could then be billed twice.
    pub may_have_been_sent: bool,
}

/// How far a job is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VideoStatus {
    /// The provider has it, and has not begun.
    Queued,
    /// The provider is making it.
    Running {
        /// How much is done, in thousandths, where the provider says.
        permille: Option<u32>,
    },
    /// It is made.
    Done {
        /// The clips; providers make one.
        clips: Vec<Clip>,
        /// What is billed, where the provider says.
        usage: Option<Usage>,
    },
    /// It will not be made.
    Failed {
        /// Why.
        error: ProviderError,
        /// What is billed all the same, where the provider says.
        usage: Option<Usage>,
    },
    /// The provider declined to make it or to hand it over.
    Blocked {
        /// Why, in the provider's words.
        reason: String,
        /// What is billed all the same, where the provider says.
        usage: Option<Usage>,
    },
    /// The provider no longer has it.
    Expired,
}

impl VideoStatus {
    /// Whether it stays so: there is nothing left to ask.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        !matches!(self, Self::Queued | Self::Running { .. })
    }

    /// The word used in records and in `anyai probe`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running { .. } => "running",
            Self::Done { .. } => "done",
            Self::Failed { .. } => "failed",
            Self::Blocked { .. } => "blocked",
            Self::Expired => "expired",
        }
    }
}

/// A clip that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    /// Where it is.
    pub at: ClipAt,
    /// The media type, where the provider names it.
    pub mime: Option<String>,
    /// How long it runs, where the provider says.
    pub milliseconds: Option<u64>,
}

/// Where a clip is.
#[derive(Clone, PartialEq, Eq)]
pub enum ClipAt {
    /// To be downloaded at once: such links die.
    Link(String),
    /// Here.
    Bytes(Bytes),
}

impl std::fmt::Debug for ClipAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Link(url) => f.debug_tuple("Link").field(url).finish(),
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
        }
    }
}

impl Protocol {
    /// How long to wait before asking after a job again, `polls` times having been asked.
    #[must_use]
    pub const fn poll_wait(self, polls: u32) -> Duration {
        let seconds = match (self, polls) {
            // xAI's own client asks every second.
            (Self::Videos, 0..20) => 2,
            (Self::Videos, _) => 5,
            (_, 0..12) => 5,
            _ => 10,
        };
        Duration::from_secs(seconds)
    }

    /// Whether a job of this protocol can be called off.
    #[must_use]
    pub const fn can_cancel_video(self) -> bool {
        matches!(self, Self::Interactions)
    }
}
