//! The events an interaction's stream is mostly made of, read without building a tree of them.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::IgnoredAny;

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    event_type: Cow<'a, str>,
    #[serde(borrow)]
    delta: Delta<'a>,
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    text: Cow<'a, str>,
    annotations: Option<IgnoredAny>,
}

/// More of the answer's text.
pub(super) fn read(text: &str) -> Option<Cow<'_, str>> {
    let event: Event<'_> = serde_json::from_str(text).ok()?;
    let is_plain = event.event_type == "step.delta"
        && event.delta.kind == "text"
        && event.delta.annotations.is_none()
        && event.error.is_none();
    is_plain.then_some(event.delta.text)
}
