//! Reads Anthropic Messages answers: content blocks that open, grow and close.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::citation::{Citation, range};
use crate::classify;
use crate::content::opaque;
use crate::decode::WireDecoder;
use crate::endpoint::{Protocol, Provider};
use crate::event::ToolCall;
use crate::json::{Fields, Json, raw_field, raw_items};
use crate::messages::usage::UsageFields;
use crate::messages::words;
use crate::outbox::Outbox;
use crate::stop::stop_reason;

pub(crate) struct MessagesDecoder {
    provider: Provider,
    blocks: BTreeMap<u64, Block>,
    usage: UsageFields,
    stop_word: Option<String>,
}

/// A content block that is still growing.
enum Block {
    Text {
        start: usize,
        citations: Vec<Citation>,
    },
    Thinking {
        text: String,
        signature: String,
    },
    Tool(ToolCall),
    Other,
}

impl MessagesDecoder {
    pub(crate) fn new(provider: Provider) -> Self {
        Self {
            provider,
            blocks: BTreeMap::new(),
            usage: UsageFields::default(),
            stop_word: None,
        }
    }

    fn open_block(&mut self, index: u64, block: &Value, raw: &str, out: &mut Outbox) {
        let opened = match block.text("type").unwrap_or_default() {
            "text" => {
                let start = out.text_bytes();
                out.text(block.text("text").unwrap_or_default());
                let citations = block.items("citations").iter().map(citation).collect();
                Block::Text { start, citations }
            }
            "thinking" => {
                out.thinking_section();
                let text = block.text("thinking").unwrap_or_default();
                out.thinking(text);
                Block::Thinking {
                    text: text.to_owned(),
                    signature: block.text("signature").unwrap_or_default().to_owned(),
                }
            }
            "redacted_thinking" => {
                out.opaque(opaque(Protocol::Messages, raw));
                Block::Other
            }
            kind @ ("tool_use" | "server_tool_use" | "mcp_tool_use") => Block::Tool(ToolCall {
                id: block.text("id").map(str::to_owned),
                name: block.text("name").unwrap_or_default().to_owned(),
                arguments: whole_arguments(block),
                provider_side: kind != "tool_use",
            }),
            _ => Block::Other,
        };
        self.blocks.insert(index, opened);
    }

    fn grow_block(&mut self, index: u64, delta: &Value, out: &mut Outbox) {
        let block = self.blocks.entry(index).or_insert(Block::Other);
        if let Some(more) = delta.text("text") {
            out.text(more);
        }
        if let Some(more) = delta.text("thinking") {
            out.thinking(more);
            if let Block::Thinking { text, .. } = block {
                text.push_str(more);
            }
        }
        if let (Some(cited), Block::Text { citations, .. }) =
            (delta.present("citation"), &mut *block)
        {
            citations.push(citation(cited));
        }
        if let (Some(more), Block::Thinking { signature, .. }) =
            (delta.text("signature"), &mut *block)
        {
            signature.push_str(more);
        }
        if let (Some(more), Block::Tool(call)) = (delta.text("partial_json"), block) {
            call.arguments.push_str(more);
        }
    }

    fn close_block(&mut self, index: u64, out: &mut Outbox) {
        match self.blocks.remove(&index) {
            Some(Block::Thinking { text, signature }) if !signature.is_empty() => {
                let block = json!({"type": "thinking", "thinking": text, "signature": signature});
                out.opaque(opaque(Protocol::Messages, block.to_string()));
            }
            Some(Block::Text { start, citations }) => {
                let text_range = range(Some(start), Some(out.text_bytes()));
                for citation in citations {
                    let text_range = text_range.clone();
                    out.citation(|| Citation {
                        text_range,
                        ..citation
                    });
                }
            }
            Some(Block::Tool(mut call)) => {
                if call.arguments.is_empty() {
                    call.arguments = "{}".to_owned();
                }
                out.tool_call(call);
            }
            _ => {}
        }
    }

