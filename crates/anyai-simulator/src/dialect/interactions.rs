//! Google's Interactions, when words are asked for.

use serde_json::{Value, json};

use super::{Beat, Dialect, event, opaque, read};
use crate::ask::{Ask, Effort, Said, Speaker, Thinking};
use crate::image::Seen;
use crate::model;
use crate::provider::Provider;
use crate::trouble::Trouble;
use crate::turn::{Stop, Turn};

/// When recorded interactions were made and changed; no client depends on it.
pub(crate) const MADE_AT: &str = "2026-11-22T12:00:00Z";

pub(crate) fn read(body: &Value, streaming: bool) -> Result<Ask, Trouble> {
    let model = read::model(body)?;
    let known = model::find(Provider::Google, &model).ok_or_else(|| Trouble::UnknownModel {
        model: model.clone(),
    })?;
    let limit = "/generation_config/max_output_tokens";
    let bounds = 1..=known.output_tokens_max;
    let level = read::word(body, "/generation_config/thinking_level");
    let shown = read::word(body, "/generation_config/thinking_summaries") == Some("auto");
    Ok(Ask {
        provider: Provider::Google,
        known,
        system: read::word(body, "/system_instruction")
            .unwrap_or_default()
            .to_owned(),
        said: read_input(body)?,
        output_tokens_max: read::limit(body, limit, "max_output_tokens", bounds)?,
        effort: level.map(Effort::from_word).unwrap_or_default(),
        thinking: match shown {
            true => Thinking::Shown { tokens_max: None },
            false => Thinking::Hidden { tokens_max: None },
        },
        streaming: streaming || read::flag(body, "stream"),
        include_usage: true,
        wants_reasoning: false,
        stop_sequences: Vec::new(),
        marks_cache: false,
        model,
    })
}

/// The input: words, content, or steps of a conversation.
fn read_input(body: &Value) -> Result<Vec<Said>, Trouble> {
    if let Some(text) = read::word(body, "/input") {
        return Ok(vec![Said {
            text: text.to_owned(),
            ..Said::default()
        }]);
    }
    let items = read::list(body, "input")?;
    if items.iter().all(|item| item.get("content").is_none()) {
        return Ok(vec![said(items, Speaker::User)?]);
    }
    let mut conversation = Vec::new();
    for step in items {
        let by = match read::word(step, "/type") {
            Some("user_input") => Speaker::User,
            Some("model_output") => Speaker::Model,
            _ => continue,
        };
        conversation.push(said(read::list(step, "content")?, by)?);
    }
    Ok(conversation)
}

fn said(content: &[Value], by: Speaker) -> Result<Said, Trouble> {
    let mut said = Said {
        by,
        ..Said::default()
    };
    for block in content {
        match (read::word(block, "/type"), read::word(block, "/data")) {
            (Some("text"), _) => said
                .text
                .push_str(read::word(block, "/text").unwrap_or_default()),
            (Some("image"), Some(data)) => {
                let bad = || Trouble::bad_request("input: base64 decoding failed", "input");
                said.images.push(Seen::from_base64(data).ok_or_else(bad)?);
            }
            _ => {}
        }
    }
    Ok(said)
}

/// An event; here its name stands in `event_type`.
pub(crate) fn told(kind: &str, mut fields: Value) -> Vec<u8> {
    fields["event_type"] = json!(kind);
    event(kind, &fields)
}

/// The end of every stream.
pub(crate) const DONE: &[u8] = b"event: done\ndata: [DONE]\n\n";

/// An error inside a good stream.
pub(crate) fn stream_error() -> Vec<u8> {
    let message = "The model is overloaded. Please try again later.";
    told(
        "error",
        json!({"error": {"code": "unavailable", "message": message}}),
    )
}

/// The answer as a stream.
#[derive(Default)]
pub(crate) struct Steps {
    index: u64,
}

impl Steps {
    fn start(&self, kind: &str) -> Vec<u8> {
        told(
            "step.start",
            json!({"index": self.index, "step": {"type": kind}}),
        )
    }

