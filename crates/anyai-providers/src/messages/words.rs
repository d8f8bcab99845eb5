//! The events an Anthropic stream is mostly made of, read without building a tree of them.

use std::borrow::Cow;

use serde::Deserialize;

use crate::json::Words;

/// `content_block_delta` with nothing but words in it.
pub(super) struct Delta<'a> {
    pub(super) index: u64,
    pub(super) words: Cow<'a, str>,
    pub(super) is_thinking: bool,
}

pub(super) fn read(text: &str) -> Option<Delta<'_>> {
    let event: Event<'_> = serde_json::from_str(text).ok()?;
    if event.kind != "content_block_delta" {
        return None;
    }
    let (words, is_thinking) = match (&*event.delta.kind, event.delta.text, event.delta.thinking) {
        ("text_delta", Some(words), None) => (words, false),
        ("thinking_delta", None, Some(words)) => (words, true),
        _ => return None,
    };
    Some(Delta {
        index: event.index,
        words: words.0,
        is_thinking,
    })
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    index: u64,
    #[serde(borrow)]
    delta: Piece<'a>,
}

#[derive(Deserialize)]
struct Piece<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    text: Option<Words<'a>>,
    #[serde(borrow)]
    thinking: Option<Words<'a>>,
}
