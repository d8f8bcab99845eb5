//! Reads Responses answers: items that open, grow and close, and a terminal event with the whole
//! answer, against which the pieces are checked.

use std::collections::HashSet;

use serde_json::Value;

use crate::citation::Citation;
use crate::classify;
use crate::content::{image_from_base64, opaque};
use crate::decode::WireDecoder;
use crate::endpoint::{Protocol, Provider};
use crate::error::ProviderError;
use crate::event::ToolCall;
use crate::json::{Fields, Json, raw_field, raw_items};
use crate::outbox::Outbox;
use crate::responses::words::Kind;
use crate::responses::{usage, words};
use crate::stop::stop_reason_seeing;

pub(crate) struct ResponsesDecoder {
    provider: Provider,
    text: Pieces,
    refusal: Pieces,
    thinking: Pieces,
    /// Which items of the output are read, by their place: xAI gives one id to several.
    items_read: HashSet<usize>,
    items_done: usize,
    called_tool: bool,
    searches: u64,
    error: Option<ProviderError>,
}

/// Text that comes in deltas and is repeated whole when its part and the answer are complete.
#[derive(Default)]
struct Pieces {
    part: String,
    /// Where the part that is growing, or the last one that grew, begins in `all`.
    part_start: usize,
    all: String,
}

impl Pieces {
    fn delta(&mut self, more: &str) {
        if self.part.is_empty() {
            self.part_start = self.all.len();
        }
        self.part.push_str(more);
        self.all.push_str(more);
    }

    /// What the whole part holds beyond its deltas; the part is over.
    fn rest_of_part<'a>(&mut self, whole: &'a str) -> &'a str {
        let rest = whole
            .strip_prefix(std::mem::take(&mut self.part).as_str())
            .unwrap_or_default();
        self.all.push_str(rest);
        rest
    }

    /// What the whole answer holds beyond everything so far.
    fn rest_of_all<'a>(&mut self, whole: &'a str) -> &'a str {
        let rest = whole.strip_prefix(self.all.as_str()).unwrap_or_default();
        self.all.push_str(rest);
        rest
    }
}

impl ResponsesDecoder {
    pub(crate) fn new(provider: Provider) -> Self {
        Self {
            provider,
            text: Pieces::default(),
            refusal: Pieces::default(),
            thinking: Pieces::default(),
            items_read: HashSet::new(),
            items_done: 0,
            called_tool: false,
            searches: 0,
            error: None,
        }
    }

    /// A finished item that is not a message: state to keep, a tool call, a picture.
    fn read_item(&mut self, item: &Value, raw: &str, position: usize, out: &mut Outbox) {
        let kind = item.text("type").unwrap_or_default();
        if kind == "message" || !self.items_read.insert(position) {
            return;
        }
        match kind {
            "reasoning"
                if item
                    .text("encrypted_content")
                    .is_some_and(|state| !state.is_empty()) =>
            {
                out.opaque(opaque(Protocol::Responses, raw));
            }
            "function_call" => {
                self.called_tool = true;
                out.tool_call(tool_call(item, "arguments", false));
            }
            "image_generation_call" => {
                let mime = item
                    .text("output_format")
                    .map(|format| format!("image/{format}"));
                if let Some(image) = item
                    .text("result")
                    .and_then(|data| image_from_base64(data, mime.as_deref()))
                {
                    out.image(image);
                }
            }
            "web_search_call" => {
                self.searches += 1;
                out.tool_call(tool_call(item, "action", true));
            }
            // xAI runs these itself; OpenAI leaves them to us.
            "custom_tool_call" => {
                let provider_side = self.provider == Provider::XAi;
                self.called_tool |= !provider_side;
                out.tool_call(tool_call(item, "input", provider_side));
            }
            other if other.ends_with("_call") => out.tool_call(tool_call(item, "arguments", true)),
            _ => {}
        }
    }

    /// The whole answer: whatever of it has not been said yet, what it cost, and how it ended.
    fn read_response(&mut self, response: &Value, raw: &str, out: &mut Outbox) {
        out.started(response.text("id"), response.text("model"));
        let raws = raw_items(raw, &["output"]);
        let output = response.items("output");
        let thinking = joined(output, "reasoning", reasoning_texts);
        out.thinking(self.thinking.rest_of_all(&thinking));
        for (position, item) in output.iter().enumerate() {
            self.read_item(
                item,
                raws.get(position).map_or("{}", |raw| raw.get()),
                position,
                out,
            );
        }
        let text = joined(output, "message", |item| {
            content_texts(item, "output_text", "text")
        });
        out.text(self.text.rest_of_all(&text));
        cite(output, out);
        for url in response.items("citations").iter().filter_map(Value::as_str) {
            out.citation(|| Citation::of_url(url));
        }
        let refusal = joined(output, "message", |item| {
            content_texts(item, "refusal", "refusal")
        });
        out.refusal(self.refusal.rest_of_all(&refusal));
        if let Some(usage) = response.present("usage") {
            let raw_usage = raw_field(raw, &["usage"]).map_or("{}", |raw| raw.get());
            out.usage(usage::read(usage, raw_usage, self.provider, self.searches));
        }
        self.read_ending(response, out);
    }

