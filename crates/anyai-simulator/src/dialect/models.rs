//! The lists of models a key is verified with.

use serde_json::{Value, json};

use crate::model::{Model, models, routed};
use crate::provider::Provider;

/// When the listed models were made; no client depends on it.
const CREATED_S: u64 = 1_767_225_600;

/// A provider's list, in its own shape.
pub(crate) fn list(provider: Provider) -> Value {
    match provider {
        Provider::Anthropic => anthropic(),
        Provider::Google => google(),
        Provider::OpenRouter => open_router(),
        _ => {
            let entry = |model: &Model| json!({"id": model.id, "object": "model", "created": CREATED_S, "owned_by": provider.as_str()});
            json!({"object": "list", "data": models(provider).map(entry).collect::<Vec<_>>()})
        }
    }
}

fn anthropic() -> Value {
    let entry = |model: &Model| json!({"type": "model", "id": model.id, "display_name": model.id, "created_at": "2026-01-01T00:00:00Z"});
    let data: Vec<Value> = models(Provider::Anthropic).map(entry).collect();
    let id = |entry: Option<&Value>| entry.map(|entry| entry["id"].clone());
    json!({"first_id": id(data.first()), "last_id": id(data.last()), "has_more": false, "data": data})
}

fn google() -> Value {
    let entry = |model: &Model| {
        json!({
            "name": format!("models/{}", model.id),
            "displayName": model.id,
            "inputTokenLimit": model.context_tokens,
            "outputTokenLimit": model.output_tokens_max,
            "supportedGenerationMethods": ["generateContent", "countTokens"],
            "thinking": true,
        })
    };
    json!({"models": models(Provider::Google).map(entry).collect::<Vec<_>>()})
}

fn open_router() -> Value {
    let entry = |model: &Model| {
        let id = format!("{}/{}", model.provider, model.id);
        json!({
            "id": id,
            "name": id,
            "created": CREATED_S,
            "context_length": model.context_tokens,
            "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
            "pricing": {
                "prompt": dollars(model.price.input_nano_usd),
                "completion": dollars(model.price.output_nano_usd),
                "input_cache_read": dollars(model.price.cache_read_nano_usd),
            },
            "top_provider": {"max_completion_tokens": model.output_tokens_max},
        })
    };
    json!({"data": routed().map(entry).collect::<Vec<_>>()})
}

/// A price a token, in dollars as text.
fn dollars(nano_usd: u64) -> String {
    format!("0.{nano_usd:09}")
}