    fn delta(&self, delta: &Value) -> Vec<u8> {
        told("step.delta", json!({"index": self.index, "delta": delta}))
    }

    fn stop(&mut self) -> Vec<u8> {
        let stop = told("step.stop", json!({"index": self.index}));
        self.index += 1;
        stop
    }
}

impl Dialect for Steps {
    fn beat(&mut self, turn: &Turn, beat: &Beat) -> Vec<u8> {
        match beat {
            Beat::Open => opened(&id(turn), &turn.ask.model),
            Beat::ThinkingStart => self.start("thought"),
            Beat::Thinking(thought) if turn.ask.thinking.is_shown() => {
                let content = json!({"type": "text", "text": thought});
                self.delta(&json!({"type": "thought_summary", "content": content}))
            }
            Beat::Thinking(_) | Beat::Refusal => Vec::new(),
            Beat::ThinkingEnd => {
                let signature = opaque("signature", &turn.thinking_text());
                let delta = json!({"type": "thought_signature", "signature": signature});
                [self.delta(&delta), self.stop()].concat()
            }
            Beat::TextStart => self.start("model_output"),
            Beat::Text(text) => self.delta(&json!({"type": "text", "text": text})),
            Beat::TextEnd => self.stop(),
            Beat::Finish => {
                let mut whole = whole(turn);
                if let Value::Object(fields) = &mut whole {
                    fields.remove("steps");
                }
                let completed = told("interaction.completed", json!({"interaction": whole}));
                [completed.as_slice(), DONE].concat()
            }
        }
    }

    fn midstream_error(&mut self, _turn: &Turn) -> Vec<u8> {
        stream_error()
    }
}

/// How every stream begins.
pub(crate) fn opened(id: &str, model: &str) -> Vec<u8> {
    let interaction =
        json!({"id": id, "object": "interaction", "model": model, "status": "in_progress"});
    let update = json!({"interaction_id": id, "status": "in_progress"});
    [
        told("interaction.created", json!({"interaction": interaction})),
        told("interaction.status_update", update),
    ]
    .concat()
}

fn id(turn: &Turn) -> String {
    turn.id("v1_")
}

/// The answer in one piece.
pub(crate) fn whole(turn: &Turn) -> Value {
    let mut steps = Vec::new();
    if !turn.thinking.is_empty() {
        let thinking = turn.thinking_text();
        let mut step = json!({"type": "thought", "signature": opaque("signature", &thinking)});
        if turn.ask.thinking.is_shown() {
            step["summary"] = json!([{"type": "text", "text": thinking}]);
        }
        steps.push(step);
    }
    if !turn.text.is_empty() && turn.stop != Stop::Refusal {
        let content = json!([{"type": "text", "text": turn.text()}]);
        steps.push(json!({"type": "model_output", "content": content}));
    }
    let mut whole = json!({
        "created": MADE_AT,
        "id": id(turn),
        "model": turn.ask.model,
        "object": "interaction",
        "service_tier": "standard",
        "status": match turn.stop {
            Stop::OutputLimit => "incomplete",
            Stop::Refusal => "failed",
            Stop::End | Stop::Sequence(_) => "completed",
        },
        "steps": steps,
        "updated": MADE_AT,
    });
    if turn.usage.is_reported() {
        whole["usage"] = usage(turn);
    }
    whole
}

/// The record: thoughts are counted beside the output, not in it.
fn usage(turn: &Turn) -> Value {
    let usage = &turn.usage;
    let input = usage.input.total;
    json!({
        "input_tokens_by_modality": [{"modality": "text", "tokens": usage.count(input)}],
        "total_cached_tokens": usage.count(usage.input.read),
        "total_input_tokens": usage.count(input),
        "total_output_tokens": usage.count(usage.output - usage.thinking),
        "total_thought_tokens": usage.count(usage.thinking),
        "total_tokens": usage.count(input + usage.output),
        "total_tool_use_tokens": usage.count(0),
    })
}
