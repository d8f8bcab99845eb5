//! The lines an Ollama stream is mostly made of, read without building a tree of them.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::json::Words;

/// A line that brings words and nothing else that counts.
#[derive(Deserialize)]
pub(super) struct Line<'a> {
    #[serde(borrow)]
    pub(super) model: Option<Words<'a>>,
    #[serde(borrow)]
    pub(super) message: Message<'a>,
    done: bool,
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    pub(super) content: Option<Words<'a>>,
    #[serde(borrow)]
    pub(super) thinking: Option<Words<'a>>,
    tool_calls: Option<IgnoredAny>,
}

impl<'a> Line<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let line: Self = serde_json::from_str(text).ok()?;
        let says_more = line.done || line.error.is_some() || line.message.tool_calls.is_some();
        (!says_more).then_some(line)
    }
}
