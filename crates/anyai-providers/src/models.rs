//! The providers' model lists, which also tell whether a key is good.

use std::time::Duration;

use serde_json::Value;

use crate::endpoint::{Endpoint, Protocol, Provider};
use crate::error::{BuildError, ErrorClass, ProviderError};
use crate::http_request::HttpRequest;
use crate::json::Fields;
use crate::secret::Secret;
use crate::transport::Transport;

/// The largest body read in one piece; OpenRouter's list is about one MiB.
pub(crate) const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// How long the whole list may take.
const LIST_TIME_MAX: Duration = Duration::from_secs(60);

/// Why the models could not be listed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListModelsError {
    /// The request could not be made at all.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The provider did not answer with a list.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

pub(crate) async fn list(
    transport: &Transport,
    endpoint: Endpoint<'_>,
) -> Result<Vec<String>, ListModelsError> {
    let secret = Secret::new(endpoint.key);
    let scrubbed = |error| ListModelsError::Provider(secret.scrub(error));
    if endpoint.provider == Provider::OpenRouter && endpoint.key.is_some() {
        // Its model list is public; this address is not.
        let request = HttpRequest::get(&endpoint, "key", None)?;
        transport
            .send(&request, endpoint.provider)
            .await
            .map_err(scrubbed)?;
    }
    let (path, query) = match endpoint.protocol {
        Protocol::Messages => ("models", Some("limit=1000")),
        Protocol::GenerateContent | Protocol::Interactions | Protocol::PredictLongRunning => {
            ("models", Some("pageSize=1000"))
        }
        Protocol::Responses | Protocol::ChatCompletions | Protocol::Images | Protocol::Videos => {
            ("models", None)
        }
        Protocol::OllamaChat => ("tags", None),
    };
    let request = HttpRequest::get(&endpoint, path, query)?;
    let response = transport
        .send(&request, endpoint.provider)
        .await
        .map_err(scrubbed)?;
    let reading = tokio::time::timeout(
        LIST_TIME_MAX,
        transport.read_whole(response, BODY_BYTES_MAX),
    );
    let body = reading
        .await
        .unwrap_or_else(|_| Err(transport.silence()))
        .map_err(scrubbed)?;
    ids(&body).ok_or_else(not_a_list)
}

pub(crate) fn not_a_list() -> ListModelsError {
    let message = "the address answers, but not with a list of models";
    ProviderError::new(ErrorClass::Malformed, message).into()
}

/// `data[].id` (most), `models[].name` (Google, Ollama).
fn ids(body: &[u8]) -> Option<Vec<String>> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let items = value.get("data").or(value.get("models"))?.as_array()?;
    let id = |item: &Value| {
        let name = item
            .text("id")
            .or(item.text("name"))
            .or(item.text("model"))?;
        Some(name.strip_prefix("models/").unwrap_or(name).to_owned())
    };
    Some(items.iter().filter_map(id).collect())
}
