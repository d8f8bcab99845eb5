//! Writes a turn as a Gemini request.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::body::{Block, Body};
use crate::content::{PDF, base64_of, blocks_with_state};
use crate::document::Document;
use crate::endpoint::{Endpoint, Protocol};
use crate::error::BuildError;
use crate::http_request::{HttpRequest, is_path_segment};
use crate::request::{ChatRequest, Effort, Message, Part, Role, Thinking};

pub(crate) fn build(
    request: &ChatRequest,
    endpoint: &Endpoint<'_>,
) -> Result<HttpRequest, BuildError> {
    let mut contents = request
        .messages
        .iter()
        .map(content)
        .collect::<Result<Vec<_>, _>>()?;
    contents.retain(|content| !content.parts.is_empty());
    let mut body = Map::new();
    if let Some(system) = request
        .system
        .as_deref()
        .filter(|system| !system.is_empty())
    {
        body.insert(
            "systemInstruction".into(),
            json!({"parts": [{"text": system}]}),
        );
    }
    let mut config = Map::new();
    config.insert(
        "maxOutputTokens".into(),
        json!(request.max_output_tokens.count()),
    );
    if let Some(thinking) = thinking(request.thinking) {
        config.insert("thinkingConfig".into(), thinking);
    }
    body.insert("generationConfig".into(), Value::Object(config));
    let path = format!("{}:streamGenerateContent", model_path(&request.model)?);
    let body = Body {
        fields: body,
        turns_key: "contents",
        turns: contents,
    };
    HttpRequest::post(endpoint, &path, Some("alt=sse"), &body)
}

/// One message.
#[derive(Serialize)]
struct Content {
    role: &'static str,
    parts: Vec<Block>,
}

/// The model id stands in the URL, so it must not be able to change the address.
pub(crate) fn model_path(model: &str) -> Result<String, BuildError> {
    let model = model.strip_prefix("models/").unwrap_or(model);
    if !is_path_segment(model) {
        return Err(BuildError::Model);
    }
    Ok(format!("models/{model}"))
}

fn content(message: &Message) -> Result<Content, BuildError> {
    Ok(Content {
        role: match message.role {
            Role::User => "user",
            Role::Assistant => "model",
        },
        parts: blocks_with_state(message, Protocol::GenerateContent, part)?,
    })
}

fn part(part: &Part) -> Option<Value> {
    if let Some(words) = part.words() {
        return (!words.is_empty()).then(|| json!({"text": words}));
    }
    match part {
        Part::Image(image) => Some(inline_data(&image.mime, &image.bytes)),
        Part::Document(Document::Pdf { bytes, .. }) => Some(inline_data(PDF, bytes)),
        _ => None,
    }
}

pub(super) fn inline_data(mime: &str, bytes: &[u8]) -> Value {
    json!({"inlineData": {"mimeType": mime, "data": base64_of(bytes)}})
}

fn thinking(thinking: Thinking) -> Option<Value> {
    match thinking {
        Thinking::ProviderDefault => None,
        Thinking::Off => Some(json!({"thinkingBudget": 0})),
        Thinking::Budget(tokens) => {
            Some(json!({"includeThoughts": true, "thinkingBudget": tokens.count()}))
        }
        Thinking::Effort(effort) => {
            let level = match effort {
                Effort::Minimal => "MINIMAL",
                Effort::Low => "LOW",
                Effort::Medium => "MEDIUM",
                Effort::High => "HIGH",
                Effort::XHigh | Effort::Max => "XHIGH",
            };
            Some(json!({"includeThoughts": true, "thinkingLevel": level}))
        }
    }
}
