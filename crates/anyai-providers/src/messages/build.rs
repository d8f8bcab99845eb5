//! Writes a turn as an Anthropic Messages request.

use serde_json::{Map, Value, json};

use crate::content::{PDF, base64_of, opaque_value};
use crate::document::Document;
use crate::endpoint::{Endpoint, Protocol};
use crate::error::BuildError;
use crate::http_request::HttpRequest;
use crate::json::Fields;
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
        let mut block = json!({"type": "text", "text": system});
        if request.write_cache {
            mark(&mut block);
        }
        body.insert("system".into(), json!([block]));
    }
    let mut messages = request
        .messages
        .iter()
        .map(message)
        .collect::<Result<Vec<_>, _>>()?;
    // An empty message is refused; a turn whose answer was empty leaves one.
    messages.retain(|message| !message["content"].as_array().is_none_or(Vec::is_empty));
    if request.write_cache {
        mark_messages(&mut messages);
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
        if let Some(words) = part.words() {
            // An empty text block is refused too.
            let is_empty = words.trim().is_empty();
            content.extend((!is_empty).then(|| json!({"type": "text", "text": words})));
            continue;
        }
        match part {
            Part::Image(image) => content.push(json!({
                "type": "image", "source": source(&image.mime, &image.bytes),
            })),
            Part::Document(Document::Pdf { name, bytes }) => content.push(json!({
                "type": "document", "title": name, "source": source(PDF, bytes),
            })),
            Part::Opaque(state) => content.extend(opaque_value(state, Protocol::Messages)?),
            _ => {}
        }
    }
    let role = match message.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    Ok(json!({"role": role, "content": content}))
}

fn source(mime: &str, bytes: &[u8]) -> Value {
    json!({"type": "base64", "media_type": mime, "data": base64_of(bytes)})
}

/// How many of the last messages end with a breakpoint; with the system text's it makes the four
/// that are allowed.
const MARKED_MESSAGES: usize = 3;

/// Marks where the cache is read and written. The newest message is written for the next turn. The
/// question before it is where the turn before wrote, so that is read however many blocks the answer
/// between them has. The end of that answer is what stays when the newest message is changed or
/// asked again.
fn mark_messages(messages: &mut [Value]) {
    for message in messages.iter_mut().rev().take(MARKED_MESSAGES) {
        let blocks = message["content"].as_array_mut().into_iter().flatten();
        if let Some(block) = blocks.rev().find(|block| may_be_marked(block)) {
            mark(block);
        }
    }
}

/// Thinking cannot end a cached prefix.
fn may_be_marked(block: &Value) -> bool {
    !matches!(
        block.text("type"),
        Some("thinking" | "redacted_thinking") | None
    )
}

/// The five-minute cache, which is what no `ttl` means.
fn mark(block: &mut Value) {
    block["cache_control"] = json!({"type": "ephemeral"});
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
