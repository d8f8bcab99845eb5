//! The simulator's bodies beside recorded ones: the same events in the same order, and no field
//! that a provider never sent.
//!
//! The recordings are not part of the project; without them these tests say so and pass.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyai_simulator::Provider;
use serde_json::Value;

use crate::support::{Wire, events, simulator};

/// Fields that providers send, on the word of their documents, though no recording here has them.
const DOCUMENTED: [&str; 8] = [
    ".usage.output_tokens_details",
    ".usage.cost_in_usd_ticks",
    ".error.code",
    ".response.error",
    ".choices[].delta.reasoning_details[].signature",
    ".usage.prompt_tokens_details.cache_write_tokens",
    ".usage.completion_tokens_details",
    ".delta.stop_details",
];

pub(crate) fn recorded() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/recorded");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: no recordings at {}", folder.display());
    None
}

pub(crate) fn body(folder: &Path, id: &str) -> Vec<u8> {
    fs::read(folder.join(format!("{id}.response.body")))
        .unwrap_or_else(|error| panic!("{id}: {error}"))
}

/// A recorded stream's events, whether framed as events or as one array.
pub(crate) fn recorded_events(folder: &Path, id: &str) -> Vec<Value> {
    let bytes = body(folder, id);
    match serde_json::from_slice(&bytes) {
        Ok(Value::Array(chunks)) => chunks,
        Ok(other) => vec![other],
        Err(_) => events(&bytes).into_iter().map(|(_, event)| event).collect(),
    }
}

async fn simulated(wire: Wire, prompt: &str) -> Vec<Value> {
    let simulator = simulator().await;
    let bytes = wire
        .send(&simulator, prompt, true)
        .await
        .bytes()
        .await
        .expect("a whole body");
    events(&bytes).into_iter().map(|(_, event)| event).collect()
}

/// Which events follow each other, repetitions told once and pings left out.
fn order(events: &[Value]) -> Vec<String> {
    let name = |event: &Value| {
        let part = |pointer: &str| {
            event
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        [
            part("/type"),
            part("/content_block/type"),
            part("/delta/type"),
            part("/item/type"),
            part("/part/type"),
        ]
        .join(" ")
        .trim()
        .to_owned()
    };
    let mut order: Vec<String> = events
        .iter()
        .map(name)
        .filter(|name| name != "ping")
        .collect();
    order.dedup();
    order
}

/// Every path to a value, list places told as one.
fn paths(value: &Value, at: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                paths(value, &format!("{at}.{name}"), into);
            }
        }
        Value::Array(items) => {
            for item in items {
                paths(item, &format!("{at}[]"), into);
            }
        }
        _ => {}
    }
    into.insert(at.to_owned());
}

fn all_paths<'a>(values: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for value in values {
        paths(value, "", &mut found);
    }
    found
}

/// What the simulator sends and no recording of the same kind does.
pub(crate) fn invented(ours: &[Value], theirs: &[Value]) -> Vec<String> {
    let known = all_paths(theirs);
    let documented = |path: &String| DOCUMENTED.iter().any(|start| path.contains(start));
    all_paths(ours)
        .into_iter()
        .filter(|path| !known.contains(path) && !documented(path))
        .collect()
}

/// Every recorded stream or body of a provider whose name starts so.
fn all_recorded(folder: &Path, provider: Provider, starts: &[&str]) -> Vec<Value> {
    let mut found = Vec::new();
    for file in fs::read_dir(folder.join(provider.as_str())).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let Some(case) = name.strip_suffix(".response.body") else {
            continue;
        };
        if starts.iter().any(|start| case.starts_with(start)) {
            found.extend(recorded_events(folder, &format!("{provider}/{case}")));
        }
    }
    assert!(!found.is_empty(), "no recordings of {provider} {starts:?}");
    found
}

#[tokio::test]
async fn events_come_in_the_recorded_order() {
    let Some(folder) = recorded() else { return };
    let say = "[[say:seventeen]]";
    let cases = [
        (
            Wire::Messages,
            say,
            "anthropic/chat-stream-claude-sonnet-4-6-cacheread-end-turn-think",
        ),
        (
            Wire::Messages,
            "[[fault:refuse]]",
            "anthropic/vercel-anthropic-refusal-stream",
        ),
        (
            Wire::Responses(Provider::OpenAi),
            say,
            "openai/responses-stream-gpt-5-6-sol-completed-think",
        ),
        (
            Wire::Responses(Provider::XAi),
            say,
            "xai/vercel-xai-text-streaming-1-stream",
        ),
    ];
    for (wire, prompt, id) in cases {
        assert_eq!(
            order(&simulated(wire, prompt).await),
            order(&recorded_events(&folder, id)),
            "{id}"
        );
    }
}

