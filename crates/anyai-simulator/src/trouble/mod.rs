//! Refusals before the first byte of an answer.

mod shapes;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use crate::fault::Fault;
use crate::provider::Provider;

/// Why a request is not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    MissingKey,
    WrongKey,
    Forbidden,
    UnknownModel {
        model: String,
    },
    UnknownPath,
    BadRequest {
        message: String,
        param: Option<&'static str>,
    },
    /// A bad request with a code of its own.
    BadParameter {
        code: &'static str,
        /// OpenAI's type of error.
        kind: &'static str,
        message: String,
        param: &'static str,
    },
    /// The provider does not want to make what is asked for.
    Moderated,
    /// Any status at all.
    Status {
        status: u16,
        retry_after_s: u32,
    },
    ContextOverflow {
        tokens: u64,
        limit: u64,
    },
    RateLimited {
        retry_after_s: u32,
    },
    QuotaExhausted,
    Overloaded,
    Server,
    Timeout,
}

impl Trouble {
    pub(crate) fn bad_request(message: impl Into<String>, param: &'static str) -> Self {
        Self::BadRequest {
            message: message.into(),
            param: Some(param),
        }
    }

    /// The refusal a fault stands for, if it is one.
    pub(crate) fn from_fault(fault: Fault, model: &str, input_tokens: u64) -> Option<Self> {
        Some(match fault {
            Fault::Overloaded => Self::Overloaded,
            Fault::RateLimited { retry_after_s } => Self::RateLimited { retry_after_s },
            Fault::QuotaExhausted => Self::QuotaExhausted,
            Fault::ServerError => Self::Server,
            Fault::Timeout => Self::Timeout,
            Fault::Unauthorized => Self::WrongKey,
            Fault::Forbidden => Self::Forbidden,
            Fault::UnknownModel => Self::UnknownModel {
                model: model.to_owned(),
            },
            Fault::ContextOverflow => Self::ContextOverflow {
                tokens: input_tokens,
                limit: input_tokens.saturating_sub(1),
            },
            Fault::Status {
                code,
                retry_after_s,
            } => Self::Status {
                status: if (400..600).contains(&code) {
                    code
                } else {
                    500
                },
                retry_after_s,
            },
            Fault::BadRequest => Self::BadRequest {
                message: "A parameter of this request was refused on request.".to_owned(),
                param: Some("prompt"),
            },
            _ => return None,
        })
    }

    /// The answer in the provider's shape.
    pub(crate) fn response(&self, provider: Provider) -> Response {
        let (status, body) = match provider {
            Provider::Anthropic => self.anthropic(),
            Provider::Google => self.google(),
            Provider::XAi => self.xai(),
            Provider::OpenRouter => self.open_router(),
            Provider::LlamaCpp => self.llama_cpp(),
            _ => self.openai(),
        };
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        // Google puts the wait into the body only.
        if let Some(wait_s) = self
            .retry_after_s()
            .filter(|_| provider != Provider::Google)
        {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
        }
        if provider == Provider::Anthropic {
            let retry = if self.is_passing() { "true" } else { "false" };
            headers.insert("x-should-retry", HeaderValue::from_static(retry));
        }
        response
    }

    /// Whether the same request may succeed later.
    const fn is_passing(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::Overloaded | Self::Server | Self::Timeout => true,
            Self::Status { status, .. } => matches!(*status, 408 | 409 | 429 | 500..),
            _ => false,
        }
    }

    /// The wait it asks for.
    const fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::RateLimited { retry_after_s } => Some(*retry_after_s),
            Self::Status {
                retry_after_s: wait_s @ 1..,
                ..
            } => Some(*wait_s),
            _ => None,
        }
    }

    pub(crate) fn message(&self) -> String {
        match self {
            Self::MissingKey => "No API key was provided.".to_owned(),
            Self::WrongKey => "Incorrect API key provided.".to_owned(),
            Self::Forbidden => "This key does not have permission to use this model.".to_owned(),
            Self::UnknownModel { model } => {
                format!("The model `{model}` does not exist or you do not have access to it.")
            }
            Self::UnknownPath => "There is nothing at this address.".to_owned(),
            Self::BadRequest { message, .. } | Self::BadParameter { message, .. } => {
                message.clone()
            }
            Self::Moderated => {
                "Your request was rejected as a result of our safety system.".to_owned()
            }
            Self::Status { status, .. } => format!("Refused with status {status}."),
            Self::ContextOverflow { tokens, limit } => {
                format!("prompt is too long: {tokens} tokens > {limit} maximum")
            }
            Self::RateLimited { retry_after_s } => {
                format!("Rate limit reached. Please try again in {retry_after_s}s.")
            }
            Self::QuotaExhausted => {
                "You exceeded your current quota, please check your plan and billing details."
                    .to_owned()
            }
            Self::Overloaded => "Overloaded".to_owned(),
            Self::Server => "Internal server error".to_owned(),
            Self::Timeout => "The request took too long.".to_owned(),
        }
    }
}
