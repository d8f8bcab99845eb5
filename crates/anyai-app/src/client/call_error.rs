//! Why a call brought no answer, and what that says about whether it was acted on.

use anyai_wire::{Code, WireError};
use http::StatusCode;

use crate::transport::{Delivery, TransportError};

/// Why a call failed.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// No answer came.
    #[error(transparent)]
    NoAnswer(TransportError),
    /// The server said no, or something on the way to it did.
    #[error("{error} (HTTP {})", status.as_u16())]
    Refused {
        status: StatusCode,
        error: WireError,
        /// It said so in a studio server's own words.
        own_words: bool,
    },
    /// There is no way to the server: it could not be started, or its token is missing.
    #[error(transparent)]
    NoLink(WireError),
    /// Something answered that is no studio server; what it did is unknown.
    #[error(transparent)]
    Foreign(WireError),
    /// The request cannot be written down, so it was never sent.
    #[error(transparent)]
    Unwritable(WireError),
}

impl CallError {
    pub(crate) fn refused(status: StatusCode, body: &[u8]) -> Self {
        let spoken: Option<WireError> = serde_json::from_slice(body).ok();
        let own_words = spoken.is_some();
        let error = spoken.unwrap_or_else(|| foreign(status));
        Self::Refused {
            status,
            error,
            own_words,
        }
    }

    pub(crate) fn not_a_studio(why: &str) -> Self {
        let error = WireError::new(
            Code::ServerNotAStudio,
            format!("that address is no studio server this program understands: {why}"),
        );
        Self::Foreign(error)
    }

    pub(crate) fn unwritable() -> Self {
        Self::Unwritable(WireError::new(
            Code::BadRequest,
            "the request cannot be written",
        ))
    }

    /// Whether the server surely did not act on the request.
    pub(crate) fn surely_not_done(&self) -> bool {
        match self {
            Self::NoAnswer(error) => error.delivery == Delivery::NotSent,
            Self::NoLink(_) | Self::Unwritable(_) => true,
            Self::Foreign(_) => false,
            Self::Refused {
                status,
                error,
                own_words,
            } => *own_words && (status.is_client_error() || is_said_before_anything(error.code)),
        }
    }

    /// Whether the server looked the turn up and did not have it. What is said of the token or of the
    /// size is said before that.
    pub(crate) fn looked_the_turn_up(&self) -> bool {
        let before = [StatusCode::FORBIDDEN, StatusCode::PAYLOAD_TOO_LARGE];
        match self {
            Self::Refused {
                status, own_words, ..
            } => *own_words && self.is_final() && !before.contains(status),
            _ => false,
        }
    }

    /// Whether the server says that it knows no such turn.
    pub(crate) fn is_no_such_turn(&self) -> bool {
        self.is_final() && self.code() == Some(Code::TurnNotFound)
    }

    /// Whether a turn that was to be stopped has ended by itself.
    pub(crate) fn is_turn_finished(&self) -> bool {
        self.is_final() && self.code() == Some(Code::TurnFinished)
    }

    const fn code(&self) -> Option<Code> {
        match self {
            Self::Refused { error, .. } => Some(error.code),
            _ => None,
        }
    }

    /// Whether it was the content that was refused: the same request will never be accepted.
    pub(crate) fn is_final(&self) -> bool {
        let passing = [
            StatusCode::UNAUTHORIZED,
            StatusCode::REQUEST_TIMEOUT,
            StatusCode::TOO_MANY_REQUESTS,
        ];
        match self {
            Self::Refused {
                status,
                error,
                own_words: true,
            } => {
                is_of_the_provider(error.code)
                    || (status.is_client_error() && !passing.contains(status))
            }
            // A proxy on the way that takes nothing so large never passes it on.
            Self::Refused { status, .. } => *status == StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unwritable(_) => true,
            Self::NoAnswer(_) | Self::NoLink(_) | Self::Foreign(_) => false,
        }
    }

    /// Whether it may pass when tried again in a moment: a fault of the server or of a proxy.
    pub(crate) fn is_a_servers_fault(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if status.is_server_error())
    }

    /// Whether the server was not heard: the app is offline.
    pub(crate) fn is_offline(&self) -> bool {
        match self {
            Self::NoAnswer(_) | Self::NoLink(_) | Self::Foreign(_) => true,
            Self::Unwritable(_) => false,
            Self::Refused { error, .. } => matches!(
                error.code,
                Code::TokenRejected | Code::ServerNotAStudio | Code::ServerUnreachable
            ),
        }
    }
}

impl From<TransportError> for CallError {
    fn from(error: TransportError) -> Self {
        Self::NoAnswer(error)
    }
}

impl From<CallError> for WireError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::NoAnswer(error) => Self::new(Code::ServerUnreachable, error.to_string()),
            CallError::Refused { error, .. }
            | CallError::NoLink(error)
            | CallError::Foreign(error)
            | CallError::Unwritable(error) => error,
        }
    }
}

/// What is told of a provider in answer to a post was told before anything was held: once a turn is
/// held, its provider's failure is the turn's own and comes with its events.
const fn is_of_the_provider(code: Code) -> bool {
    matches!(
        code,
        Code::ProviderKeyRejected
            | Code::ProviderPermission
            | Code::ProviderNotFound
            | Code::ProviderInvalidRequest
            | Code::ProviderRateLimited
            | Code::ProviderQuotaExhausted
            | Code::ProviderOverloaded
            | Code::ProviderFailed
            | Code::ProviderTimeout
            | Code::ProviderUnreachable
            | Code::ProviderMalformed
    )
}

/// Whether a server that failed so had not begun: it looks for the key and for room on its disk
/// first. After any other fault of its own the request may have been carried out.
const fn is_said_before_anything(code: Code) -> bool {
    is_of_the_provider(code)
        || matches!(
            code,
            Code::DiskFull | Code::KeychainAbsent | Code::KeychainLocked | Code::KeychainFailed
        )
}

/// An answer that is not in our words comes from something before the server, or instead of it.
fn foreign(status: StatusCode) -> WireError {
    let (code, what) = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            (Code::TokenRejected, "the access token was refused")
        }
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => {
            (
                Code::ServerUnreachable,
                "the studio server cannot be reached",
            )
        }
        _ => (
            Code::ServerNotAStudio,
            "that address is no studio server this program understands",
        ),
    };
    WireError::new(code, format!("{what} (HTTP {})", status.as_u16()))
}
