//! Reads Gemini answers: chunks of parts, usage that replaces itself, and no word for the end.

use std::hash::{BuildHasher as _, RandomState};

use serde_json::{Value, json};

use crate::classify;
use crate::content::{image_from_base64, opaque};
use crate::decode::WireDecoder;
use crate::endpoint::{Protocol, Provider};
use crate::error::{ErrorClass, ProviderError};
use crate::event::StopReason;
use crate::generate_content::calls::Calls;
use crate::generate_content::grounding;
use crate::generate_content::usage::Counts;
use crate::generate_content::words::Chunk;
use crate::json::{Fields, Json, Words};
use crate::outbox::Outbox;
use crate::stop::stop_reason_seeing;

pub(crate) struct GenerateContentDecoder {
    provider: Provider,
    finish_word: Option<String>,
    block_word: Option<String>,
    called_tool: bool,
    calls: Calls,
    counts: Counts,
    /// The last chunk that named a reason to stop, by a digest: one that comes again is the same one.
    ending: Option<u64>,
    digests: RandomState,
}

impl GenerateContentDecoder {
    pub(crate) fn new(provider: Provider) -> Self {
        Self {
            provider,
            finish_word: None,
            block_word: None,
            called_tool: false,
            calls: Calls::default(),
            counts: Counts::default(),
            ending: None,
            digests: RandomState::new(),
        }
    }

    fn count(&mut self, counts: Counts, out: &mut Outbox) {
        self.counts = counts.after(self.counts);
        out.usage(self.counts.usage());
    }

    fn read_part(&mut self, part: &Value, out: &mut Outbox) {
        let is_thought = part
            .get("thought")
            .and_then(Value::as_bool)
            .unwrap_or_default();
        match part.text("text") {
            Some(text) if is_thought => out.thinking(text),
            Some(text) => out.text(text),
            None => {}
        }
        if let Some(call) = part.present("functionCall") {
            self.called_tool = true;
            if let Some(call) = self.calls.take(call) {
                out.tool_call(call);
            }
        }
        if let Some(data) = part.present("inlineData").filter(|_| !is_thought) {
            let image = data
                .text("data")
                .and_then(|base64| image_from_base64(base64, data.text("mimeType")));
            image.into_iter().for_each(|image| out.image(image));
        }
        // A signature may sit on any part. Sent back on an empty text part it means the same, and
        // the words need not be kept twice.
        if let Some(signature) = part.text("thoughtSignature") {
            let part = json!({"text": "", "thoughtSignature": signature});
            out.opaque(opaque(Protocol::GenerateContent, part.to_string()));
        }
    }

    fn read_chunk(&mut self, json: Json<'_>, out: &mut Outbox) {
        let value = json.value;
        out.started(value.text("responseId"), value.text("modelVersion"));
        let candidate = value.items("candidates").first();
        if candidate.is_some_and(|candidate| candidate.present("finishReason").is_some()) {
            let digest = Some(self.digests.hash_one(json.text));
            if self.ending == digest {
                return;
            }
            self.ending = digest;
        }
        if let Some(candidate) = candidate {
            let parts = candidate
                .get("content")
                .map_or(&[][..], |content| content.items("parts"));
            parts.iter().for_each(|part| self.read_part(part, out));
            grounding::cite(candidate, out);
            if let Some(word) = finish_word(candidate) {
                self.finish_word = Some(word.to_owned());
            }
        }
        let feedback = value.get("promptFeedback");
        if let Some(reason) = feedback.and_then(|feedback| feedback.present("blockReason")) {
            let word = reason.as_str().map(str::to_owned);
            self.block_word = Some(word.unwrap_or_else(|| reason.to_string()));
        }
        if let Some(usage) = value.present("usageMetadata") {
            self.count(Counts::read(usage), out);
        }
        if value.complaint().is_some() {
            out.failed(classify::from_value(self.provider, None, value));
        }
    }
}

/// Why a candidate ended. Who speaks to Google in the ways of protocol buffers gets a number, and beyond
/// these its services do not agree on what one means.
fn finish_word(candidate: &Value) -> Option<&str> {
    const NUMBERED: [&str; 6] = [
        "FINISH_REASON_UNSPECIFIED",
        "STOP",
        "MAX_TOKENS",
        "SAFETY",
        "RECITATION",
        "OTHER",
    ];
    let numbered = || {
        let number = candidate.position("finishReason")?;
        Some(NUMBERED.get(number).copied().unwrap_or("OTHER"))
    };
    candidate.text("finishReason").or_else(numbered)
}

impl WireDecoder for GenerateContentDecoder {
    fn words(&mut self, text: &str, out: &mut Outbox) -> bool {
        let Some(chunk) = Chunk::read(text) else {
            return false;
        };
        out.started(
            Words::of(&chunk.response_id),
            Words::of(&chunk.model_version),
        );
        let counts = chunk.usage_metadata;
        let part = chunk.into_part();
        if part.thought {
            out.thinking(part.text.0);
        } else {
            out.text(part.text.0);
        }
        if let Some(counts) = counts {
            self.count(counts, out);
        }
        true
    }

    fn event(&mut self, _name: &str, json: Json<'_>, out: &mut Outbox) {
        self.read_chunk(json, out);
    }

    fn body(&mut self, json: Json<'_>, out: &mut Outbox) {
        self.read_chunk(json, out);
        self.end(out);
        let is_answer =
            ["candidates", "usageMetadata"].map(|key| json.value.present(key).is_some());
        if is_answer.contains(&true) {
            out.finished(StopReason::Unknown, "");
        }
    }

    fn done(&mut self, out: &mut Outbox) {
        self.end(out);
    }

    fn end(&mut self, out: &mut Outbox) {
        if let Some(call) = self.calls.end() {
            out.tool_call(call);
        }
        if let Some(word) = self.finish_word.take() {
            out.finished(stop_reason_seeing(&word, self.called_tool, false), &word);
        } else if let Some(word) = self.block_word.take() {
            let message = format!("the provider declined the prompt ({word})");
            out.failed(ProviderError::new(ErrorClass::ContentRefused, message));
        }
    }
}
