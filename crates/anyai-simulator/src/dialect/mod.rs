//! The wire formats: one module reads the request and writes the answer of each.

pub(crate) mod anthropic;
pub(crate) mod chat;
pub(crate) mod clips;
pub(crate) mod gemini;
pub(crate) mod interactions;
pub(crate) mod models;
pub(crate) mod ollama;
pub(crate) mod pictures;
pub(crate) mod read;
pub(crate) mod responses;

use serde_json::Value;

use crate::turn::Turn;

/// A step of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Beat {
    Open,
    ThinkingStart,
    Thinking(String),
    ThinkingEnd,
    TextStart,
    Text(String),
    TextEnd,
    /// The whole refusal at once; it stands in place of the text.
    Refusal,
    Finish,
}

impl Beat {
    /// Whether the step is one output token.
    pub(crate) const fn is_token(&self) -> bool {
        matches!(self, Self::Thinking(_) | Self::Text(_))
    }
}

/// Writes one answer.
pub(crate) trait Dialect: Send + Sync {
    /// The bytes of a step; none when the format says nothing there.
    fn beat(&mut self, turn: &Turn, beat: &Beat) -> Vec<u8>;

    /// The error inside a good stream; of an answer in one piece, its first half.
    fn midstream_error(&mut self, turn: &Turn) -> Vec<u8>;
}

/// An answer in one piece: waits out every step, then writes the whole.
pub(crate) struct Whole {
    write: fn(&Turn) -> Value,
}

impl Whole {
    pub(crate) fn new(write: fn(&Turn) -> Value) -> Self {
        Self { write }
    }
}

impl Dialect for Whole {
    fn beat(&mut self, turn: &Turn, beat: &Beat) -> Vec<u8> {
        match beat {
            Beat::Finish => (self.write)(turn).to_string().into_bytes(),
            _ => Vec::new(),
        }
    }

    fn midstream_error(&mut self, turn: &Turn) -> Vec<u8> {
        let mut whole = (self.write)(turn).to_string().into_bytes();
        whole.truncate(whole.len() / 2);
        whole
    }
}

/// A named server-sent event.
fn event(name: &str, data: &Value) -> Vec<u8> {
    format!("event: {name}\ndata: {data}\n\n").into_bytes()
}

/// A server-sent event without a name.
fn data(data: &Value) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}

/// Text no client can read: a mark of other text, in base64 letters.
fn opaque(kind: &str, text: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    let mark = crate::composer::mark(text);
    STANDARD.encode(format!("simulated {kind} {mark:016x}"))
}
