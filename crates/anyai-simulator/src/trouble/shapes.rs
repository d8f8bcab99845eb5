//! Each provider's own shape of an error.

use serde_json::{Value, json};

use super::Trouble;

impl Trouble {
    pub(super) fn anthropic(&self) -> (u16, Value) {
        let (status, kind) = match self {
            Self::MissingKey | Self::WrongKey => (401, "authentication_error"),
            Self::Forbidden => (403, "permission_error"),
            Self::UnknownModel { .. } | Self::UnknownPath => (404, "not_found_error"),
            Self::BadRequest { .. }
            | Self::BadParameter { .. }
            | Self::Moderated
            | Self::ContextOverflow { .. } => (400, "invalid_request_error"),
            Self::RateLimited { .. } => (429, "rate_limit_error"),
            Self::QuotaExhausted => (402, "billing_error"),
            Self::Overloaded => (529, "overloaded_error"),
            Self::Server => (500, "api_error"),
            Self::Timeout => (504, "timeout_error"),
            Self::Status { status, .. } => (*status, anthropic_kind(*status)),
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

    pub(super) fn openai(&self) -> (u16, Value) {
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
            Self::BadParameter { code, kind, .. } => (400, *kind, Some(*code)),
            Self::Moderated => (
                400,
                "image_generation_user_error",
                Some("moderation_blocked"),
            ),
            Self::Status { status, .. } => (*status, openai_kind(*status), None),
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
            Self::BadParameter { param, .. } => Some(*param),
            Self::ContextOverflow { .. } => Some("input"),
            Self::UnknownModel { .. } => Some("model"),
            _ => None,
        };
        (
            status,
            json!({"error": {"message": message, "type": kind, "param": param, "code": code}}),
        )
    }

    pub(super) fn xai(&self) -> (u16, Value) {
        let (status, code) = match self {
            // A bad key and an unknown model are both a bad request there.
            Self::MissingKey | Self::WrongKey | Self::UnknownModel { .. } => {
                (400, "invalid-argument")
            }
            Self::BadRequest { .. }
            | Self::BadParameter { .. }
            | Self::Moderated
            | Self::ContextOverflow { .. } => (400, "invalid-argument"),
            Self::Status { status, .. } => (*status, xai_code(*status)),
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

    pub(super) fn open_router(&self) -> (u16, Value) {
        let status = match self {
            Self::MissingKey | Self::WrongKey => 401,
            Self::Forbidden => 403,
            Self::UnknownPath => 404,
            Self::UnknownModel { .. }
            | Self::BadRequest { .. }
            | Self::BadParameter { .. }
            | Self::ContextOverflow { .. } => 400,
            Self::Moderated => 403,
            Self::Status { status, .. } => *status,
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
        let mut error = json!({"code": status, "message": message});
        if *self == Self::Moderated {
            error["metadata"] =
                json!({"reasons": ["violence"], "flagged_input": "", "provider_name": "Simulator"});
        }
        (status, json!({"error": error}))
    }

    pub(super) fn llama_cpp(&self) -> (u16, Value) {
        let (status, kind) = match self {
            Self::MissingKey | Self::WrongKey => (401, "authentication_error"),
            Self::Forbidden => (403, "permission_error"),
            Self::UnknownModel { .. } | Self::UnknownPath => (404, "not_found_error"),
            Self::BadRequest { .. } | Self::BadParameter { .. } | Self::Moderated => {
                (400, "invalid_request_error")
            }
            Self::Status { status, .. } => (*status, openai_kind(*status)),
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

    pub(super) fn google(&self) -> (u16, Value) {
        let (status, name) = match self {
            Self::MissingKey => (403, "PERMISSION_DENIED"),
            Self::Forbidden => (403, "PERMISSION_DENIED"),
            Self::WrongKey
            | Self::BadRequest { .. }
            | Self::BadParameter { .. }
            | Self::Moderated
            | Self::ContextOverflow { .. } => (400, "INVALID_ARGUMENT"),
            Self::Status { status, .. } => (*status, google_name(*status)),
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
            Self::Status {
                retry_after_s: wait_s @ 1..,
                ..
            } => Some(json!([retry(*wait_s)])),
            Self::QuotaExhausted => Some(json!([
                quota("GenerateRequestsPerDayPerProjectPerModel"),
                retry(3_600)
            ])),
            _ => None,
        }
    }
}

const fn anthropic_kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        408 | 504 => "timeout_error",
        529 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    }
}

const fn openai_kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        429 => "requests",
        500.. => "server_error",
        _ => "invalid_request_error",
    }
}

const fn xai_code(status: u16) -> &'static str {
    match status {
        401 => "unauthenticated",
        402 | 429 => "resource-exhausted",
        403 => "permission-denied",
        404 => "not-found",
        408 | 504 => "deadline-exceeded",
        503 | 529 => "unavailable",
        500.. => "internal",
        _ => "invalid-argument",
    }
}

const fn google_name(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        402 => "FAILED_PRECONDITION",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        408 | 504 => "DEADLINE_EXCEEDED",
        429 => "RESOURCE_EXHAUSTED",
        503 | 529 => "UNAVAILABLE",
        500.. => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    }
}