    fn read_ending(&mut self, response: &Value, out: &mut Outbox) {
        let status = response.text("status").unwrap_or("completed");
        if status == "failed" || response.complaint().is_some() {
            let own = self.error.take();
            let error = own.unwrap_or_else(|| classify::from_value(self.provider, None, response));
            return out.failed(error);
        }
        let reason = response
            .get("incomplete_details")
            .and_then(|details| details.text("reason"));
        let word = reason.unwrap_or(status);
        let refused = !self.refusal.all.is_empty() && self.text.all.is_empty();
        out.finished(stop_reason_seeing(word, self.called_tool, refused), word);
    }
}

/// Says the sources that stand beside the answer's words.
fn cite(output: &[Value], out: &mut Outbox) {
    let messages = output
        .iter()
        .filter(|item| item.text("type") == Some("message"));
    let mut start = 0;
    for part in messages.flat_map(|item| item.items("content")) {
        let text = part.text("text").unwrap_or_default();
        for annotation in part.items("annotations") {
            out.citation(|| Citation::read_annotation(annotation, text, start));
        }
        start += text.len();
    }
}

fn tool_call(item: &Value, arguments_key: &str, provider_side: bool) -> ToolCall {
    let arguments = match item.present(arguments_key) {
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    ToolCall {
        id: item.text("call_id").or(item.text("id")).map(str::to_owned),
        name: item
            .text("name")
            .or(item.text("type"))
            .unwrap_or_default()
            .to_owned(),
        arguments,
        provider_side,
    }
}

/// The texts of all items of one kind, joined.
fn joined(output: &[Value], kind: &str, texts: impl Fn(&Value) -> String) -> String {
    output
        .iter()
        .filter(|item| item.text("type") == Some(kind))
        .map(texts)
        .collect()
}

fn content_texts(item: &Value, kind: &str, key: &str) -> String {
    item.items("content")
        .iter()
        .filter(|part| part.text("type") == Some(kind))
        .filter_map(|part| part.text(key))
        .collect()
}

fn reasoning_texts(item: &Value) -> String {
    let parts = item.items("summary").iter().chain(item.items("content"));
    parts.filter_map(|part| part.text("text")).collect()
}

impl WireDecoder for ResponsesDecoder {
    fn words(&mut self, text: &str, out: &mut Outbox) -> bool {
        match words::read(text) {
            Some((Kind::Text, words)) => {
                self.text.delta(&words);
                out.text(words);
            }
            Some((Kind::Thinking, words)) => {
                self.thinking.delta(&words);
                out.thinking(words);
            }
            None => return false,
        }
        true
    }

    fn event(&mut self, name: &str, json: Json<'_>, out: &mut Outbox) {
        let value = json.value;
        let delta = value.text("delta").unwrap_or_default();
        let whole = |key| value.text(key).unwrap_or_default();
        match value.text("type").unwrap_or(name) {
            "response.created" | "response.in_progress" | "response.queued" => {
                out.started(
                    value["response"].text("id"),
                    value["response"].text("model"),
                );
            }
            "response.output_text.delta" => {
                self.text.delta(delta);
                out.text(delta);
            }
            "response.output_text.done" => out.text(self.text.rest_of_part(whole("text"))),
            "response.output_text.annotation.added" => {
                let start = self.text.part_start;
                let text = self.text.all.get(start..).unwrap_or_default();
                let annotation = &value["annotation"];
                out.citation(|| Citation::read_annotation(annotation, text, start));
            }
            "response.refusal.delta" => {
                self.refusal.delta(delta);
                out.refusal(delta);
            }
            "response.refusal.done" => out.refusal(self.refusal.rest_of_part(whole("refusal"))),
            "response.reasoning_summary_part.added" => out.thinking_section(),
            "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => {
                self.thinking.delta(delta);
                out.thinking(delta);
            }
            "response.reasoning_summary_text.done" | "response.reasoning_text.done" => {
                out.thinking(self.thinking.rest_of_part(whole("text")));
            }
            "response.output_item.done" => {
                let raw = raw_field(json.text, &["item"]).map_or("{}", |raw| raw.get());
                let position = value.position("output_index").unwrap_or(self.items_done);
                self.items_done += 1;
                self.read_item(&value["item"], raw, position, out);
            }
            "response.completed" | "response.incomplete" | "response.failed" | "response.done" => {
                let raw = raw_field(json.text, &["response"]).map_or("{}", |raw| raw.get());
                self.read_response(&value["response"], raw, out);
            }
            // `response.failed` follows and may say what was billed; the cause is here.
            "error" => self.error = Some(classify::from_value(self.provider, None, value)),
            _ if value.text("object") == Some("response") => self.body(json, out),
            _ if value.complaint().is_some() => {
                out.failed(classify::from_value(self.provider, None, value))
            }
            _ => {}
        }
    }

    fn body(&mut self, json: Json<'_>, out: &mut Outbox) {
        let value = json.value;
        let is_other = value.get("output").is_none() && value.get("status").is_none();
        if is_other && value.complaint().is_none() {
            return;
        }
        self.read_response(json.value, json.text, out);
    }

    fn done(&mut self, out: &mut Outbox) {
        self.end(out);
    }

    fn end(&mut self, out: &mut Outbox) {
        if let Some(error) = self.error.take() {
            out.failed(error);
        }
    }
}
