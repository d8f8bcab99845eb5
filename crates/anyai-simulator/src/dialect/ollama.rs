//! Ollama's own chat: a line of JSON for each token.

use serde_json::{Value, json};

use super::{Beat, Dialect, read};
use crate::ask::{Ask, Effort, Said, Speaker, Thinking};
use crate::image::Seen;
use crate::model;
use crate::provider::Provider;
use crate::trouble::Trouble;
use crate::turn::{Stop, Turn};

/// When recorded answers were made; no client depends on it.
const MADE_AT: &str = "2026-11-22T12:00:00Z";
/// Nanoseconds a token is said to take; no client depends on it.
const TOKEN_NS: u64 = 10_000_000;

pub(crate) fn read(body: &Value) -> Result<Ask, Trouble> {
    let model = read::model(body)?;
    let known = model::find(Provider::Ollama, &model).ok_or_else(|| Trouble::UnknownModel {
        model: model.clone(),
    })?;
    let mut system = String::new();
    let mut said = Vec::new();
    for message in read::list(body, "messages")? {
        let text = read::word(message, "/content").unwrap_or_default();
        let by = match read::word(message, "/role") {
            Some("user" | "tool") => Speaker::User,
            Some("assistant") => Speaker::Model,
            Some("system") => {
                system.push_str(text);
                continue;
            }
            _ => return Err(Trouble::bad_request("invalid role", "messages")),
        };
        let images = read::strings(message.get("images"));
        let bad = || Trouble::bad_request("illegal base64 data", "images");
        said.push(Said {
            by,
            text: text.to_owned(),
            images: (images.iter())
                .map(|data| Seen::from_base64(data).ok_or_else(bad))
                .collect::<Result<_, _>>()?,
        });
    }
    let limit = body.pointer("/options/num_predict").and_then(Value::as_u64);
    Ok(Ask {
        provider: Provider::Ollama,
        known,
        system,
        said,
        output_tokens_max: limit.map(|limit| limit.clamp(1, known.output_tokens_max)),
        effort: read::word(body, "/think")
            .map(Effort::from_word)
            .unwrap_or_default(),
        thinking: match body.get("think") {
            Some(Value::Bool(true) | Value::String(_)) => Thinking::Shown { tokens_max: None },
            _ => Thinking::Off,
        },
        // Without a word on it, it streams.
        streaming: body.get("stream") != Some(&Value::Bool(false)),
        include_usage: true,
        wants_reasoning: false,
        stop_sequences: read::strings(body.pointer("/options/stop")),
        marks_cache: false,
        model,
    })
}

/// The answer as a stream.
pub(crate) struct Lines;

impl Dialect for Lines {
    fn beat(&mut self, turn: &Turn, beat: &Beat) -> Vec<u8> {
        match beat {
            Beat::Thinking(thought) if turn.ask.thinking.is_shown() => line(&piece(
                turn,
                &json!({"role": "assistant", "content": "", "thinking": thought}),
            )),
            Beat::Text(text) => line(&piece(turn, &json!({"role": "assistant", "content": text}))),
            Beat::Finish => line(&last(turn, &json!({"role": "assistant", "content": ""}))),
            _ => Vec::new(),
        }
    }

    fn midstream_error(&mut self, _turn: &Turn) -> Vec<u8> {
        line(&json!({"error": "an error was encountered while running the model"}))
    }
}

fn line(value: &Value) -> Vec<u8> {
    format!("{value}\n").into_bytes()
}

fn piece(turn: &Turn, message: &Value) -> Value {
    json!({"model": turn.ask.model, "created_at": MADE_AT, "message": message, "done": false})
}

/// The line that ends the answer, with its usage.
fn last(turn: &Turn, message: &Value) -> Value {
    let usage = &turn.usage;
    let mut last = piece(turn, message);
    last["done"] = json!(true);
    last["done_reason"] = json!(if turn.stop == Stop::OutputLimit {
        "length"
    } else {
        "stop"
    });
    let (input, output) = (usage.input.total, usage.output);
    last["total_duration"] = json!((input + output) * TOKEN_NS);
    last["load_duration"] = json!(TOKEN_NS);
    if usage.is_reported() {
        last["prompt_eval_count"] = usage.count(input);
        last["prompt_eval_duration"] = json!(input * TOKEN_NS);
        last["eval_count"] = usage.count(output);
        last["eval_duration"] = json!(output * TOKEN_NS);
    }
    last
}

/// The answer in one piece.
pub(crate) fn whole(turn: &Turn) -> Value {
    let mut message = json!({"role": "assistant", "content": turn.text()});
    if turn.ask.thinking.is_shown() && !turn.thinking.is_empty() {
        message["thinking"] = json!(turn.thinking_text());
    }
    last(turn, &message)
}
