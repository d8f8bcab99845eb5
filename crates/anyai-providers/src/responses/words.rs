//! The events a Responses stream is mostly made of, read without building a tree of them.

use std::borrow::Cow;

use serde::Deserialize;

#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    delta: Cow<'a, str>,
}

/// What a delta's words are.
pub(super) enum Kind {
    Text,
    Thinking,
}

pub(super) fn read(text: &str) -> Option<(Kind, Cow<'_, str>)> {
    let event: Delta<'_> = serde_json::from_str(text).ok()?;
    let kind = match &*event.kind {
        "response.output_text.delta" => Kind::Text,
        "response.reasoning_summary_text.delta" | "response.reasoning_text.delta" => Kind::Thinking,
        _ => return None,
    };
    Some((kind, event.delta))
}
