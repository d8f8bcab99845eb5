//! Google generateContent and streamGenerateContent.

use serde_json::{Value, json};

use super::{Beat, Dialect, opaque, read};
use crate::ask::{Ask, Effort, Said, Speaker, Thinking};
use crate::image::Seen;
use crate::model;
use crate::provider::Provider;
use crate::trouble::Trouble;
use crate::turn::{Stop, Turn};

pub(crate) fn read(model: &str, streaming: bool, body: &Value) -> Result<Ask, Trouble> {
    let known = model::find(Provider::Google, model).ok_or_else(|| Trouble::UnknownModel {
        model: model.to_owned(),
    })?;
    let mut said = Vec::new();
    for content in read::list(body, "contents")? {
        said.push(read_content(content)?);
    }
    let config = "/generationConfig";
    let limit = format!("{config}/maxOutputTokens");
    let level = read::word(body, "/generationConfig/thinkingConfig/thinkingLevel");
    Ok(Ask {
        provider: Provider::Google,
        known,
        system: body.get("systemInstruction").map(texts).unwrap_or_default(),
        said,
        output_tokens_max: read::limit(
            body,
            &limit,
            "maxOutputTokens",
            1..=known.output_tokens_max,
        )?,
        effort: level.map(Effort::from_word).unwrap_or_default(),
        thinking: read_thinking(body),
        streaming,
        include_usage: true,
        wants_reasoning: false,
        stop_sequences: read::strings(body.pointer("/generationConfig/stopSequences")),
        marks_cache: false,
        model: model.to_owned(),
    })
}

fn read_thinking(body: &Value) -> Thinking {
    let config = body.pointer("/generationConfig/thinkingConfig");
    let budget = config
        .and_then(|config| config.get("thinkingBudget"))
        .and_then(Value::as_i64);
    let shown = config.and_then(|config| config.get("includeThoughts")) == Some(&Value::Bool(true));
    // A budget of -1 leaves it to the model.
    let tokens_max = budget.and_then(|budget| u64::try_from(budget).ok());
    match (tokens_max, shown) {
        (Some(0), _) => Thinking::Off,
        (tokens_max, true) => Thinking::Shown { tokens_max },
        (tokens_max, false) => Thinking::Hidden { tokens_max },
    }
}

fn texts(content: &Value) -> String {
    let parts = content
        .get("parts")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    parts
        .iter()
        .filter_map(|part| part.get("text").and_then(Value::as_str))
        .collect()
}

fn read_content(content: &Value) -> Result<Said, Trouble> {
    let by = match content.get("role").and_then(Value::as_str) {
        Some("user") | None => Speaker::User,
        Some("model") => Speaker::Model,
        Some(_) => {
            return Err(Trouble::bad_request(
                "Please use a valid role: user, model.",
                "contents",
            ));
        }
    };
    let mut images = Vec::new();
    for part in read::list(content, "parts")? {
        if let Some(data) = read::word(part, "/inlineData/data") {
            let bad = || {
                Trouble::bad_request(
                    "Invalid value at 'contents': base64 decoding failed",
                    "contents",
                )
            };
            images.push(Seen::from_base64(data).ok_or_else(bad)?);
        }
    }
    Ok(Said {
        by,
        text: texts(content),
        images,
    })
}

/// The answer as a stream: server-sent events, or one JSON array when they were not asked for.
pub(crate) struct Candidates {
    framing: Framing,
    sent: u64,
    thought: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    Events,
    Array,
}

impl Candidates {
    pub(crate) fn new(framing: Framing) -> Self {
        Self {
            framing,
            sent: 0,
            thought: 0,
        }
    }

    fn frame(&self, chunk: &Value, is_first: bool) -> Vec<u8> {
        match (self.framing, is_first) {
            (Framing::Events, _) => format!("data: {chunk}\r\n\r\n"),
            (Framing::Array, true) => format!("[{chunk}\r\n"),
            (Framing::Array, false) => format!(",\r\n{chunk}\r\n"),
        }
        .into_bytes()
    }

