//! Turns an answer's bytes into events, however they are cut and whether or not they are a stream.

use serde_json::Value;

use crate::chat_completions::ChatCompletionsDecoder;
use crate::classify;
use crate::endpoint::{Protocol, Provider};
use crate::error::{ErrorClass, ProviderError};
use crate::event::ProviderEvent;
use crate::generate_content::GenerateContentDecoder;
use crate::interactions::InteractionsDecoder;
use crate::json::{Fields, Json};
use crate::messages::MessagesDecoder;
use crate::ollama_chat::OllamaChatDecoder;
use crate::outbox::Outbox;
use crate::responses::ResponsesDecoder;
use crate::sse::{SseEvent, SseParser};

/// The largest single event or whole body taken in: an answer with a few large pictures.
const EVENT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// One protocol's reading of its own JSON.
pub(crate) trait WireDecoder: Send {
    /// One event of a stream. `name` is the event's name, where the protocol has names.
    fn event(&mut self, name: &str, json: Json<'_>, out: &mut Outbox);
    /// A whole answer in one piece.
    fn body(&mut self, json: Json<'_>, out: &mut Outbox);
    /// The stream said it is complete (`[DONE]`).
    fn done(&mut self, out: &mut Outbox);
    /// No more bytes come. Ends the answer if what came was enough.
    fn end(&mut self, out: &mut Outbox);
}

/// Decodes one answer. Feed it bytes as they come, then call [`Decoder::finish`].
///
/// Text that is not UTF-8 becomes replacement characters; nothing else is lost by it. After
/// `Finished` or `Failed` further bytes are ignored.
pub struct Decoder {
    provider: Provider,
    framing: Framing,
    wire: Box<dyn WireDecoder>,
    out: Outbox,
    understood: bool,
    /// No more bytes come: a last value that is not whole was cut off with the connection.
    at_end: bool,
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder")
            .field("provider", &self.provider)
            .finish_non_exhaustive()
    }
}

/// How the bytes are cut into JSON values; the first byte tells.
enum Framing {
    Unknown { one_value_a_line: bool },
    Events(SseParser),
    Lines(Vec<u8>),
    Body(Vec<u8>),
}

impl Decoder {
    /// A decoder for one answer of this provider over this protocol.
    #[must_use]
    pub fn new(provider: Provider, protocol: Protocol) -> Self {
        let wire: Box<dyn WireDecoder> = match protocol {
            Protocol::Messages => Box::new(MessagesDecoder::new(provider)),
            Protocol::Responses => Box::new(ResponsesDecoder::new(provider)),
            Protocol::ChatCompletions => Box::new(ChatCompletionsDecoder::new(provider)),
            Protocol::GenerateContent => Box::new(GenerateContentDecoder::new(provider)),
            Protocol::Interactions => Box::new(InteractionsDecoder::new(provider)),
            Protocol::OllamaChat => Box::new(OllamaChatDecoder::new(provider)),
        };
        Self {
            provider,
            framing: Framing::Unknown {
                one_value_a_line: protocol == Protocol::OllamaChat,
            },
            wire,
            out: Outbox::default(),
            understood: false,
            at_end: false,
        }
    }

    /// Whether the answer has ended; nothing more will come out.
    #[must_use]
    pub const fn ended(&self) -> bool {
        self.out.ended()
    }

    /// Takes more bytes in.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<ProviderEvent> {
        if !self.ended() {
            self.take_in(bytes);
        }
        self.out.take()
    }

    /// The bytes are over: the last events, and always an end if there was none yet.
    pub fn finish(&mut self) -> Vec<ProviderEvent> {
        if !self.ended() {
            self.flush();
        }
        let (class, message) = if self.understood {
            (
                ErrorClass::Network,
                "the connection closed before the answer was complete",
            )
        } else {
            (
                ErrorClass::Malformed,
                "what came is not an answer in this protocol",
            )
        };
        self.interrupt(ProviderError::new(class, message))
    }

    /// The connection failed with `error`. An answer that was already complete stays complete.
    pub fn interrupt(&mut self, error: ProviderError) -> Vec<ProviderEvent> {
        if !self.ended() {
            self.flush();
        }
        if !self.ended() {
            self.wire.end(&mut self.out);
        }
        if !self.ended() {
            self.out.failed(error);
        }
        self.out.take()
    }

    fn take_in(&mut self, bytes: &[u8]) {
        let bytes = match self.framing {
            Framing::Unknown { one_value_a_line } => {
                let bytes = without_leading_space(bytes);
                let Some(first) = bytes.first() else { return };
                self.framing = match first {
                    _ if one_value_a_line => Framing::Lines(Vec::new()),
                    b'{' | b'[' => Framing::Body(Vec::new()),
                    _ => Framing::Events(SseParser::new(EVENT_BYTES_MAX)),
                };
                bytes
            }
            _ => bytes,
        };
        match &mut self.framing {
            Framing::Events(parser) => {
                let mut events = Vec::new();
                let outcome = parser.push(bytes, &mut events);
                self.read_events(&events);
                if outcome.is_err() {
                    self.too_long();
                }
            }
            Framing::Lines(_) => self.take_lines(bytes),
            Framing::Body(body) if body.len() + bytes.len() > EVENT_BYTES_MAX => self.too_long(),
            Framing::Body(body) => body.extend_from_slice(bytes),
            Framing::Unknown { .. } => {}
        }
    }

