//! The lists of models a key is verified with.

use serde_json::{Value, json};

use crate::media_model::{self, Makes, MediaModel, media_models};
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
        Provider::LlamaCpp => llama_cpp(),
        _ => {
            let ids = (models(provider).map(|model| model.id))
                .chain(media_models(provider).map(|model| model.id));
            let entry = |id: &str| json!({"id": id, "object": "model", "created": CREATED_S, "owned_by": provider.as_str()});
            json!({"object": "list", "data": ids.map(entry).collect::<Vec<_>>()})
        }
    }
}

/// Ollama's own list.
pub(crate) fn tags() -> Value {
    let entry = |model: &Model| {
        json!({
            "name": model.id,
            "model": model.id,
            "modified_at": "2026-11-22T12:00:00Z",
            "size": 5_225_387_923_u64,
            "digest": format!("{:064x}", crate::composer::mark(model.id)),
            "details": {
                "parent_model": "",
                "format": "gguf",
                "family": model.id.split(':').next(),
                "families": [model.id.split(':').next()],
                "parameter_size": model.id.split(':').next_back(),
                "quantization_level": "Q4_K_M",
            },
        })
    };
    json!({"models": models(Provider::Ollama).map(entry).collect::<Vec<_>>()})
}

/// What Ollama says of one model.
pub(crate) fn shown(name: &str) -> Option<Value> {
    let model = models(Provider::Ollama).find(|model| model.id == name)?;
    Some(json!({
        "details": {"format": "gguf", "family": "qwen3"},
        "model_info": {"general.architecture": "qwen3", "qwen3.context_length": model.context_tokens},
        "capabilities": ["completion"],
    }))
}

/// The server lists its one model twice: in its own way and in OpenAI's.
fn llama_cpp() -> Value {
    let own = |model: &Model| {
        json!({
            "name": model.id,
            "model": model.id,
            "type": "model",
            "capabilities": ["completion"],
            "details": {"format": "gguf"},
        })
    };
    let open = |model: &Model| {
        json!({
            "id": model.id,
            "object": "model",
            "created": CREATED_S,
            "owned_by": "llamacpp",
            "meta": {"n_ctx_train": model.context_tokens},
        })
    };
    let all = || models(Provider::LlamaCpp);
    json!({
        "models": all().map(own).collect::<Vec<_>>(),
        "object": "list",
        "data": all().map(open).collect::<Vec<_>>(),
    })
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
    let media = |model: &MediaModel| {
        let method = match (model.makes, model.line("tokens:second")) {
            (Makes::Pictures, _) => "generateContent",
            (Makes::Clips, Some(_)) => "createInteraction",
            (Makes::Clips, None) => "predictLongRunning",
        };
        json!({
            "name": format!("models/{}", model.id),
            "displayName": model.id,
            "inputTokenLimit": 65_536,
            "outputTokenLimit": 32_768,
            "supportedGenerationMethods": [method],
        })
    };
    let listed =
        (models(Provider::Google).map(entry)).chain(media_models(Provider::Google).map(media));
    json!({"models": listed.collect::<Vec<_>>()})
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
    let media = |model: &MediaModel| {
        let id = format!("{}/{}", model.provider, model.id);
        let output = match model.makes {
            Makes::Pictures => "image",
            Makes::Clips => "video",
        };
        json!({
            "id": id,
            "name": id,
            "created": CREATED_S,
            "context_length": 65_536,
            "architecture": {"input_modalities": ["text", "image"], "output_modalities": [output]},
            "pricing": {
                "prompt": dollars(model.line("text_in").unwrap_or_default()),
                "completion": dollars(model.line("text_out").unwrap_or_default()),
            },
            "top_provider": {"max_completion_tokens": null},
        })
    };
    let listed = routed().map(entry).chain(media_model::all().map(media));
    json!({"data": listed.collect::<Vec<_>>()})
}

/// A price a token, in dollars as text.
fn dollars(nano_usd: u64) -> String {
    format!("0.{nano_usd:09}")
}
