//! Writes a turn as a chat completions request, in the dialect of who answers.

use http::{HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::body::{Body, kept};
use crate::content::{PDF, data_url, joined_words, refuse_pdf};
use crate::document::Document;
use crate::endpoint::{Endpoint, Protocol, Provider};
use crate::error::BuildError;
use crate::http_request::HttpRequest;
use crate::request::{ChatRequest, Message, Part, Role, Thinking};

pub(crate) fn build(
    request: &ChatRequest,
    endpoint: &Endpoint<'_>,
) -> Result<HttpRequest, BuildError> {
    let provider = endpoint.provider;
    if provider.is_local() {
        refuse_pdf(&request.messages)?;
    }
    let mut messages = Vec::new();
    if let Some(system) = request
        .system
        .as_deref()
        .filter(|system| !system.is_empty())
    {
        messages.push(Turn {
            role: "system",
            content: json!(system),
            reasoning_details: Vec::new(),
        });
    }
    for message in &request.messages {
        messages.extend(turn(message, provider)?);
    }
    let mut body = Map::new();
    body.insert("model".into(), json!(request.model));
    body.insert("stream".into(), json!(true));
    body.insert("stream_options".into(), json!({"include_usage": true}));
    let limit_key = match provider {
        Provider::OpenAi | Provider::XAi => "max_completion_tokens",
        _ => "max_tokens",
    };
    body.insert(limit_key.into(), json!(request.max_output_tokens.count()));
    insert_thinking(request.thinking, provider, &mut body);
    insert_caching(request, provider, &mut body);
    if let Some(end_user) = &request.end_user {
        let key = if provider == Provider::OpenAi {
            "safety_identifier"
        } else {
            "user"
        };
        body.insert(key.into(), json!(end_user));
    }
    let body = Body {
        fields: body,
        turns_key: "messages",
        turns: messages,
    };
    let mut http = HttpRequest::post(endpoint, "chat/completions", None, &body)?;
    if let (Provider::XAi, Some(cache_key)) = (provider, &request.cache_key)
        && let Ok(cache_key) = HeaderValue::from_str(cache_key)
    {
        // xAI's name for what others take as `prompt_cache_key`.
        let name = HeaderName::from_static("x-grok-conv-id");
        http.headers.insert(name, cache_key);
    }
    Ok(http)
}

/// Says which cache the conversation belongs to, and asks for writes where they must be asked for.
fn insert_caching(request: &ChatRequest, provider: Provider, body: &mut Map<String, Value>) {
    match (provider, &request.cache_key) {
        (Provider::OpenAi, Some(cache_key)) => {
            body.insert("prompt_cache_key".into(), json!(cache_key));
        }
        // It marks the last block itself, where the model behind it is one that must be asked.
        (Provider::OpenRouter, _) if request.write_cache => {
            body.insert("cache_control".into(), json!({"type": "ephemeral"}));
        }
        _ => {}
    }
}

/// One message. Only OpenRouter's hold state.
#[derive(Serialize)]
struct Turn {
    role: &'static str,
    content: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasoning_details: Vec<Box<RawValue>>,
}

fn turn(message: &Message, provider: Provider) -> Result<Option<Turn>, BuildError> {
    let only_words = message
        .parts
        .iter()
        .all(|part| matches!(part, Part::Opaque(_)) || part.words().is_some());
    let content = if only_words {
        let words = joined_words(message);
        if words.is_empty() {
            return Ok(None);
        }
        Value::String(words)
    } else {
        Value::Array(message.parts.iter().filter_map(content_part).collect())
    };
    let mut turn = Turn {
        role: match message.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        },
        content,
        reasoning_details: Vec::new(),
    };
    for part in &message.parts {
        if let (Provider::OpenRouter, Part::Opaque(state)) = (provider, part)
            && let Some(list) = kept(state, Protocol::ChatCompletions)?
        {
            let details: Vec<Box<RawValue>> =
                serde_json::from_str(list.get()).map_err(|_| BuildError::OpaqueState)?;
            turn.reasoning_details.extend(details);
        }
    }
    Ok(Some(turn))
}

fn content_part(part: &Part) -> Option<Value> {
    if let Some(words) = part.words() {
        return (!words.is_empty()).then(|| json!({"type": "text", "text": words}));
    }
    match part {
        Part::Image(image) => {
            let url = data_url(&image.mime, &image.bytes);
            Some(json!({"type": "image_url", "image_url": {"url": url}}))
        }
        Part::Document(Document::Pdf { name, bytes }) => Some(json!({
            "type": "file", "file": {"filename": name, "file_data": data_url(PDF, bytes)},
        })),
        _ => None,
    }
}

fn insert_thinking(thinking: Thinking, provider: Provider, body: &mut Map<String, Value>) {
    let effort = match thinking {
        Thinking::ProviderDefault => return,
        Thinking::Off => "none",
        Thinking::Effort(effort) => effort.as_str(),
        Thinking::Budget(tokens) => {
            if provider == Provider::OpenRouter {
                body.insert("reasoning".into(), json!({"max_tokens": tokens.count()}));
            }
            return;
        }
    };
    if provider == Provider::OpenRouter {
        body.insert("reasoning".into(), json!({"effort": effort}));
    } else {
        body.insert("reasoning_effort".into(), json!(effort));
    }
}
