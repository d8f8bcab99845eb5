//! OpenAI Responses, and xAI's dialect of it.

use serde_json::{Value, json};

use super::{Beat, Dialect, event, opaque, read};
use crate::ask::{Ask, Effort, Said, Speaker, Thinking};
use crate::model;
use crate::provider::Provider;
use crate::trouble::Trouble;
use crate::turn::{Stop, Turn};

/// The smallest limit on output tokens.
const OUTPUT_TOKENS_MIN: u64 = 16;

pub(crate) fn read(provider: Provider, body: &Value) -> Result<Ask, Trouble> {
    let model = read::model(body)?;
    let known = model::find(provider, &model).ok_or_else(|| Trouble::UnknownModel {
        model: model.clone(),
    })?;
    if provider == Provider::OpenAi
        && body
            .get("temperature")
            .is_some_and(|value| !value.is_null())
    {
        let message = "Unsupported parameter: 'temperature' is not supported with this model.";
        return Err(Trouble::bad_request(message, "temperature"));
    }
    let bounds = OUTPUT_TOKENS_MIN..=known.output_tokens_max;
    let (system, said) = read_input(body)?;
    Ok(Ask {
        provider,
        known,
        system,
        said,
        output_tokens_max: read::limit(body, "/max_output_tokens", "max_output_tokens", bounds)?,
        effort: read::word(body, "/reasoning/effort")
            .map(Effort::from_word)
            .unwrap_or_default(),
        thinking: read_thinking(provider, body, &model),
        streaming: read::flag(body, "stream"),
        include_usage: true,
        wants_reasoning: read::strings(body.get("include"))
            .contains(&"reasoning.encrypted_content".to_owned()),
        stop_sequences: Vec::new(),
        marks_cache: false,
        model,
    })
}

fn read_thinking(provider: Provider, body: &Value, model: &str) -> Thinking {
    let off = read::word(body, "/reasoning/effort") == Some("none");
    let shown = read::word(body, "/reasoning/summary").is_some() || provider == Provider::XAi;
    if off || model.contains("non-reasoning") {
        Thinking::Off
    } else if shown {
        Thinking::Shown { tokens_max: None }
    } else {
        Thinking::Hidden { tokens_max: None }
    }
}

fn read_input(body: &Value) -> Result<(String, Vec<Said>), Trouble> {
    let mut system = body
        .get("instructions")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let mut said = Vec::new();
    match body.get("input") {
        Some(Value::String(text)) => said.push(Said {
            text: text.clone(),
            ..Said::default()
        }),
        Some(Value::Array(_)) => {
            for item in read::list(body, "input")? {
                read_item(item, &mut system, &mut said)?;
            }
        }
        _ => return Err(Trouble::bad_request("input is required", "input")),
    }
    Ok((system, said))
}

fn read_item(item: &Value, system: &mut String, said: &mut Vec<Said>) -> Result<(), Trouble> {
    let kind = item
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or("message");
    if kind != "message" {
        return Ok(());
    }
    let mut message = Said::default();
    match item.get("content") {
        Some(Value::String(text)) => message.text.clone_from(text),
        Some(Value::Array(parts)) => {
            for part in parts {
                read_part(part, &mut message)?;
            }
        }
        _ => {
            return Err(Trouble::bad_request(
                "input: a message needs content",
                "input",
            ));
        }
    }
    match item.get("role").and_then(Value::as_str) {
        Some("user") => said.push(message),
        Some("assistant") => said.push(Said {
            by: Speaker::Model,
            ..message
        }),
        Some("system" | "developer") => system.push_str(&message.text),
        _ => {
            return Err(Trouble::bad_request(
                "input: a message needs a role",
                "input",
            ));
        }
    }
    Ok(())
}

fn read_part(part: &Value, message: &mut Said) -> Result<(), Trouble> {
    match part.get("type").and_then(Value::as_str) {
        Some("input_text" | "output_text" | "text") => {
            message
                .text
                .push_str(part.get("text").and_then(Value::as_str).unwrap_or_default());
        }
        Some("input_image") => {
            let url = part
                .get("image_url")
                .and_then(Value::as_str)
                .unwrap_or_default();
            message.images.push(read::image(url, "input")?);
        }
        Some(_) => {}
        None => return Err(Trouble::bad_request("input: a part needs a type", "input")),
    }
    Ok(())
}

