//! The chunks a chat completions stream is mostly made of, read without building a tree of them.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::json::Words;

/// A chunk whose first choice brings words and nothing else that counts.
#[derive(Deserialize)]
pub(super) struct Chunk<'a> {
    #[serde(borrow)]
    pub(super) id: Option<Words<'a>>,
    #[serde(borrow)]
    pub(super) model: Option<Words<'a>>,
    #[serde(borrow)]
    choices: (Choice<'a>,),
    usage: Option<IgnoredAny>,
    timings: Option<IgnoredAny>,
    citations: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(default)]
    index: u64,
    #[serde(borrow)]
    delta: Delta<'a>,
    finish_reason: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct Delta<'a> {
    #[serde(borrow)]
    pub(super) content: Option<Words<'a>>,
    #[serde(borrow)]
    pub(super) reasoning_content: Option<Words<'a>>,
    #[serde(borrow)]
    pub(super) reasoning: Option<Words<'a>>,
    #[serde(borrow, default)]
    pub(super) reasoning_details: Vec<&'a RawValue>,
    refusal: Option<IgnoredAny>,
    tool_calls: Option<IgnoredAny>,
    images: Option<IgnoredAny>,
    annotations: Option<IgnoredAny>,
}

impl<'a> Chunk<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let chunk: Self = serde_json::from_str(text).ok()?;
        let choice = &chunk.choices.0;
        let delta = &choice.delta;
        let says_more = [
            &chunk.usage,
            &chunk.timings,
            &chunk.citations,
            &chunk.error,
            &choice.finish_reason,
            &choice.error,
            &delta.refusal,
            &delta.tool_calls,
            &delta.images,
            &delta.annotations,
        ]
        .iter()
        .any(|field| field.is_some());
        (!says_more && choice.index == 0).then_some(chunk)
    }

    pub(super) fn into_delta(self) -> Delta<'a> {
        self.choices.0.delta
    }
}
