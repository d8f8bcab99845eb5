//! Writes a turn as an interaction: a list of steps, nothing kept at the provider.

use serde_json::{Map, Value, json};

use crate::body::Body;
use crate::content::{PDF, base64_of, items_with_state};
use crate::document::Document;
use crate::endpoint::{Endpoint, Protocol};
use crate::error::BuildError;
use crate::http_request::HttpRequest;
use crate::interactions::pictures::image_content;
use crate::request::{ChatRequest, Effort, Part, Role, Thinking};

pub(crate) fn build(
    request: &ChatRequest,
    endpoint: &Endpoint<'_>,
) -> Result<HttpRequest, BuildError> {
    let mut steps = Vec::new();
    for message in &request.messages {
        let step_type = match message.role {
            Role::User => "user_input",
            Role::Assistant => "model_output",
        };
        let step = |content: Vec<Value>| json!({"type": step_type, "content": content});
        steps.extend(items_with_state(
            message,
            Protocol::Interactions,
            content,
            step,
        )?);
    }
    let mut body = Map::new();
    body.insert("model".into(), json!(request.model));
    if let Some(system) = request
        .system
        .as_deref()
        .filter(|system| !system.is_empty())
    {
        body.insert("system_instruction".into(), json!(system));
    }
    body.insert("generation_config".into(), generation_config(request));
    body.insert("store".into(), json!(false));
    body.insert("stream".into(), json!(true));
    let body = Body {
        fields: body,
        turns_key: "input",
        turns: steps,
    };
    HttpRequest::post(endpoint, "interactions", Some("alt=sse"), &body)
}

fn content(part: &Part) -> Option<Value> {
    if let Some(words) = part.words() {
        return (!words.is_empty()).then(|| json!({"type": "text", "text": words}));
    }
    match part {
        Part::Image(image) => Some(image_content(image)),
        Part::Document(Document::Pdf { bytes, .. }) => Some(json!({
            "type": "document", "mime_type": PDF, "data": base64_of(bytes),
        })),
        _ => None,
    }
}

fn generation_config(request: &ChatRequest) -> Value {
    let mut config = json!({"max_output_tokens": request.max_output_tokens.count()});
    let level = match request.thinking {
        // A budget in tokens has no place here; the output limit bounds thinking too.
        Thinking::ProviderDefault | Thinking::Budget(_) => return config,
        // There is no level below it.
        Thinking::Off => "minimal",
        Thinking::Effort(Effort::Max) => Effort::XHigh.as_str(),
        Thinking::Effort(effort) => effort.as_str(),
    };
    config["thinking_level"] = json!(level);
    config["thinking_summaries"] = json!("auto");
    config
}