    fn part(&mut self, turn: &Turn, part: Value) -> Vec<u8> {
        let is_first = self.sent + self.thought == 0;
        if part.get("thought").is_some() {
            self.thought += 1;
        } else {
            self.sent += 1;
        }
        let candidate = json!({"content": {"parts": [part], "role": "model"}, "index": 0});
        let usage = usage(turn, self.sent, self.thought);
        self.frame(&chunk(turn, &candidate, usage), is_first)
    }

    fn finish(&mut self, turn: &Turn) -> Vec<u8> {
        let is_first = self.sent + self.thought == 0;
        let mut end = self.frame(&last_chunk(turn, ""), is_first);
        if self.framing == Framing::Array {
            end.push(b']');
        }
        end
    }
}

impl Dialect for Candidates {
    fn beat(&mut self, turn: &Turn, beat: &Beat) -> Vec<u8> {
        match beat {
            Beat::Thinking(thought) if turn.ask.thinking.is_shown() => {
                self.part(turn, json!({"text": thought, "thought": true}))
            }
            Beat::Text(text) => self.part(turn, json!({"text": text})),
            Beat::Finish => self.finish(turn),
            _ => Vec::new(),
        }
    }

    fn midstream_error(&mut self, _turn: &Turn) -> Vec<u8> {
        let message = "The model is overloaded. Please try again later.";
        let error = json!({"error": {"code": 503, "message": message, "status": "UNAVAILABLE"}});
        self.frame(&error, self.sent + self.thought == 0)
    }
}

/// The answer in one piece.
pub(crate) fn whole(turn: &Turn) -> Value {
    last_chunk(turn, &turn.text())
}

/// The chunk that ends the answer: the rest of the text, the signature, the reason, the usage.
fn last_chunk(turn: &Turn, text: &str) -> Value {
    let usage = usage(
        turn,
        turn.usage.output - turn.usage.thinking,
        turn.usage.thinking,
    );
    if turn.stop == Stop::Refusal {
        let mut blocked = chunk(turn, &Value::Null, usage);
        if let Value::Object(fields) = &mut blocked {
            fields.remove("candidates");
        }
        blocked["promptFeedback"] = json!({"blockReason": "PROHIBITED_CONTENT"});
        return blocked;
    }
    let mut parts = Vec::new();
    let has_thoughts = !turn.thinking.is_empty();
    if has_thoughts && !text.is_empty() && turn.ask.thinking.is_shown() {
        parts.push(json!({"text": turn.thinking_text(), "thought": true}));
    }
    let mut part = json!({"text": text});
    if has_thoughts {
        part["thoughtSignature"] = json!(opaque("signature", &turn.thinking_text()));
    }
    parts.push(part);
    let reason = if turn.stop == Stop::OutputLimit {
        "MAX_TOKENS"
    } else {
        "STOP"
    };
    let candidate =
        json!({"content": {"parts": parts, "role": "model"}, "finishReason": reason, "index": 0});
    chunk(turn, &candidate, usage)
}

fn chunk(turn: &Turn, candidate: &Value, usage: Option<Value>) -> Value {
    let mut chunk = json!({
        "candidates": [candidate],
        "modelVersion": turn.ask.model,
        "responseId": turn.id(""),
    });
    if let Some(usage) = usage {
        chunk["usageMetadata"] = usage;
    }
    chunk
}

/// The record so far: thoughts are counted beside the candidates, not in them.
fn usage(turn: &Turn, sent: u64, thought: u64) -> Option<Value> {
    let usage = &turn.usage;
    if !usage.is_reported() {
        return None;
    }
    let input = usage.input.total;
    let mut record = json!({
        "promptTokenCount": usage.count(input),
        "candidatesTokenCount": usage.count(sent),
        "totalTokenCount": usage.count(input + sent + thought),
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": usage.count(input)}],
    });
    if thought > 0 {
        record["thoughtsTokenCount"] = usage.count(thought);
    }
    if usage.input.read > 0 {
        record["cachedContentTokenCount"] = usage.count(usage.input.read);
    }
    Some(record)
}