#[tokio::test]
async fn unhappy_ends_have_the_recorded_order_too() {
    let Some(folder) = recorded() else { return };
    let ends = |events: &[Value], count: usize| {
        let order = order(events);
        order[order.len() - count..].to_vec()
    };
    let wire = Wire::Responses(Provider::OpenAi);
    let cases = [
        (
            "[[fault:empty]]",
            "openai/responses-stream-gpt-5-6-sol-empty-inc-max-output-tokens-incomplete",
            2,
        ),
        (
            "[[fault:refuse]]",
            "openai/responses-stream-gpt-4o-2024-08-06-empty-refusal-completed",
            7,
        ),
        (
            "[[fault:midstream_error after=0]]",
            "openai/vercel-openai-error-1-stream",
            2,
        ),
    ];
    for (prompt, id, count) in cases {
        let ours = simulated(wire, prompt).await;
        assert_eq!(
            ends(&ours, count),
            ends(&recorded_events(&folder, id), count),
            "{id}"
        );
    }
    let overloaded = recorded_events(&folder, "anthropic/spec-midstream-overloaded");
    let ours = simulated(Wire::Messages, "[[fault:midstream_error after=3]]").await;
    assert_eq!(ours.last(), overloaded.last());
}

#[tokio::test]
async fn no_field_is_sent_that_no_provider_sends() {
    let Some(folder) = recorded() else { return };
    let cases: [(Wire, &[&str]); 8] = [
        (Wire::Messages, &["chat-stream", "vercel-anthropic"]),
        (
            Wire::Responses(Provider::OpenAi),
            &["responses-stream", "vercel-openai"],
        ),
        (
            Wire::Responses(Provider::XAi),
            &["responses-stream", "vercel-xai-text-streaming"],
        ),
        (
            Wire::Chat(Provider::OpenAi),
            &["chat-stream", "vercel-openai-text"],
        ),
        (Wire::Chat(Provider::OpenRouter), &["chat-stream"]),
        (Wire::Chat(Provider::Ollama), &["chat-stream"]),
        (Wire::Chat(Provider::LlamaCpp), &["chat-stream"]),
        (Wire::Gemini, &["chat-stream"]),
    ];
    for (wire, starts) in cases {
        let theirs = all_recorded(&folder, wire.provider(), starts);
        let mut ours = simulated(wire, "Explain how tides work").await;
        if wire == Wire::Responses(Provider::XAi) {
            // These recordings did not ask for it.
            ours.iter_mut().for_each(drop_encrypted);
        }
        assert_eq!(invented(&ours, &theirs), Vec::<String>::new(), "{wire:?}");
    }
}

fn drop_encrypted(event: &mut Value) {
    for pointer in ["/item", "/response/output/0"] {
        if let Some(item) = event.pointer_mut(pointer).and_then(Value::as_object_mut) {
            item.remove("encrypted_content");
        }
    }
}

#[tokio::test]
async fn errors_have_the_recorded_status_and_fields() {
    let Some(folder) = recorded() else { return };
    let open_ai = Wire::Responses(Provider::OpenAi);
    let cases = [
        (
            Wire::Messages,
            "auth",
            "anthropic/error-json-claude-haiku-4-5-20251001-err-auth-401-code-none-authentication-error",
        ),
        (
            Wire::Messages,
            "not_found",
            "anthropic/error-json-claude-nonexistent-rig-test-err-not-found-404-code-none-not-found-error",
        ),
        (
            open_ai,
            "context",
            "openai/error-json-gpt-5-nano-err-context-length-400-code-context-length-exceeded-invalid-request-error",
        ),
        (
            Wire::Responses(Provider::XAi),
            "auth",
            "xai/error-json-grok-4-3-err-auth-400-code-invalid-argument-none",
        ),
        (
            Wire::Chat(Provider::LlamaCpp),
            "auth",
            "llamacpp/error-json-qwen3-1-7b-q4-k-m-err-auth-401-code-401-authentication-error",
        ),
        (
            Wire::Gemini,
            "auth",
            "google/error-json-gemini-2-5-flash-err-auth-400-code-400-invalid-argument",
        ),
        (
            Wire::Gemini,
            "rate_limited",
            "google/vercel-google-429-retry-info",
        ),
        (
            Wire::Gemini,
            "not_found",
            "google/error-json-nonexistent-model-err-not-found-404-code-404-not-found",
        ),
    ];
    let simulator = simulator().await;
    for (wire, fault, id) in cases {
        let response = wire
            .send(&simulator, &format!("[[fault:{fault}]]"), true)
            .await;
        let status = status(&folder, id);
        assert_eq!(u64::from(response.status().as_u16()), status, "{id}");
        let ours: Value = response.json().await.unwrap();
        let theirs: Value = serde_json::from_slice(&body(&folder, id)).unwrap();
        assert_eq!(
            invented(std::slice::from_ref(&ours), std::slice::from_ref(&theirs)),
            Vec::<String>::new(),
            "{id}"
        );
        for field in ["/error/type", "/error/code", "/error/status", "/code"] {
            assert_eq!(ours.pointer(field), theirs.pointer(field), "{id} {field}");
        }
    }
}

/// The status the index tells for a case.
fn status(folder: &Path, id: &str) -> u64 {
    let index = fs::read_to_string(folder.join("index.jsonl")).unwrap();
    let mut rows = index
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let row = rows
        .find(|row| row["id"] == id)
        .unwrap_or_else(|| panic!("{id} is not in the index"));
    row["status"].as_u64().unwrap()
}
