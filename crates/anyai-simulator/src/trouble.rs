//! Refusals before the first byte of an answer, in each provider's own error shape.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

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
        if let (Self::RateLimited { retry_after_s }, true) = (self, provider != Provider::Google) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(*retry_after_s));
        }
        if provider == Provider::Anthropic {
            let retry = if self.is_passing() { "true" } else { "false" };
            headers.insert("x-should-retry", HeaderValue::from_static(retry));
        }
        response
    }

    /// Whether the same request may succeed later.
    const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. } | Self::Overloaded | Self::Server | Self::Timeout
        )
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
            Self::BadRequest { message, .. } => message.clone(),
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

    fn anthropic(&self) -> (u16, Value) {
        let (status, kind) = match self {
            Self::MissingKey | Self::WrongKey => (401, "authentication_error"),
            Self::Forbidden => (403, "permission_error"),
            Self::UnknownModel { .. } | Self::UnknownPath => (404, "not_found_error"),
            Self::BadRequest { .. } | Self::ContextOverflow { .. } => {
                (400, "invalid_request_error")
            }
            Self::RateLimited { .. } => (429, "rate_limit_error"),
            Self::QuotaExhausted => (402, "billing_error"),
            Self::Overloaded => (529, "overloaded_error"),
            Self::Server => (500, "api_error"),
            Self::Timeout => (504, "timeout_error"),
        };
        let message = match self {
            Self::MissingKey => "x-api-key header is required".to_owned(),
            Self::WrongKey => "invalid x-api-key".to_owned(),
            Self::UnknownModel { model } => format!("model: {model}"),
            other => other.message(),
        };
        let error = json!({"type": kind, "message": message});
        (
            status,
            json!({"type": "error", "error": error, "request_id": "req_sim"}),
        )
    }

    fn openai(&self) -> (u16, Value) {
        let (status, kind, code) = match self {
            Self::MissingKey => (401, "invalid_request_error", None),
            Self::WrongKey => (401, "invalid_request_error", Some("invalid_api_key")),
            Self::Forbidden => (
                403,
                "invalid_request_error",
                Some("insufficient_permissions"),
            ),
            Self::UnknownModel { .. } => (404, "invalid_request_error", Some("model_not_found")),
            Self::UnknownPath => (404, "invalid_request_error", Some("unknown_url")),
            Self::BadRequest { .. } => (400, "invalid_request_error", Some("invalid_value")),
            Self::ContextOverflow { .. } => (
                400,
                "invalid_request_error",
                Some("context_length_exceeded"),
            ),
            Self::RateLimited { .. } => (429, "requests", Some("rate_limit_exceeded")),
            Self::QuotaExhausted => (429, "insufficient_quota", Some("insufficient_quota")),
            Self::Overloaded => (
                503,
                "service_unavailable_error",
                Some("server_is_overloaded"),
            ),
            Self::Server => (500, "server_error", Some("server_error")),
            Self::Timeout => (504, "server_error", Some("timeout")),
        };
        let message = match self {
            Self::ContextOverflow { .. } => {
                "Your input exceeds the context window of this model. Please adjust your input and try again."
                    .to_owned()
            }
            other => other.message(),
        };
        let param = match self {
            Self::BadRequest { param, .. } => *param,
            Self::ContextOverflow { .. } => Some("input"),
            Self::UnknownModel { .. } => Some("model"),
            _ => None,
        };
        (
            status,
            json!({"error": {"message": message, "type": kind, "param": param, "code": code}}),
        )
    }

    fn xai(&self) -> (u16, Value) {
        let (status, code) = match self {
            // A bad key and an unknown model are both a bad request there.
            Self::MissingKey | Self::WrongKey | Self::UnknownModel { .. } => {
                (400, "invalid-argument")
            }
            Self::BadRequest { .. } | Self::ContextOverflow { .. } => (400, "invalid-argument"),
            Self::Forbidden => (403, "permission-denied"),
            Self::UnknownPath => (404, "not-found"),
            Self::RateLimited { .. } => (429, "resource-exhausted"),
            Self::QuotaExhausted => (429, "resource-exhausted"),
            Self::Overloaded => (503, "unavailable"),
            Self::Server => (500, "internal"),
            Self::Timeout => (504, "deadline-exceeded"),
        };
        let message = match self {
            Self::MissingKey | Self::WrongKey => {
                "Incorrect API key provided. You can obtain an API key from your provider's console."
                    .to_owned()
            }
            Self::UnknownModel { model } => format!("Model not found: {model}"),
            Self::QuotaExhausted => {
                "Your team has used all available credits or reached its monthly spending limit."
                    .to_owned()
            }
            Self::ContextOverflow { tokens, limit } => format!(
                "This model's maximum prompt length is {limit} but the request contains {tokens} tokens."
            ),
            other => other.message(),
        };
        (status, json!({"code": code, "error": message}))
    }

    fn open_router(&self) -> (u16, Value) {
        let status = match self {
            Self::MissingKey | Self::WrongKey => 401,
            Self::Forbidden => 403,
            Self::UnknownPath => 404,
            Self::UnknownModel { .. } | Self::BadRequest { .. } | Self::ContextOverflow { .. } => {
                400
            }
            Self::RateLimited { .. } => 429,
            Self::QuotaExhausted => 402,
            Self::Overloaded => 503,
            Self::Server => 502,
            Self::Timeout => 408,
        };
        let message = match self {
            Self::MissingKey => "No auth credentials found".to_owned(),
            Self::WrongKey => "User not found.".to_owned(),
            Self::UnknownModel { model } => format!("{model} is not a valid model ID"),
            Self::ContextOverflow { tokens, limit } => format!(
                "This endpoint's maximum context length is {limit} tokens. However, you requested about {tokens} tokens."
            ),
            other => other.message(),
        };
        (
            status,
            json!({"error": {"code": status, "message": message}}),
        )
    }

    fn llama_cpp(&self) -> (u16, Value) {
        let (status, kind) = match self {
            Self::MissingKey | Self::WrongKey => (401, "authentication_error"),
            Self::Forbidden => (403, "permission_error"),
            Self::UnknownModel { .. } | Self::UnknownPath => (404, "not_found_error"),
            Self::BadRequest { .. } => (400, "invalid_request_error"),
            Self::ContextOverflow { .. } => (400, "exceed_context_size_error"),
            Self::RateLimited { .. } | Self::QuotaExhausted => (429, "rate_limit_error"),
            Self::Overloaded => (503, "unavailable_error"),
            Self::Server | Self::Timeout => (500, "server_error"),
        };
        let mut error = json!({"code": status, "message": self.message(), "type": kind});
        if let Self::ContextOverflow { tokens, limit } = self {
            error["n_prompt_tokens"] = json!(tokens);
            error["n_ctx"] = json!(limit);
        }
        (status, json!({"error": error}))
    }

    fn google(&self) -> (u16, Value) {
        let (status, name) = match self {
            Self::MissingKey => (403, "PERMISSION_DENIED"),
            Self::Forbidden => (403, "PERMISSION_DENIED"),
            Self::WrongKey | Self::BadRequest { .. } | Self::ContextOverflow { .. } => {
                (400, "INVALID_ARGUMENT")
            }
            Self::UnknownModel { .. } | Self::UnknownPath => (404, "NOT_FOUND"),
            Self::RateLimited { .. } | Self::QuotaExhausted => (429, "RESOURCE_EXHAUSTED"),
            Self::Overloaded => (503, "UNAVAILABLE"),
            Self::Server => (500, "INTERNAL"),
            Self::Timeout => (504, "DEADLINE_EXCEEDED"),
        };
        let message = match self {
            Self::WrongKey => "API key not valid. Please pass a valid API key.".to_owned(),
            Self::UnknownModel { model } => format!(
                "models/{model} is not found for API version v1beta, or is not supported for generateContent."
            ),
            Self::ContextOverflow { tokens, limit } => format!(
                "The input token count ({tokens}) exceeds the maximum number of tokens allowed ({limit})."
            ),
            other => other.message(),
        };
        let mut error = json!({"code": status, "message": message, "status": name});
        if let Some(details) = self.google_details() {
            error["details"] = details;
        }
        (status, json!({"error": error}))
    }

    fn google_details(&self) -> Option<Value> {
        let quota = |id: &str| json!({"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": id}]});
        let retry = |seconds: u32| json!({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": format!("{seconds}s")});
        match self {
            Self::WrongKey => Some(json!([{
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "API_KEY_INVALID",
                "domain": "googleapis.com",
            }])),
            Self::RateLimited { retry_after_s } => Some(json!([
                quota("GenerateRequestsPerMinutePerProjectPerModel"),
                retry(*retry_after_s),
            ])),
            Self::QuotaExhausted => Some(json!([
                quota("GenerateRequestsPerDayPerProjectPerModel"),
                retry(3_600)
            ])),
            _ => None,
        }
    }
}
