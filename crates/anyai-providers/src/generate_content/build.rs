//! Writes a turn as a Gemini request.

use serde_json::{Map, Value, json};

use crate::content::{PDF, base64_of, opaque_value};
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
    contents.retain(|content| !content["parts"].as_array().is_none_or(Vec::is_empty));
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
    body.insert("contents".into(), Value::Array(contents));
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
    HttpRequest::post(endpoint, &path, Some("alt=sse"), &Value::Object(body))
}

/// The model id stands in the URL, so it must not be able to change the address.
pub(crate) fn model_path(model: &str) -> Result<String, BuildError> {
    let model = model.strip_prefix("models/").unwrap_or(model);
    if !is_path_segment(model) {
        return Err(BuildError::Model);
    }
    Ok(format!("models/{model}"))
}

fn content(message: &Message) -> Result<Value, BuildError> {
    let mut parts = Vec::new();
    for part in &message.parts {
        if let Some(words) = part.words() {
            parts.extend((!words.is_empty()).then(|| json!({"text": words})));
            continue;
        }
        match part {
            Part::Image(image) => parts.push(inline_data(&image.mime, &image.bytes)),
            Part::Document(Document::Pdf { bytes, .. }) => parts.push(inline_data(PDF, bytes)),
            Part::Opaque(state) => parts.extend(opaque_value(state, Protocol::GenerateContent)?),
            _ => {}
        }
    }
    let role = match message.role {
        Role::User => "user",
        Role::Assistant => "model",
    };
    Ok(json!({"role": role, "parts": parts}))
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
