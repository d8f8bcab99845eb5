//! The models of a server on the person's own machine: Ollama, LM Studio or llama.cpp, each asked in
//! its own words, because only those say how much a model reads and whether it sees pictures.
//!
//! Sources: Ollama docs/api.md (`/api/tags`, `/api/show`), LM Studio REST API v0 (`/api/v0/models`),
//! llama.cpp tools/server/README.md (`/v1/models`, `/props`).

use std::time::Duration;

use serde_json::{Value, json};

use crate::client::Client;
use crate::endpoint::{Endpoint, Protocol, Provider};
use crate::error::{ErrorClass, ProviderError};
use crate::http_request::HttpRequest;
use crate::json::Fields;
use crate::models::{BODY_BYTES_MAX, ListModelsError, not_a_list};

/// What such a server may take to say what it has. It is on the same machine.
const SAID_TIME_MAX: Duration = Duration::from_secs(5);
/// More models than a picker is read through for.
const MODELS_MAX: usize = 200;
/// Longer names than any of these servers gives; a path to a file is one for llama.cpp.
const NAME_CHARS_MAX: usize = 200;

/// A model on a server of the person's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalModel {
    /// Its name there.
    pub name: String,
    /// Input and output together, in tokens, where the server says so.
    pub context_tokens: Option<u64>,
    /// Whether it sees pictures.
    pub reads_images: bool,
}

impl Client {
    /// The models a local server answers with. Embedding models are left out.
    ///
    /// # Errors
    /// When nothing answers there, or something else does.
    pub async fn local_models(
        &self,
        server: Provider,
        base_url: &str,
    ) -> Result<Vec<LocalModel>, ListModelsError> {
        let asked = Asked {
            client: self,
            server,
            base_url,
        };
        let models = tokio::time::timeout(SAID_TIME_MAX, asked.models()).await;
        let mut models = models.unwrap_or_else(|_| {
            Err(ProviderError::new(ErrorClass::Timeout, "it does not say which models").into())
        })?;
        models.retain(|model| is_name(&model.name));
        models.truncate(MODELS_MAX);
        Ok(models)
    }
}

/// What comes from a server is shown and sent back as it is: it is a line of text.
fn is_name(name: &str) -> bool {
    !name.trim().is_empty()
        && name.chars().count() <= NAME_CHARS_MAX
        && !name.chars().any(char::is_control)
}

struct Asked<'a> {
    client: &'a Client,
    server: Provider,
    base_url: &'a str,
}

impl Asked<'_> {
    async fn models(&self) -> Result<Vec<LocalModel>, ListModelsError> {
        match self.server {
            Provider::Ollama => self.ollama().await,
            Provider::LmStudio => self.lm_studio().await,
            _ => self.llama_cpp().await,
        }
    }

    async fn ollama(&self) -> Result<Vec<LocalModel>, ListModelsError> {
        let tags = self.get("api/tags").await?;
        let mut models = Vec::new();
        for entry in list(&tags, "models")?.iter().take(MODELS_MAX) {
            let Some(name) = entry.text("model").or(entry.text("name")) else {
                continue;
            };
            // A model that says nothing about itself is offered all the same.
            let shown = self.post("api/show", &json!({ "model": name })).await;
            let shown = shown.unwrap_or_default();
            let can = |what: &str| has(&shown["capabilities"], what);
            if can("embedding") && !can("completion") {
                continue;
            }
            models.push(LocalModel {
                name: name.to_owned(),
                context_tokens: context_of_ollama(&shown),
                reads_images: can("vision"),
            });
        }
        Ok(models)
    }

    async fn lm_studio(&self) -> Result<Vec<LocalModel>, ListModelsError> {
        let own = self.get("api/v0/models").await?;
        let models = list(&own, "data")?.iter().filter_map(|entry| {
            let kind = entry.text("type").unwrap_or_default();
            if kind == "embeddings" {
                return None;
            }
            let loaded = entry["loaded_context_length"].as_u64();
            Some(LocalModel {
                name: entry.text("id")?.to_owned(),
                context_tokens: loaded.or(entry["max_context_length"].as_u64()),
                reads_images: kind == "vlm",
            })
        });
        Ok(models.collect())
    }

    async fn llama_cpp(&self) -> Result<Vec<LocalModel>, ListModelsError> {
        let listed = self.get("v1/models").await?;
        // It serves one model, and says here how much of its window it was started with.
        let props = self.get("props").await.unwrap_or_default();
        let started_with = props["default_generation_settings"]["n_ctx"].as_u64();
        let sees = props["modalities"]["vision"].as_bool().unwrap_or(false);
        let models = list(&listed, "data")?.iter().filter_map(|entry| {
            Some(LocalModel {
                name: entry.text("id")?.to_owned(),
                context_tokens: started_with.or(entry["meta"]["n_ctx_train"].as_u64()),
                reads_images: sees,
            })
        });
        Ok(models.collect())
    }

    async fn get(&self, path: &str) -> Result<Value, ListModelsError> {
        let request = HttpRequest::get(&self.endpoint(), "", None)?;
        self.send(request, path).await
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, ListModelsError> {
        let request = HttpRequest::post(&self.endpoint(), "", None, body)?;
        self.send(request, path).await
    }

    const fn endpoint(&self) -> Endpoint<'_> {
        Endpoint {
            provider: self.server,
            protocol: Protocol::ChatCompletions,
            base_url: self.base_url,
            key: None,
        }
    }

    /// Sends a request to a path below the server's root, which is above the `/v1` of its base URL.
    async fn send(&self, mut request: HttpRequest, path: &str) -> Result<Value, ListModelsError> {
        let base = request.url.path().trim_end_matches('/');
        let root = base.strip_suffix("/v1").unwrap_or(base);
        request.url.set_path(&format!("{root}/{path}"));
        let transport = &self.client.transport;
        let response = transport.send(&request, self.server).await?;
        let body = transport.read_whole(response, BODY_BYTES_MAX).await?;
        serde_json::from_slice(&body).map_err(|_| not_a_list())
    }
}

/// `model_info` names the window by the model's architecture, as `llama.context_length`.
fn context_of_ollama(shown: &Value) -> Option<u64> {
    let mut facts = shown["model_info"].as_object()?.iter();
    facts.find_map(|(fact, value)| fact.ends_with(".context_length").then(|| value.as_u64())?)
}

fn has(list: &Value, what: &str) -> bool {
    list.as_array()
        .is_some_and(|list| list.iter().any(|each| each == what))
}

fn list<'a>(said: &'a Value, name: &str) -> Result<&'a Vec<Value>, ListModelsError> {
    said[name].as_array().ok_or_else(not_a_list)
}
