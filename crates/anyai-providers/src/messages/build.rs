//! Writes a turn as an Anthropic Messages request.

use serde_json::{Map, Value, json};

use crate::content::{base64_of, opaque_value};
use crate::endpoint::{Endpoint, Protocol};
use crate::error::BuildError;
use crate::http_request::HttpRequest;
use crate::request::{ChatRequest, Message, Part, Role, Thinking};

pub(crate) fn build(
    request: &ChatRequest,
    endpoint: &Endpoint<'_>,
) -> Result<HttpRequest, BuildError> {
    let mut body = Map::new();
    body.insert("model".into(), json!(request.model));
    body.insert(
        "max_tokens".into(),
        json!(request.max_output_tokens.count()),
    );
    body.insert("stream".into(), json!(true));
    if let Some(system) = request
        .system
        .as_deref()
        .filter(|system| !system.is_empty())
    {
        body.insert("system".into(), json!([{"type": "text", "text": system}]));
    }
    let mut messages = request
        .messages
        .iter()
        .map(message)
        .collect::<Result<Vec<_>, _>>()?;
    // An empty message is refused; a turn whose answer was empty leaves one.
    messages.retain(|message| !message["content"].as_array().is_none_or(Vec::is_empty));
    if request.write_cache {
        mark_cached(&mut messages);
    }
    body.insert("messages".into(), Value::Array(messages));
    insert_thinking(request.thinking, &mut body);
    if let Some(end_user) = &request.end_user {
        body.insert("metadata".into(), json!({"user_id": end_user}));
    }
    HttpRequest::post(endpoint, "messages", None, &Value::Object(body))
}

fn message(message: &Message) -> Result<Value, BuildError> {
    let mut content = Vec::new();
    for part in &message.parts {
        match part {
            // An empty text block is refused too.
            Part::Text(text) if text.trim().is_empty() => {}
            Part::Text(text) => content.push(json!({"type": "text", "text": text})),
            Part::Image(image) => content.push(json!({
                "type": "image",
                "source": {"type": "base64", "media_type": image.mime, "data": base64_of(&image.bytes)},
            })),
            Part::Opaque(state) => content.extend(opaque_value(state, Protocol::Messages)?),
        }
    }
    let role = match message.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    Ok(json!({"role": role, "content": content}))
}

/// Everything up to the end of the last message is written to the five-minute cache.
fn mark_cached(messages: &mut [Value]) {
    let last_block = messages
        .last_mut()
        .and_then(|message| message["content"].as_array_mut())
        .and_then(|content| content.last_mut());
    if let Some(block) = last_block {
        block["cache_control"] = json!({"type": "ephemeral"});
    }
}

fn insert_thinking(thinking: Thinking, body: &mut Map<String, Value>) {
    match thinking {
        Thinking::ProviderDefault => {}
        Thinking::Off => {
            body.insert("thinking".into(), json!({"type": "disabled"}));
        }
        Thinking::Effort(effort) => {
            body.insert(
                "thinking".into(),
                json!({"type": "adaptive", "display": "summarized"}),
            );
            body.insert("output_config".into(), json!({"effort": effort.as_str()}));
        }
        Thinking::Budget(tokens) => {
            body.insert(
                "thinking".into(),
                json!({"type": "enabled", "budget_tokens": tokens.count()}),
            );
        }
    }
}
