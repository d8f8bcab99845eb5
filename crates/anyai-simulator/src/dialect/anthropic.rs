//! Anthropic Messages.

use serde_json::{Map, Value, json};

use super::{Beat, Dialect, event, opaque, read};
use crate::ask::{Ask, Effort, Said, Speaker, Thinking};
use crate::image::Seen;
use crate::model;
use crate::provider::Provider;
use crate::trouble::Trouble;
use crate::turn::{Stop, Turn};

/// The smallest thinking budget.
const BUDGET_TOKENS_MIN: u64 = 1_024;

pub(crate) fn read(body: &Value) -> Result<Ask, Trouble> {
    let model = read::model(body)?;
    let known = model::find(Provider::Anthropic, &model).ok_or_else(|| Trouble::UnknownModel {
        model: model.clone(),
    })?;
    let most = known.output_tokens_max;
    let output_tokens_max = read::limit(body, "/max_tokens", "max_tokens", 1..=most)?
        .ok_or_else(|| Trouble::bad_request("max_tokens: Field required", "max_tokens"))?;
    let mut said = Vec::new();
    for message in read::list(body, "messages")? {
        said.push(read_message(message)?);
    }
    Ok(Ask {
        provider: Provider::Anthropic,
        known,
        system: read_system(body.get("system")),
        said,
        output_tokens_max: Some(output_tokens_max),
        effort: read::word(body, "/output_config/effort")
            .map(Effort::from_word)
            .unwrap_or_default(),
        thinking: read_thinking(body, &model, output_tokens_max)?,
        streaming: read::flag(body, "stream"),
        include_usage: true,
        wants_reasoning: false,
        stop_sequences: read::strings(body.get("stop_sequences")),
        marks_cache: body.to_string().contains("\"cache_control\""),
        model,
    })
}

fn read_thinking(body: &Value, model: &str, limit: u64) -> Result<Thinking, Trouble> {
    let always = ["opus-5-5", "sonnet-5-5", "fable"]
        .iter()
        .any(|part| model.contains(part));
    let hidden = read::word(body, "/thinking/display") == Some("omitted");
    let shown = |tokens_max| {
        if hidden {
            Thinking::Hidden { tokens_max }
        } else {
            Thinking::Shown { tokens_max }
        }
    };
    match read::word(body, "/thinking/type") {
        Some("enabled") => {
            let budget = body
                .pointer("/thinking/budget_tokens")
                .and_then(Value::as_u64);
            match budget {
                Some(budget) if budget >= BUDGET_TOKENS_MIN && budget < limit => {
                    Ok(shown(Some(budget)))
                }
                Some(budget) if budget >= limit => Err(Trouble::bad_request(
                    "`max_tokens` must be greater than `thinking.budget_tokens`",
                    "thinking",
                )),
                _ => Err(Trouble::bad_request(
                    "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
                    "thinking",
                )),
            }
        }
        Some("adaptive") => Ok(shown(None)),
        Some("disabled") if !always => Ok(Thinking::Off),
        None if !always => Ok(Thinking::Off),
        None => Ok(Thinking::Hidden { tokens_max: None }),
        Some("disabled") => Err(Trouble::bad_request(
            "thinking cannot be disabled for this model",
            "thinking",
        )),
        Some(_) => Err(Trouble::bad_request("thinking.type: unknown", "thinking")),
    }
}

