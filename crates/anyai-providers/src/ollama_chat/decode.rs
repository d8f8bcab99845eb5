//! Reads Ollama's answers: one JSON object a line, the last one `done`.

use anyai_units::Tokens;
use serde_json::Value;

use crate::classify;
use crate::decode::WireDecoder;
use crate::endpoint::Provider;
use crate::event::{ToolCall, Usage};
use crate::json::{Fields, Json, Words};
use crate::ollama_chat::words::Line;
use crate::outbox::Outbox;
use crate::stop::stop_reason_seeing;

pub(crate) struct OllamaChatDecoder {
    provider: Provider,
    called_tool: bool,
}

impl OllamaChatDecoder {
    pub(crate) const fn new(provider: Provider) -> Self {
        Self {
            provider,
            called_tool: false,
        }
    }

    fn read_message(&mut self, message: &Value, out: &mut Outbox) {
        out.thinking(message.text("thinking").unwrap_or_default());
        out.text(message.text("content").unwrap_or_default());
        for call in message.items("tool_calls") {
            let function = &call["function"];
            self.called_tool = true;
            out.tool_call(ToolCall {
                id: call.text("id").map(str::to_owned),
                name: function.text("name").unwrap_or_default().to_owned(),
                arguments: function
                    .present("arguments")
                    .map_or_else(|| "{}".to_owned(), Value::to_string),
                provider_side: false,
            });
        }
    }
}

impl WireDecoder for OllamaChatDecoder {
    fn words(&mut self, text: &str, out: &mut Outbox) -> bool {
        let Some(line) = Line::read(text) else {
            return false;
        };
        out.started(None, Words::of(&line.model));
        if let Some(words) = line.message.thinking {
            out.thinking(words.0);
        }
        if let Some(words) = line.message.content {
            out.text(words.0);
        }
        true
    }

    fn event(&mut self, _name: &str, json: Json<'_>, out: &mut Outbox) {
        let value = json.value;
        if value.complaint().is_some() {
            return out.failed(classify::from_value(self.provider, None, value));
        }
        out.started(None, value.text("model"));
        if let Some(message) = value.present("message") {
            self.read_message(message, out);
        }
        if value.get("done").and_then(Value::as_bool) == Some(true) {
            out.usage(Usage {
                input_tokens: Tokens::new(value.count("prompt_eval_count").unwrap_or_default()),
                output_tokens: Tokens::new(value.count("eval_count").unwrap_or_default()),
                ..Usage::default()
            });
            let word = value.text("done_reason").unwrap_or("stop");
            out.finished(stop_reason_seeing(word, self.called_tool, false), word);
        }
    }

    fn body(&mut self, json: Json<'_>, out: &mut Outbox) {
        self.event("", json, out);
    }

    fn done(&mut self, _out: &mut Outbox) {}

    fn end(&mut self, _out: &mut Outbox) {}
}
