//! Asks a provider what became of an answer that nobody read to its end.
//!
//! Only Responses answers can be asked after, and only where the provider keeps them: an answer that
//! was asked for with `store: false` is forgotten once it is sent, and nobody knows it any more.

use std::time::Duration;

use serde_json::Value;

use crate::decode::Decoder;
use crate::endpoint::{Endpoint, Protocol};
use crate::error::{ErrorClass, ProviderError};
use crate::event::{ProviderEvent, StopReason, Usage};
use crate::http_request::HttpRequest;
use crate::json::Fields;
use crate::models::BODY_BYTES_MAX;
use crate::secret::Secret;
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
    /// The provider keeps nothing of it, or cannot be asked.
    NotKept,
}

impl Protocol {
    /// Whether an answer of this protocol can be asked after.
    #[must_use]
    pub const fn can_be_asked(self) -> bool {
        matches!(self, Self::Responses)
    }
}

pub(crate) async fn ask(
    transport: &Transport,
    endpoint: Endpoint<'_>,
    id: &str,
) -> Result<Aftermath, ProviderError> {
    if !endpoint.protocol.can_be_asked() || !is_id(id) {
        return Ok(Aftermath::NotKept);
    }
    let secret = Secret::new(endpoint.key);
    let path = format!("responses/{id}");
    let request = HttpRequest::get(&endpoint, &path, None)
        .map_err(|error| ProviderError::new(ErrorClass::InvalidRequest, error.to_string()))?;
    let asking = async {
        let response = transport.send(&request, endpoint.provider).await?;
        transport.read_whole(response, BODY_BYTES_MAX).await
    };
    let asked = tokio::time::timeout(ASKING_TIME_MAX, asking).await;
    match asked.unwrap_or_else(|_| Err(transport.silence())) {
        Ok(body) => match told(endpoint, &body) {
            Ok(Aftermath::Ended { end, usage }) => {
                let end = end.map_err(|error| secret.scrub(error));
                Ok(Aftermath::Ended { end, usage })
            }
            other => other.map_err(|error| secret.scrub(error)),
        },
        Err(error) if error.class == ErrorClass::NotFound => Ok(Aftermath::NotKept),
        Err(error) => Err(secret.scrub(error)),
    }
}

/// An id goes into a path; one with anything else in it is none.
fn is_id(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !id.is_empty() && id.len() <= ID_CHARS_MAX && id.bytes().all(is_plain)
}

/// The body is the answer as it would have come in one piece.
fn told(endpoint: Endpoint<'_>, body: &[u8]) -> Result<Aftermath, ProviderError> {
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
