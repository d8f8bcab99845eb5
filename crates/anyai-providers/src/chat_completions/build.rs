//! Writes a turn as a chat completions request, in the dialect of who answers.

use serde_json::{Map, Value, json};

use crate::content::{data_url, only_text, opaque_value};
use crate::endpoint::{Endpoint, Protocol, Provider};
use crate::error::BuildError;
use crate::http_request::HttpRequest;
use crate::request::{ChatRequest, Message, Part, Role, Thinking};

pub(crate) fn build(
    request: &ChatRequest,
    endpoint: &Endpoint<'_>,
) -> Result<HttpRequest, BuildError> {
    let provider = endpoint.provider;
    let mut messages = Vec::new();
    if let Some(system) = request
        .system
        .as_deref()
        .filter(|system| !system.is_empty())
    {
        messages.push(json!({"role": "system", "content": system}));
    }
    for message in &request.messages {
        messages.extend(wire_message(message, provider)?);
    }
    let mut body = Map::new();
    body.insert("model".into(), json!(request.model));
    body.insert("messages".into(), Value::Array(messages));
    body.insert("stream".into(), json!(true));
    body.insert("stream_options".into(), json!({"include_usage": true}));
    let limit_key = match provider {
        Provider::OpenAi | Provider::XAi => "max_completion_tokens",
        _ => "max_tokens",
    };
    body.insert(limit_key.into(), json!(request.max_output_tokens.count()));
    insert_thinking(request.thinking, provider, &mut body);
    if let (Provider::OpenAi, Some(cache_key)) = (provider, &request.cache_key) {
        body.insert("prompt_cache_key".into(), json!(cache_key));
    }
    if let Some(end_user) = &request.end_user {
        let key = if provider == Provider::OpenAi {
            "safety_identifier"
        } else {
            "user"
        };
        body.insert(key.into(), json!(end_user));
    }
    HttpRequest::post(endpoint, "chat/completions", None, &Value::Object(body))
}

fn wire_message(message: &Message, provider: Provider) -> Result<Option<Value>, BuildError> {
    let role = match message.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    let content = match only_text(message) {
        Some(text) if text.is_empty() => return Ok(None),
        Some(text) => Value::String(text),
        None => Value::Array(message.parts.iter().filter_map(content_part).collect()),
    };
    let mut wire = Map::new();
    wire.insert("role".into(), json!(role));
    wire.insert("content".into(), content);
    if provider == Provider::OpenRouter {
        let mut details = Vec::new();
        for part in &message.parts {
            if let Part::Opaque(state) = part
                && let Some(Value::Array(stored)) = opaque_value(state, Protocol::ChatCompletions)?
            {
                details.extend(stored);
            }
        }
        if !details.is_empty() {
            wire.insert("reasoning_details".into(), Value::Array(details));
        }
    }
    Ok(Some(Value::Object(wire)))
}

fn content_part(part: &Part) -> Option<Value> {
    match part {
        Part::Text(text) if text.is_empty() => None,
        Part::Text(text) => Some(json!({"type": "text", "text": text})),
        Part::Image(image) => {
            Some(json!({"type": "image_url", "image_url": {"url": data_url(image)}}))
        }
        Part::Opaque(_) => None,
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
