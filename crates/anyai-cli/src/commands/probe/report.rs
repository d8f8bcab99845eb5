//! What one answer comes to, and its JSON shape.

use anyai_providers::{Citation, Image, ProviderError, ProviderEvent, StopReason, Usage};
use serde_json::{Value, json};

use crate::commands::probe::asset;
use crate::exit::Exit;

/// Everything an answer held.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) text: String,
    thinking: String,
    refusal: String,
    id: Option<String>,
    model: Option<String>,
    stop: Option<(StopReason, String)>,
    pub(crate) usage: Option<Usage>,
    tool_calls: Vec<Value>,
    pub(crate) images: Vec<Image>,
    /// Addresses of pictures, with what they are said to be.
    pub(crate) links: Vec<(String, Option<String>)>,
    pub(crate) previews: u32,
    pub(crate) revised_prompts: Vec<String>,
    citations: Vec<Value>,
    pub(crate) error: Option<ProviderError>,
}

impl Report {
    pub(crate) fn take(&mut self, event: ProviderEvent) {
        match event {
            ProviderEvent::Started {
                provider_request_id,
                model,
            } => {
                self.id = provider_request_id;
                self.model = model;
            }
            ProviderEvent::Text(text) => self.text.push_str(&text),
            ProviderEvent::Thinking(text) => self.thinking.push_str(&text),
            ProviderEvent::Refusal(text) => self.refusal.push_str(&text),
            ProviderEvent::ToolCall(call) => self.tool_calls.push(json!({
                "id": call.id, "name": call.name, "arguments": call.arguments, "provider_side": call.provider_side,
            })),
            ProviderEvent::Image(image) => self.images.push(image),
            ProviderEvent::ImageLink { url, mime } => self.links.push((url, mime)),
            ProviderEvent::Preview { .. } => self.previews += 1,
            ProviderEvent::RevisedPrompt(prompt) => self.revised_prompts.push(prompt),
            ProviderEvent::Citation(citation) => self.citations.push(citation_json(&citation)),
            ProviderEvent::Usage(usage) => self.usage = Some(usage),
            ProviderEvent::Finished { stop_reason, raw } | ProviderEvent::Stopping { stop_reason, raw } => {
                self.stop = Some((stop_reason, raw));
            }
            ProviderEvent::Failed(error) => self.error = Some(error),
            ProviderEvent::AskedToWait(_) | ProviderEvent::ThinkingBreak | ProviderEvent::Opaque(_) => {}
        }
    }

    /// The one JSON object. `stop_reason` is the provider's own word, `stop_kind` the house's.
    pub(crate) fn json(&self) -> Value {
        json!({
            "text": self.text,
            "thinking": self.thinking,
            "refusal": (!self.refusal.is_empty()).then_some(&self.refusal),
            "stop_reason": self.stop.as_ref().map(|(_, raw)| raw).filter(|raw| !raw.is_empty()),
            "stop_kind": self.stop.as_ref().map(|(reason, _)| reason.as_str()),
            "id": self.id,
            "model": self.model,
            "usage": self.usage.map(usage_json),
            "provider_cost_nano_usd": self.usage.and_then(|usage| usage.provider_cost).map(|cost| cost.nano()),
            "tool_calls": self.tool_calls,
            "assets": self.images.iter().map(asset::brief).collect::<Vec<_>>(),
            "citations": self.citations,
            "error": self.error.as_ref().map(error_json),
        })
    }

    /// How the program ends after it.
    pub(crate) const fn exit(&self) -> Exit {
        match self.error {
            Some(_) => Exit::Provider,
            None => Exit::Success,
        }
    }

    /// One line for people.
    pub(crate) fn summary(&self) -> String {
        let tokens = self.usage.map_or_else(
            || "no usage reported".to_owned(),
            |usage| {
                format!(
                    "{} tokens in, {} out",
                    usage.input_tokens.count(),
                    usage.output_tokens.count()
                )
            },
        );
        let end = match (&self.error, &self.stop) {
            (Some(error), _) => error.to_string(),
            (None, Some((reason, _))) => reason.as_str().to_owned(),
            (None, None) => "no end".to_owned(),
        };
        format!(
            "[{}; {tokens}; {end}]",
            self.model.as_deref().unwrap_or("model not named")
        )
    }
}

pub(super) fn usage_json(usage: Usage) -> Value {
    json!({
        "input_tokens": usage.input_tokens.count(),
        "cached_input_tokens": usage.cached_input_tokens.count(),
        "cache_write_tokens": (usage.cache_write_5m_tokens + usage.cache_write_1h_tokens).count(),
        "output_tokens": usage.output_tokens.count(),
        "reasoning_tokens": usage.reasoning_tokens.count(),
    })
}

fn citation_json(citation: &Citation) -> Value {
    let range = citation.text_range.as_ref();
    json!({
        "url": citation.url,
        "title": citation.title,
        "quoted": citation.quoted,
        "text_start": range.map(|range| range.start),
        "text_end": range.map(|range| range.end),
    })
}

pub(super) fn error_json(error: &ProviderError) -> Value {
    json!({
        "class": error.class.as_str(),
        "message": error.message,
        "http_status": error.http_status,
        "retry_after_ms": error.retry_after_ms,
    })
}