/// The answer as a stream.
#[derive(Default)]
pub(crate) struct Responses {
    sequence_number: u64,
    output_index: u64,
}

impl Responses {
    fn event(&mut self, kind: &str, mut fields: Value) -> Vec<u8> {
        fields["type"] = json!(kind);
        fields["sequence_number"] = json!(self.sequence_number);
        self.sequence_number += 1;
        event(kind, &fields)
    }

    /// An event about the item being written.
    fn item_event(&mut self, kind: &str, mut fields: Value) -> Vec<u8> {
        fields["output_index"] = json!(self.output_index);
        self.event(kind, fields)
    }

    fn summary_event(&mut self, turn: &Turn, kind: &str, mut fields: Value) -> Vec<u8> {
        if !turn.ask.thinking.is_shown() {
            return Vec::new();
        }
        fields["item_id"] = json!(turn.id("rs_"));
        fields["summary_index"] = json!(0);
        self.item_event(kind, fields)
    }

    fn content_event(&mut self, turn: &Turn, kind: &str, mut fields: Value) -> Vec<u8> {
        fields["item_id"] = json!(turn.id("msg_"));
        fields["content_index"] = json!(0);
        self.item_event(kind, fields)
    }

    fn thinking_start(&mut self, turn: &Turn) -> Vec<u8> {
        let mut item = reasoning_item(turn);
        item["summary"] = json!([]);
        let part = json!({"part": {"type": "summary_text", "text": ""}});
        [
            self.item_event("response.output_item.added", json!({"item": item})),
            self.summary_event(turn, "response.reasoning_summary_part.added", part),
        ]
        .concat()
    }

    fn thinking_end(&mut self, turn: &Turn) -> Vec<u8> {
        let text = turn.thinking_text();
        let part = json!({"part": {"type": "summary_text", "text": text}});
        let end = [
            self.summary_event(
                turn,
                "response.reasoning_summary_text.done",
                json!({"text": text}),
            ),
            self.summary_event(turn, "response.reasoning_summary_part.done", part),
            self.item_event(
                "response.output_item.done",
                json!({"item": reasoning_item(turn)}),
            ),
        ];
        self.output_index += 1;
        end.concat()
    }

    fn message_start(&mut self, turn: &Turn) -> Vec<u8> {
        let mut item = message_item(turn);
        item["status"] = json!("in_progress");
        item["content"] = json!([]);
        let part = json!({"part": content_part(turn, "")});
        [
            self.item_event("response.output_item.added", json!({"item": item})),
            self.content_event(turn, "response.content_part.added", part),
        ]
        .concat()
    }

    fn message_end(&mut self, turn: &Turn) -> Vec<u8> {
        let part = json!({"part": content_part(turn, &turn.text())});
        let end = [
            self.content_event(turn, "response.content_part.done", part),
            self.item_event(
                "response.output_item.done",
                json!({"item": message_item(turn)}),
            ),
        ];
        self.output_index += 1;
        end.concat()
    }

    fn refusal(&mut self, turn: &Turn) -> Vec<u8> {
        let text = turn.text();
        [
            self.message_start(turn),
            self.content_event(turn, "response.refusal.delta", json!({"delta": text})),
            self.content_event(turn, "response.refusal.done", json!({"refusal": text})),
            self.message_end(turn),
        ]
        .concat()
    }

    fn finish(&mut self, turn: &Turn) -> Vec<u8> {
        let kind = match turn.stop {
            Stop::OutputLimit => "response.incomplete",
            _ => "response.completed",
        };
        self.event(kind, json!({"response": whole(turn)}))
    }
}

impl Dialect for Responses {
    fn beat(&mut self, turn: &Turn, beat: &Beat) -> Vec<u8> {
        match beat {
            Beat::Open => [
                self.event("response.created", json!({"response": begun(turn)})),
                self.event("response.in_progress", json!({"response": begun(turn)})),
            ]
            .concat(),
            Beat::ThinkingStart => self.thinking_start(turn),
            Beat::Thinking(thought) => {
                let delta = json!({"delta": thought});
                self.summary_event(turn, "response.reasoning_summary_text.delta", delta)
            }
            Beat::ThinkingEnd => self.thinking_end(turn),
            Beat::TextStart => self.message_start(turn),
            Beat::Text(text) => {
                let delta = json!({"delta": text, "logprobs": []});
                self.content_event(turn, "response.output_text.delta", delta)
            }
            Beat::TextEnd => {
                let done = json!({"text": turn.text(), "logprobs": []});
                let mut end = self.content_event(turn, "response.output_text.done", done);
                end.extend(self.message_end(turn));
                end
            }
            Beat::Refusal => self.refusal(turn),
            Beat::Finish => self.finish(turn),
        }
    }

