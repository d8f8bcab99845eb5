//! Reads Anthropic Messages answers: content blocks that open, grow and close, and usage that is
//! cumulative and overrides itself field by field.

use std::collections::BTreeMap;

use anyai_units::Tokens;
use serde_json::{Value, json};

use crate::classify;
use crate::content::opaque;
use crate::decode::WireDecoder;
use crate::endpoint::{Protocol, Provider};
use crate::event::{ToolCall, Usage};
use crate::json::{Fields, Json, raw_field, raw_items};
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
    Thinking { text: String, signature: String },
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
                out.text(block.text("text").unwrap_or_default());
                Block::Other
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

/// Arguments that came whole. A stream opens a tool block with `{}` and sends the arguments after.
fn whole_arguments(block: &Value) -> String {
    match block.present("input") {
        Some(Value::Object(fields)) if fields.is_empty() => String::new(),
        Some(input) => input.to_string(),
        None => String::new(),
    }
}

impl WireDecoder for MessagesDecoder {
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
        if json.value.text("type") == Some("error") {
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

/// Anthropic's own counts. Its input excludes what the cache read or wrote.
#[derive(Default)]
struct UsageFields {
    uncached_input: u64,
    cache_read: u64,
    cache_write: u64,
    cache_write_5m: Option<u64>,
    cache_write_1h: Option<u64>,
    output: u64,
    thinking: u64,
    searches: u64,
    apart: Usage,
}

impl UsageFields {
    fn take_over(&mut self, usage: &Value) {
        let set = |field: &mut u64, key: &str| *field = usage.count(key).unwrap_or(*field);
        set(&mut self.uncached_input, "input_tokens");
        set(&mut self.cache_read, "cache_read_input_tokens");
        set(&mut self.cache_write, "cache_creation_input_tokens");
        set(&mut self.output, "output_tokens");
        if let Some(writes) = usage.present("cache_creation") {
            self.cache_write_5m = writes
                .count("ephemeral_5m_input_tokens")
                .or(self.cache_write_5m);
            self.cache_write_1h = writes
                .count("ephemeral_1h_input_tokens")
                .or(self.cache_write_1h);
        }
        if let Some(details) = usage.present("output_tokens_details") {
            self.thinking = details.count("thinking_tokens").unwrap_or(self.thinking);
        }
        if let Some(tools) = usage.present("server_tool_use") {
            self.searches = tools.count("web_search_requests").unwrap_or(self.searches);
        }
        let iterations = usage.items("iterations");
        if !iterations.is_empty() {
            self.apart = iterations
                .iter()
                .filter(|iteration| is_billed_apart(iteration))
                .map(one_iteration)
                .fold(Usage::default(), sum);
        }
    }

    fn total(&self) -> Usage {
        let writes_1h = self.cache_write_1h.unwrap_or_default();
        // What no breakdown names lives five minutes, the provider's default.
        let writes_5m = self
            .cache_write_5m
            .unwrap_or_default()
            .max(self.cache_write.saturating_sub(writes_1h));
        let counted = Usage {
            input_tokens: [self.uncached_input, self.cache_read, writes_5m, writes_1h]
                .map(Tokens::new)
                .into_iter()
                .sum(),
            cached_input_tokens: Tokens::new(self.cache_read),
            cache_write_5m_tokens: Tokens::new(writes_5m),
            cache_write_1h_tokens: Tokens::new(writes_1h),
            output_tokens: Tokens::new(self.output),
            reasoning_tokens: Tokens::new(self.thinking),
            provider_tool_calls: self.searches,
            provider_cost: None,
        };
        sum(counted, self.apart)
    }
}

/// Compaction and advice are billed, but the top-level counts leave them out.
fn is_billed_apart(iteration: &Value) -> bool {
    matches!(
        iteration.text("type"),
        Some("compaction" | "advisor_message")
    )
}

fn one_iteration(iteration: &Value) -> Usage {
    let mut fields = UsageFields::default();
    fields.take_over(iteration);
    fields.total()
}

fn sum(a: Usage, b: Usage) -> Usage {
    Usage {
        input_tokens: a.input_tokens + b.input_tokens,
        cached_input_tokens: a.cached_input_tokens + b.cached_input_tokens,
        cache_write_5m_tokens: a.cache_write_5m_tokens + b.cache_write_5m_tokens,
        cache_write_1h_tokens: a.cache_write_1h_tokens + b.cache_write_1h_tokens,
        output_tokens: a.output_tokens + b.output_tokens,
        reasoning_tokens: a.reasoning_tokens + b.reasoning_tokens,
        provider_tool_calls: a.provider_tool_calls.saturating_add(b.provider_tool_calls),
        provider_cost: None,
    }
}
