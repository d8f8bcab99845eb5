//! Where decoders put events: it drops empty ones and lets nothing follow the end.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::citation::Citation;
use crate::error::{ErrorClass, ProviderError};
use crate::event::{ProviderEvent, StopReason, ToolCall, Usage};
use crate::request::{Image, OpaqueState};

/// The most sources read of one answer: finding the words each stands for takes time.
const CITATIONS_MAX: u32 = 1_000;

/// Events on their way out of a decoder.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    events: Vec<ProviderEvent>,
    provider_request_id: Option<String>,
    model: Option<String>,
    usage: Option<Usage>,
    text_bytes: usize,
    pictures: u32,
    cited: HashSet<Citation>,
    citations: u32,
    thought: bool,
    section_pending: bool,
    ended: bool,
}

impl Outbox {
    /// The events so far; the box is empty afterwards.
    pub(crate) fn take(&mut self) -> Vec<ProviderEvent> {
        std::mem::take(&mut self.events)
    }

    /// Whether `Finished` or `Failed` has been said.
    pub(crate) const fn ended(&self) -> bool {
        self.ended
    }

    fn put(&mut self, event: ProviderEvent) {
        if matches!(
            event,
            ProviderEvent::Text(_) | ProviderEvent::Thinking(_) | ProviderEvent::Refusal(_)
        ) {
            self.usage = None;
        }
        if !self.ended {
            self.events.push(event);
        }
    }

    /// Says who answers, whenever that is news.
    pub(crate) fn started(&mut self, provider_request_id: Option<&str>, model: Option<&str>) {
        let id = provider_request_id.filter(|id| !id.is_empty());
        let model = model.filter(|model| !model.is_empty());
        let id_is_news = self.provider_request_id.is_none() && id.is_some();
        let model_is_news = self.model.is_none() && model.is_some();
        if !id_is_news && !model_is_news {
            return;
        }
        if id_is_news {
            self.provider_request_id = id.map(str::to_owned);
        }
        if model_is_news {
            self.model = model.map(str::to_owned);
        }
        self.put(ProviderEvent::Started {
            provider_request_id: self.provider_request_id.clone(),
            model: self.model.clone(),
        });
    }

    /// More words. Those that come together go out together.
    pub(crate) fn text<'a>(&mut self, text: impl Into<Cow<'a, str>>) {
        let text = text.into();
        if text.is_empty() {
            return;
        }
        self.text_bytes += text.len();
        match self.events.last_mut() {
            Some(ProviderEvent::Text(last)) if !self.ended => last.push_str(&text),
            _ => self.put(ProviderEvent::Text(text.into_owned())),
        }
    }

    /// How much of the answer's text there is so far.
    pub(crate) const fn text_bytes(&self) -> usize {
        self.text_bytes
    }

    /// Says where words come from, once. A range beyond the text is none. Beyond the most sources
    /// nothing is read.
    pub(crate) fn citation(&mut self, read: impl FnOnce() -> Citation) {
        if self.citations >= CITATIONS_MAX {
            return;
        }
        self.citations += 1;
        let mut citation = read();
        let text_bytes = self.text_bytes;
        citation.text_range = citation.text_range.filter(|it| it.end <= text_bytes);
        if !citation.is_empty() && self.cited.insert(citation.clone()) {
            self.put(ProviderEvent::Citation(citation));
        }
    }

    pub(crate) fn thinking<'a>(&mut self, text: impl Into<Cow<'a, str>>) {
        let text = text.into();
        if text.is_empty() {
            return;
        }
        if self.section_pending && self.thought {
            self.put(ProviderEvent::ThinkingBreak);
        }
        self.section_pending = false;
        self.thought = true;
        self.put(ProviderEvent::Thinking(text.into_owned()));
    }

    /// The thinking that comes next is a section of its own.
    pub(crate) const fn thinking_section(&mut self) {
        self.section_pending = true;
    }

    pub(crate) fn refusal(&mut self, text: &str) {
        if !text.is_empty() {
            self.put(ProviderEvent::Refusal(text.to_owned()));
        }
    }

    pub(crate) fn opaque(&mut self, state: OpaqueState) {
        self.put(ProviderEvent::Opaque(state));
    }

    pub(crate) fn tool_call(&mut self, call: ToolCall) {
        self.put(ProviderEvent::ToolCall(call));
    }

    pub(crate) fn image(&mut self, image: Image) {
        self.pictures += 1;
        self.put(ProviderEvent::Image(image));
    }

    pub(crate) fn image_link(&mut self, url: &str, mime: Option<String>) {
        self.pictures += 1;
        let url = url.to_owned();
        self.put(ProviderEvent::ImageLink { url, mime });
    }

    pub(crate) fn preview(&mut self, place: u32, image: Image) {
        self.put(ProviderEvent::Preview { place, image });
    }

    pub(crate) fn revised_prompt(&mut self, prompt: &str) {
        if !prompt.is_empty() {
            self.put(ProviderEvent::RevisedPrompt(prompt.to_owned()));
        }
    }

    /// Says what is billed, when it differs from what was said before, or words came since: what is
    /// billed after the last words is the whole.
    pub(crate) fn usage(&mut self, mut usage: Usage) {
        usage.pictures = self.pictures;
        if self.usage != Some(usage) {
            self.usage = Some(usage);
            self.put(ProviderEvent::Usage(usage));
        }
    }

    /// Ends the answer, unless it has ended.
    pub(crate) fn finished(&mut self, stop_reason: StopReason, raw: &str) {
        self.put(ProviderEvent::Finished {
            stop_reason,
            raw: raw.to_owned(),
        });
        self.ended = true;
    }

    pub(crate) fn stopping(&mut self, stop_reason: StopReason, raw: &str) {
        self.put(ProviderEvent::Stopping {
            stop_reason,
            raw: raw.to_owned(),
        });
    }

    pub(crate) fn failed(&mut self, error: ProviderError) {
        self.put(ProviderEvent::Failed(error));
        self.ended = true;
    }

    pub(crate) fn malformed(&mut self, message: &str) {
        self.failed(ProviderError::new(ErrorClass::Malformed, message));
    }
}
