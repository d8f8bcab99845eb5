//! Writes a turn as an Ollama chat request.

use serde_json::{Map, Value, json};

use crate::content::{base64_of, joined_words, refuse_pdf};
use crate::endpoint::Endpoint;
use crate::error::BuildError;
use crate::http_request::HttpRequest;
use crate::request::{ChatRequest, Message, Part, Role, Thinking};

pub(crate) fn build(
    request: &ChatRequest,
    endpoint: &Endpoint<'_>,
) -> Result<HttpRequest, BuildError> {
    refuse_pdf(&request.messages)?;
    let system = request
        .system
        .as_deref()
        .filter(|system| !system.is_empty());
    let system = system.map(|system| json!({"role": "system", "content": system}));
    let messages: Vec<Value> = system
        .into_iter()
        .chain(request.messages.iter().map(message))
        .collect();
    let mut body = Map::new();
    body.insert("model".into(), json!(request.model));
    body.insert("messages".into(), Value::Array(messages));
    body.insert("stream".into(), json!(true));
    body.insert(
        "options".into(),
        json!({"num_predict": request.max_output_tokens.count()}),
    );
    let think = match request.thinking {
        Thinking::ProviderDefault => None,
        Thinking::Off => Some(json!(false)),
        Thinking::Budget(_) => Some(json!(true)),
        Thinking::Effort(effort) => Some(json!(effort.as_str())),
    };
    if let Some(think) = think {
        body.insert("think".into(), think);
    }
    HttpRequest::post(endpoint, "chat", None, &Value::Object(body))
}

fn message(message: &Message) -> Value {
    let role = match message.role {
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    let images = message.parts.iter().filter_map(|part| match part {
        Part::Image(image) => Some(base64_of(&image.bytes)),
        _ => None,
    });
    let images: Vec<String> = images.collect();
    let mut wire = json!({"role": role, "content": joined_words(message)});
    if !images.is_empty() {
        wire["images"] = json!(images);
    }
    wire
}
