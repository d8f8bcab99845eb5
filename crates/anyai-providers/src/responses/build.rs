//! Writes a turn as a Responses request.

use serde_json::{Map, Value, json};

use crate::body::{Block, Body};
use crate::content::{PDF, data_url, items_with_state};
use crate::document::Document;
use crate::endpoint::{Endpoint, Protocol, Provider};
use crate::error::BuildError;
use crate::http_request::HttpRequest;
use crate::request::{ChatRequest, Message, Part, Role, Thinking};

/// OpenAI answers a lower limit with an error.
const OPENAI_OUTPUT_TOKENS_MIN: u64 = 16;

pub(crate) fn build(
    request: &ChatRequest,
    endpoint: &Endpoint<'_>,
) -> Result<HttpRequest, BuildError> {
    check_limit(request, endpoint.provider)?;
    let mut body = Map::new();
    body.insert("model".into(), json!(request.model));
    if let Some(system) = request
        .system
        .as_deref()
        .filter(|system| !system.is_empty())
    {
        body.insert("instructions".into(), json!(system));
    }
    let mut input = Vec::new();
    for message in &request.messages {
        input.extend(items(message)?);
    }
    body.insert(
        "max_output_tokens".into(),
        json!(request.max_output_tokens.count()),
    );
    body.insert("store".into(), json!(false));
    body.insert("stream".into(), json!(true));
    let is_asked = matches!(request.thinking, Thinking::Effort(_));
    if is_asked || request.may_think && request.thinking != Thinking::Off {
        body.insert("include".into(), json!(["reasoning.encrypted_content"]));
    }
    insert_effort(request.thinking, endpoint.provider, &mut body);
    if endpoint.provider == Provider::OpenAi {
        body.insert(
            "stream_options".into(),
            json!({"include_obfuscation": false}),
        );
        if let Some(end_user) = &request.end_user {
            body.insert("safety_identifier".into(), json!(end_user));
        }
    } else if let Some(end_user) = &request.end_user {
        body.insert("user".into(), json!(end_user));
    }
    let routes_by_key = matches!(endpoint.provider, Provider::OpenAi | Provider::XAi);
    if let Some(cache_key) = request.cache_key.as_ref().filter(|_| routes_by_key) {
        body.insert("prompt_cache_key".into(), json!(cache_key));
    }
    let body = Body {
        fields: body,
        turns_key: "input",
        turns: input,
    };
    HttpRequest::post(endpoint, "responses", None, &body)
}

fn check_limit(request: &ChatRequest, provider: Provider) -> Result<(), BuildError> {
    let asked = request.max_output_tokens.count();
    match provider {
        Provider::OpenAi if asked < OPENAI_OUTPUT_TOKENS_MIN => Err(BuildError::OutputLimit {
            asked,
            least: OPENAI_OUTPUT_TOKENS_MIN,
        }),
        _ => Ok(()),
    }
}

/// A message is one item, except that stored reasoning stands as an item of its own where it was.
fn items(message: &Message) -> Result<Vec<Block>, BuildError> {
    let protocol = Protocol::Responses;
    match message.role {
        Role::User => items_with_state(
            message,
            protocol,
            content,
            |content| json!({"role": "user", "content": content}),
        ),
        // An answer without its id is plain words: parts of it are for answers as they were given.
        Role::Assistant => items_with_state(message, protocol, words, |words| {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            json!({"role": "assistant", "content": words.join("\n\n")})
        }),
    }
}

fn words(part: &Part) -> Option<Value> {
    let words = part.words().filter(|words| !words.is_empty())?;
    Some(json!(words))
}

fn content(part: &Part) -> Option<Value> {
    if let Some(words) = part.words() {
        return (!words.is_empty()).then(|| json!({"type": "input_text", "text": words}));
    }
    match part {
        Part::Image(image) => Some(json!({
            "type": "input_image", "detail": "auto",
            "image_url": data_url(&image.mime, &image.bytes),
        })),
        Part::Document(Document::Pdf { name, bytes }) => Some(json!({
            "type": "input_file", "filename": name, "file_data": data_url(PDF, bytes),
        })),
        _ => None,
    }
}

fn insert_effort(thinking: Thinking, provider: Provider, body: &mut Map<String, Value>) {
    let effort = match thinking {
        // A budget in tokens has no place here; the output limit bounds thinking too.
        Thinking::ProviderDefault | Thinking::Budget(_) => return,
        Thinking::Off => "none",
        Thinking::Effort(effort) => effort.as_str(),
    };
    let mut reasoning = Map::new();
    reasoning.insert("effort".into(), json!(effort));
    if thinking != Thinking::Off && provider == Provider::OpenAi {
        reasoning.insert("summary".into(), json!("auto"));
    }
    body.insert("reasoning".into(), Value::Object(reasoning));
}