    fn midstream_error(&mut self, turn: &Turn) -> Vec<u8> {
        let message = "The server had an error processing your request.";
        let error = json!({"type": "server_error", "code": "server_error", "message": message, "param": null});
        let mut failed = begun(turn);
        failed["status"] = json!("failed");
        failed["error"] = json!({"code": "server_error", "message": message});
        [
            self.event("error", json!({"error": error})),
            self.event("response.failed", json!({"response": failed})),
        ]
        .concat()
    }
}

/// The answer in one piece.
pub(crate) fn whole(turn: &Turn) -> Value {
    let mut response = begun(turn);
    let mut output = Vec::new();
    if !turn.thinking.is_empty() {
        output.push(reasoning_item(turn));
    }
    if !turn.text.is_empty() {
        output.push(message_item(turn));
    }
    response["output"] = Value::Array(output);
    response["completed_at"] = json!(turn.created_s);
    response["status"] = json!(status(turn));
    if turn.stop == Stop::OutputLimit {
        response["incomplete_details"] = json!({"reason": "max_output_tokens"});
    }
    if turn.usage.is_reported() {
        response["usage"] = usage(turn);
    }
    response
}

fn status(turn: &Turn) -> &'static str {
    if turn.stop == Stop::OutputLimit {
        "incomplete"
    } else {
        "completed"
    }
}

fn begun(turn: &Turn) -> Value {
    json!({
        "id": turn.id("resp_"),
        "object": "response",
        "created_at": turn.created_s,
        "completed_at": null,
        "status": "in_progress",
        "background": false,
        "error": null,
        "incomplete_details": null,
        "instructions": null,
        "max_output_tokens": turn.ask.output_tokens_max,
        "metadata": {},
        "model": turn.ask.model,
        "output": [],
        "parallel_tool_calls": true,
        "previous_response_id": null,
        "reasoning": {"effort": null, "summary": null},
        "service_tier": "default",
        "store": false,
        "text": {"format": {"type": "text"}},
        "tool_choice": "auto",
        "tools": [],
        "truncation": "disabled",
        "usage": null,
        "user": null,
    })
}

fn reasoning_item(turn: &Turn) -> Value {
    let thinking = turn.thinking_text();
    let summary = if turn.ask.thinking.is_shown() {
        json!([{"type": "summary_text", "text": thinking}])
    } else {
        json!([])
    };
    let mut item = json!({"type": "reasoning", "id": turn.id("rs_"), "summary": summary});
    if turn.ask.wants_reasoning {
        item["encrypted_content"] = json!(opaque("reasoning", &thinking));
    }
    item
}

fn message_item(turn: &Turn) -> Value {
    json!({
        "type": "message",
        "id": turn.id("msg_"),
        "role": "assistant",
        "status": status(turn),
        "content": [content_part(turn, &turn.text())],
    })
}

fn content_part(turn: &Turn, text: &str) -> Value {
    match turn.stop {
        Stop::Refusal => json!({"type": "refusal", "refusal": text}),
        _ => json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []}),
    }
}

fn usage(turn: &Turn) -> Value {
    let usage = &turn.usage;
    let mut record = json!({
        "input_tokens": usage.count(usage.input.total),
        "input_tokens_details": {"cached_tokens": usage.count(usage.input.read)},
        "output_tokens": usage.count(usage.output),
        "output_tokens_details": {"reasoning_tokens": usage.count(usage.thinking)},
        "total_tokens": usage.count(usage.input.total + usage.output),
    });
    if turn.ask.provider == Provider::XAi {
        record["num_sources_used"] = json!(0);
        record["num_server_side_tools_used"] = json!(0);
        record["cost_in_usd_ticks"] = usage.count(turn.cost_ticks());
    } else {
        record["input_tokens_details"]["cache_write_tokens"] = usage.count(usage.input.write);
    }
    if turn.ask.provider == Provider::OpenRouter {
        record["cost"] = turn.cost_usd();
    }
    record
}