fn read_system(system: Option<&Value>) -> String {
    match system {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(blocks)) => {
            let texts = blocks
                .iter()
                .filter_map(|block| block.get("text").and_then(Value::as_str));
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

fn read_message(message: &Value) -> Result<Said, Trouble> {
    let by = match message.get("role").and_then(Value::as_str) {
        Some("user") => Speaker::User,
        Some("assistant") => Speaker::Model,
        _ => {
            return Err(Trouble::bad_request(
                "messages.role: user or assistant",
                "messages",
            ));
        }
    };
    let mut said = Said {
        by,
        ..Said::default()
    };
    match message.get("content") {
        Some(Value::String(text)) => said.text.clone_from(text),
        Some(Value::Array(blocks)) => {
            for block in blocks {
                read_block(block, &mut said)?;
            }
        }
        _ => {
            return Err(Trouble::bad_request(
                "messages.content: Field required",
                "messages",
            ));
        }
    }
    if said.text.is_empty() && said.images.is_empty() && by == Speaker::User {
        return Err(Trouble::bad_request(
            "messages: text content blocks must be non-empty",
            "messages",
        ));
    }
    Ok(said)
}

fn read_block(block: &Value, said: &mut Said) -> Result<(), Trouble> {
    match block.get("type").and_then(Value::as_str) {
        Some("text") => {
            said.text.push_str(
                block
                    .get("text")
                    .and_then(Value::as_str)
                    .unwrap_or_default(),
            );
        }
        Some("image") => {
            let seen = match read::word(block, "/source/type") {
                Some("base64") => {
                    Seen::from_base64(read::word(block, "/source/data").unwrap_or_default())
                }
                _ => Seen::from_url(read::word(block, "/source/url").unwrap_or_default()),
            };
            let bad = || Trouble::bad_request("messages: image is not valid base64", "messages");
            said.images.push(seen.ok_or_else(bad)?);
        }
        Some("thinking") => {
            let thinking = block
                .get("thinking")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if block.get("signature").and_then(Value::as_str) != Some(&signature(thinking)) {
                return Err(Trouble::bad_request(
                    "messages: Invalid `signature` in `thinking` block",
                    "messages",
                ));
            }
        }
        Some(_) => {}
        None => {
            return Err(Trouble::bad_request(
                "messages.content.type: Field required",
                "messages",
            ));
        }
    }
    Ok(())
}

/// What a thinking block is signed with; a block that comes back must match it to the byte.
fn signature(shown_thinking: &str) -> String {
    opaque("signature", shown_thinking)
}

/// The answer as a stream.
#[derive(Default)]
pub(crate) struct Messages {
    index: u64,
}

impl Dialect for Messages {
    fn beat(&mut self, turn: &Turn, beat: &Beat) -> Vec<u8> {
        let index = self.index;
        match beat {
            Beat::Open => open(turn),
            Beat::ThinkingStart => block_start(
                index,
                &json!({"type": "thinking", "thinking": "", "signature": ""}),
            ),
            Beat::Thinking(_) if !turn.ask.thinking.is_shown() => Vec::new(),
            Beat::Thinking(thought) => block_delta(
                index,
                &json!({"type": "thinking_delta", "thinking": thought}),
            ),
            Beat::ThinkingEnd => {
                self.index += 1;
                let signature = signature(&shown_thinking(turn));
                let delta = json!({"type": "signature_delta", "signature": signature});
                [block_delta(index, &delta), block_stop(index)].concat()
            }
            Beat::TextStart => block_start(index, &json!({"type": "text", "text": ""})),
            Beat::Text(text) => block_delta(index, &json!({"type": "text_delta", "text": text})),
            Beat::TextEnd => {
                self.index += 1;
                block_stop(index)
            }
            Beat::Refusal => Vec::new(),
            Beat::Finish => finish(turn),
        }
    }

    fn midstream_error(&mut self, _turn: &Turn) -> Vec<u8> {
        let error = json!({"type": "overloaded_error", "message": "Overloaded"});
        event("error", &json!({"type": "error", "error": error}))
    }
}

/// The answer in one piece.
pub(crate) fn whole(turn: &Turn) -> Value {
    let mut content = Vec::new();
    if !turn.thinking.is_empty() {
        let thinking = shown_thinking(turn);
        let signature = signature(&thinking);
        content.push(json!({"type": "thinking", "thinking": thinking, "signature": signature}));
    }
    if turn.stop != Stop::Refusal && !turn.text.is_empty() {
        content.push(json!({"type": "text", "text": turn.text()}));
    }
    let mut message = message(turn);
    message.insert("content".to_owned(), Value::Array(content));
    for (name, value) in stopped(turn) {
        message.insert(name, value);
    }
    if turn.usage.is_reported() {
        message.insert("usage".to_owned(), final_usage(turn));
    }
    Value::Object(message)
}

fn shown_thinking(turn: &Turn) -> String {
    if turn.ask.thinking.is_shown() {
        turn.thinking_text()
    } else {
        String::new()
    }
}

fn message(turn: &Turn) -> Map<String, Value> {
    let mut message = Map::new();
    message.insert("id".to_owned(), json!(turn.id("msg_")));
    message.insert("type".to_owned(), json!("message"));
    message.insert("role".to_owned(), json!("assistant"));
    message.insert("model".to_owned(), json!(turn.ask.model));
    message.insert("content".to_owned(), json!([]));
    message.insert("stop_reason".to_owned(), Value::Null);
    message.insert("stop_sequence".to_owned(), Value::Null);
    message
}

fn usage(turn: &Turn, output: u64) -> Value {
    let usage = &turn.usage;
    let plain = usage.input.total - usage.input.read - usage.input.write;
    let write = usage.count(usage.input.write);
    json!({
        "input_tokens": usage.count(plain),
        "cache_creation_input_tokens": write,
        "cache_read_input_tokens": usage.count(usage.input.read),
        "cache_creation": {"ephemeral_5m_input_tokens": write, "ephemeral_1h_input_tokens": 0},
        "output_tokens": usage.count(output),
        "service_tier": "standard",
    })
}

/// The record at the end, which alone knows how much was thought.
fn final_usage(turn: &Turn) -> Value {
    let mut record = usage(turn, turn.usage.output);
    let thinking = turn.usage.count(turn.usage.thinking);
    record["output_tokens_details"] = json!({"thinking_tokens": thinking});
    record
}

fn open(turn: &Turn) -> Vec<u8> {
    let mut message = message(turn);
    if turn.usage.is_reported() {
        message.insert("usage".to_owned(), usage(turn, 1.min(turn.usage.output)));
    }
    let mut opening = event(
        "message_start",
        &json!({"type": "message_start", "message": message}),
    );
    opening.extend(event("ping", &json!({"type": "ping"})));
    opening
}

fn block_start(index: u64, block: &Value) -> Vec<u8> {
    let start = json!({"type": "content_block_start", "index": index, "content_block": block});
    event("content_block_start", &start)
}

fn block_delta(index: u64, delta: &Value) -> Vec<u8> {
    let delta = json!({"type": "content_block_delta", "index": index, "delta": delta});
    event("content_block_delta", &delta)
}

fn block_stop(index: u64) -> Vec<u8> {
    event(
        "content_block_stop",
        &json!({"type": "content_block_stop", "index": index}),
    )
}

fn stopped(turn: &Turn) -> Map<String, Value> {
    let (reason, sequence) = match &turn.stop {
        Stop::End => ("end_turn", None),
        Stop::OutputLimit => ("max_tokens", None),
        Stop::Sequence(sequence) => ("stop_sequence", Some(sequence)),
        Stop::Refusal => ("refusal", None),
    };
    let mut stopped = Map::new();
    stopped.insert("stop_reason".to_owned(), json!(reason));
    stopped.insert("stop_sequence".to_owned(), json!(sequence));
    if turn.stop == Stop::Refusal {
        let details = json!({"type": "refusal", "category": null, "explanation": turn.text()});
        stopped.insert("stop_details".to_owned(), details);
    }
    stopped
}

fn finish(turn: &Turn) -> Vec<u8> {
    let mut delta = json!({"type": "message_delta", "delta": stopped(turn)});
    if turn.usage.is_reported() {
        delta["usage"] = final_usage(turn);
    }
    let mut end = event("message_delta", &delta);
    end.extend(event("message_stop", &json!({"type": "message_stop"})));
    end
}