    /// What `message_start`, `message_delta` and a whole message say about the answer itself.
    fn read_message(&mut self, message: &Value, out: &mut Outbox) {
        out.started(message.text("id"), message.text("model"));
        if let Some(word) = message.text("stop_reason") {
            self.stop_word = Some(word.to_owned());
        }
        if let Some(details) = message.present("stop_details") {
            out.refusal(details.text("explanation").unwrap_or_default());
        }
    }

    fn read_usage(&mut self, usage: Option<&Value>, out: &mut Outbox) {
        if let Some(usage) = usage {
            self.usage.take_over(usage);
            out.usage(self.usage.total());
        }
    }
}

/// A source of the text block it stands in: a page of the web, a search result, a document.
fn citation(cited: &Value) -> Citation {
    let mut citation = Citation::read(cited, "cited_text");
    let or = |key: &str| cited.text(key).map(str::to_owned);
    citation.url = citation.url.or_else(|| or("source"));
    citation.title = citation.title.or_else(|| or("document_title"));
    citation
}

/// Arguments that came whole. A stream opens a tool block with `{}` and sends the arguments after.
fn whole_arguments(block: &Value) -> String {
    match block.present("input") {
        Some(Value::Object(fields)) if fields.is_empty() => String::new(),
        Some(input) => input.to_string(),
        None => String::new(),
    }
}

impl WireDecoder for MessagesDecoder {
    fn words(&mut self, text: &str, out: &mut Outbox) -> bool {
        let Some(delta) = words::read(text) else {
            return false;
        };
        if !delta.is_thinking {
            out.text(delta.words);
            return true;
        }
        if let Some(Block::Thinking { text, .. }) = self.blocks.get_mut(&delta.index) {
            text.push_str(&delta.words);
        }
        out.thinking(delta.words);
        true
    }

    fn event(&mut self, name: &str, json: Json<'_>, out: &mut Outbox) {
        let value = json.value;
        let index = value.count("index").unwrap_or_default();
        match value.text("type").unwrap_or(name) {
            "message_start" => {
                let message = &value["message"];
                self.read_message(message, out);
                self.read_usage(message.present("usage"), out);
            }
            "content_block_start" => {
                let raw = raw_field(json.text, &["content_block"]).map_or("{}", |raw| raw.get());
                self.open_block(index, &value["content_block"], raw, out);
            }
            "content_block_delta" => self.grow_block(index, &value["delta"], out),
            "content_block_stop" => self.close_block(index, out),
            "message_delta" => {
                self.read_message(&value["delta"], out);
                self.read_usage(value.present("usage"), out);
            }
            "message_stop" => self.done(out),
            // Some gateways answer a stream with one event that holds the whole message.
            "message" => self.body(json, out),
            "error" => out.failed(classify::from_value(self.provider, None, value)),
            _ => {}
        }
    }

    fn body(&mut self, json: Json<'_>, out: &mut Outbox) {
        let is_empty = json.value.items("content").is_empty();
        let is_complaint = is_empty && json.value.complaint().is_some();
        if is_complaint || json.value.text("type") == Some("error") {
            self.read_usage(json.value.present("usage"), out);
            return out.failed(classify::from_value(self.provider, None, json.value));
        }
        let raws = raw_items(json.text, &["content"]);
        for (index, block) in (0_u64..).zip(json.value.items("content")) {
            let raw = usize::try_from(index)
                .ok()
                .and_then(|index| raws.get(index))
                .map_or("{}", |raw| raw.get());
            self.open_block(index, block, raw, out);
            self.close_block(index, out);
        }
        self.read_message(json.value, out);
        self.read_usage(json.value.present("usage"), out);
        self.end(out);
        self.done(out);
    }

    fn done(&mut self, out: &mut Outbox) {
        let word = self.stop_word.take().unwrap_or_default();
        out.finished(stop_reason(&word), &word);
    }

    fn end(&mut self, out: &mut Outbox) {
        let open: Vec<u64> = self.blocks.keys().copied().collect();
        for index in open {
            self.close_block(index, out);
        }
        if self.stop_word.is_some() {
            self.done(out);
        }
    }
}
