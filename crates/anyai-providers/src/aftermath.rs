//! Asks a provider what became of an answer that nobody read to its end.
//!
//! Responses answers can be asked after where the provider keeps them: one that was asked for with
//! `store: false` is forgotten once it is sent, and nobody knows it any more. OpenRouter keeps what
//! every answer cost, also of one that somebody hung up on.

use std::time::Duration;

use anyai_units::Tokens;
use serde_json::Value;

use crate::cost;
use crate::decode::Decoder;
use crate::endpoint::{Endpoint, Protocol, Provider};
use crate::error::{ErrorClass, ProviderError};
use crate::event::{ProviderEvent, StopReason, Usage};
use crate::http_request::HttpRequest;
use crate::json::Fields;
use crate::models::BODY_BYTES_MAX;
use crate::secret::Secret;
use crate::stop::stop_reason;
use crate::transport::Transport;

/// How long a provider may take to say.
const ASKING_TIME_MAX: Duration = Duration::from_secs(10);
/// The longest id a provider gives.
const ID_CHARS_MAX: usize = 256;

/// What became of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Aftermath {
    /// It is over.
    Ended {
        /// Why, or how it failed.
        end: Result<StopReason, ProviderError>,
        /// Everything billed for it, where the provider says.
        usage: Option<Usage>,
    },
    /// The provider still works on it.
    Running,
    /// The provider has nothing of it, and writes such things down a while after.
    NotYetKept,
    /// The provider keeps nothing of it, or cannot be asked.
    NotKept,
}

/// Where an answer is asked after.
#[derive(Clone, Copy)]
enum Place {
    Response,
    Generation,
}

impl Endpoint<'_> {
    /// Whether an answer that came from here can be asked after.
    #[must_use]
    pub const fn can_be_asked(&self) -> bool {
        self.place().is_some()
    }

    const fn place(&self) -> Option<Place> {
        match (self.provider, self.protocol) {
            (Provider::OpenRouter, Protocol::Responses | Protocol::ChatCompletions) => {
                Some(Place::Generation)
            }
            (_, Protocol::Responses) => Some(Place::Response),
            _ => None,
        }
    }
}

pub(crate) async fn ask(
    transport: &Transport,
    endpoint: Endpoint<'_>,
    id: &str,
) -> Result<Aftermath, ProviderError> {
    let Some(place) = endpoint.place().filter(|_| is_id(id)) else {
        return Ok(Aftermath::NotKept);
    };
    let secret = Secret::new(endpoint.key);
    let request = match place {
        Place::Response => HttpRequest::get(&endpoint, &format!("responses/{id}"), None),
        Place::Generation => HttpRequest::get(&endpoint, "generation", Some(&format!("id={id}"))),
    };
    let request = request
        .map_err(|error| ProviderError::new(ErrorClass::InvalidRequest, error.to_string()))?;
    let asking = async {
        let response = transport.send(&request, endpoint.provider).await?;
        transport.read_whole(response, BODY_BYTES_MAX).await
    };
    let asked = tokio::time::timeout(ASKING_TIME_MAX, asking).await;
    match asked.unwrap_or_else(|_| Err(transport.silence())) {
        Ok(body) => match told(endpoint, place, &body) {
            Ok(Aftermath::Ended { end, usage }) => {
                let end = end.map_err(|error| secret.scrub(error));
                Ok(Aftermath::Ended { end, usage })
            }
            other => other.map_err(|error| secret.scrub(error)),
        },
        Err(error) if error.class == ErrorClass::NotFound => Ok(match place {
            Place::Response => Aftermath::NotKept,
            Place::Generation => Aftermath::NotYetKept,
        }),
        Err(error) => Err(secret.scrub(error)),
    }
}

/// An id goes into a path; one with anything else in it is none.
fn is_id(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !id.is_empty() && id.len() <= ID_CHARS_MAX && id.bytes().all(is_plain)
}

fn told(endpoint: Endpoint<'_>, place: Place, body: &[u8]) -> Result<Aftermath, ProviderError> {
    match place {
        Place::Response => response(endpoint, body),
        Place::Generation => generation(&String::from_utf8_lossy(body)),
    }
}

/// OpenRouter's record of an answer, by the counts of the provider behind it.
fn generation(text: &str) -> Result<Aftermath, ProviderError> {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let Some(record) = value.present("data") else {
        let message = "the provider said nothing readable of the answer";
        return Err(ProviderError::new(ErrorClass::Malformed, message));
    };
    let tokens = |key| Tokens::new(record.count(key).unwrap_or_default());
    if record.count("native_tokens_prompt").is_none()
        && record.count("native_tokens_completion").is_none()
    {
        let message = "the provider's record of the answer counts no tokens";
        return Err(ProviderError::new(ErrorClass::Malformed, message));
    }
    let is_own_key = record.get("is_byok").and_then(Value::as_bool) == Some(true);
    let behind = || cost::dollars_at(text, &["data", "upstream_inference_cost"]);
    let usage = Usage {
        input_tokens: tokens("native_tokens_prompt"),
        cached_input_tokens: tokens("native_tokens_cached"),
        output_tokens: tokens("native_tokens_completion"),
        reasoning_tokens: tokens("native_tokens_reasoning"),
        provider_cost: cost::dollars_at(text, &["data", "total_cost"]),
        upstream_cost: is_own_key.then(behind).flatten(),
        ..Usage::default()
    };
    Ok(Aftermath::Ended {
        end: Ok(stop_reason(
            record.text("finish_reason").unwrap_or_default(),
        )),
        usage: Some(usage),
    })
}

/// The body is the answer as it would have come in one piece.
fn response(endpoint: Endpoint<'_>, body: &[u8]) -> Result<Aftermath, ProviderError> {
    let status = serde_json::from_slice::<Value>(body);
    let status = status
        .ok()
        .and_then(|value| Some(value.text("status")?.to_owned()));
    if matches!(status.as_deref(), Some("in_progress" | "queued")) {
        return Ok(Aftermath::Running);
    }
    let mut decoder = Decoder::new(endpoint.provider, endpoint.protocol);
    let mut events = decoder.push(body);
    events.extend(decoder.finish());
    let mut usage = None;
    for event in events {
        match event {
            ProviderEvent::Usage(said) => usage = Some(said),
            ProviderEvent::Finished { stop_reason, .. } => {
                let end = Ok(stop_reason);
                return Ok(Aftermath::Ended { end, usage });
            }
            ProviderEvent::Failed(error) if error.class == ErrorClass::Malformed => {
                return Err(error);
            }
            ProviderEvent::Failed(error) => {
                let end = Err(error);
                return Ok(Aftermath::Ended { end, usage });
            }
            _ => {}
        }
    }
    Ok(Aftermath::NotKept)
}