    fn take_lines(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let Framing::Lines(line) = &mut self.framing else {
                return;
            };
            if line.len() + piece.len() > EVENT_BYTES_MAX {
                return self.too_long();
            }
            line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                let line = std::mem::take(line);
                self.read_data("", &String::from_utf8_lossy(&line));
            }
        }
    }

    fn too_long(&mut self) {
        self.out
            .malformed("the provider sent a single event larger than 32 MiB");
    }

    /// Reads what is left when no more bytes come.
    fn flush(&mut self) {
        let nothing = Framing::Unknown {
            one_value_a_line: false,
        };
        match std::mem::replace(&mut self.framing, nothing) {
            Framing::Events(mut parser) => {
                let mut events = Vec::new();
                if parser.finish(&mut events).is_ok() {
                    self.at_end = true;
                    self.read_events(&events);
                }
            }
            Framing::Lines(line) => {
                self.at_end = true;
                self.read_data("", &String::from_utf8_lossy(&line));
            }
            Framing::Body(body) => self.read_body(&String::from_utf8_lossy(&body)),
            Framing::Unknown { .. } => {}
        }
    }

    fn read_events(&mut self, events: &[SseEvent]) {
        for event in events {
            self.read_data(&event.name, &event.data);
        }
    }

    /// Reads one event's data; where a blank line is missing it holds several values, one a line.
    fn read_data(&mut self, name: &str, data: &str) {
        if self.read_value(name, data) {
            return;
        }
        let mut lines = data
            .lines()
            .filter(|line| !line.trim().is_empty())
            .peekable();
        while let Some(line) = lines.next() {
            if self.read_value(name, line) {
                continue;
            }
            let is_cut_off = self.at_end && lines.peek().is_none();
            if !is_cut_off {
                self.out
                    .malformed("the provider sent an event that is not JSON");
            }
        }
    }

    /// Reads one value, or says that it is none. After the end there is nothing to read.
    fn read_value(&mut self, name: &str, data: &str) -> bool {
        match data.trim() {
            _ if self.out.ended() => {}
            "" => {}
            "[DONE]" => self.wire.done(&mut self.out),
            text => {
                let Ok(value) = serde_json::from_str::<Value>(text) else {
                    return false;
                };
                self.understood = true;
                self.wire.event(
                    name,
                    Json {
                        text,
                        value: &value,
                    },
                    &mut self.out,
                );
            }
        }
        true
    }

    fn read_body(&mut self, text: &str) {
        let Ok(value) = serde_json::from_str::<Value>(text) else {
            return self.read_lines(text);
        };
        self.understood = true;
        if let Value::Array(values) = &value {
            return self.read_array(text, values);
        }
        if self.is_refusal(&value) {
            return;
        }
        self.wire.body(
            Json {
                text,
                value: &value,
            },
            &mut self.out,
        );
    }

    /// Several values where one was expected: Ollama's own protocol, behind another one's address.
    fn read_lines(&mut self, text: &str) {
        if self.provider == Provider::Ollama {
            self.wire = Box::new(OllamaChatDecoder::new(self.provider));
            self.at_end = true;
            self.read_data("", text);
        }
    }

    /// Whether a whole value is a complaint and no answer; if so, it is said.
    fn is_refusal(&mut self, value: &Value) -> bool {
        let refused = value.present("error").is_some() && !looks_like_answer(value);
        if refused {
            self.out
                .failed(classify::from_value(self.provider, None, value));
        }
        refused
    }

    /// A stream in one piece: Gemini sends an array when it is not asked for events.
    fn read_array(&mut self, text: &str, values: &[Value]) {
        let raw_values =
            serde_json::from_str::<Vec<&serde_json::value::RawValue>>(text).unwrap_or_default();
        for (value, raw) in values.iter().zip(raw_values) {
            if self.is_refusal(value) {
                return;
            }
            let json = Json {
                text: raw.get(),
                value,
            };
            self.wire.event("", json, &mut self.out);
        }
    }
}

/// Whether a body with an `error` field is an answer all the same; a Responses answer always has one.
fn looks_like_answer(value: &Value) -> bool {
    ["choices", "output", "content", "candidates"]
        .iter()
        .any(|key| value.present(key).is_some())
}

fn without_leading_space(bytes: &[u8]) -> &[u8] {
    const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];
    let start = bytes
        .iter()
        .position(|byte| !byte.is_ascii_whitespace() && !BYTE_ORDER_MARK.contains(byte))
        .unwrap_or(bytes.len());
    &bytes[start..]
}
