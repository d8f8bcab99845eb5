//! The chunks a Gemini stream is mostly made of, read without building a tree of them.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::generate_content::usage::Counts;
use crate::json::Words;

/// A chunk of one part with words, and the counts so far.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Chunk<'a> {
    #[serde(borrow)]
    pub(super) response_id: Option<Words<'a>>,
    #[serde(borrow)]
    pub(super) model_version: Option<Words<'a>>,
    #[serde(borrow)]
    candidates: (Candidate<'a>,),
    pub(super) usage_metadata: Option<Counts>,
    prompt_feedback: Option<IgnoredAny>,
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate<'a> {
    #[serde(borrow)]
    content: Content<'a>,
    finish_reason: Option<IgnoredAny>,
    grounding_metadata: Option<IgnoredAny>,
    citation_metadata: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow)]
    parts: (Part<'a>,),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Part<'a> {
    #[serde(borrow)]
    pub(super) text: Words<'a>,
    #[serde(default)]
    pub(super) thought: bool,
    thought_signature: Option<IgnoredAny>,
    function_call: Option<IgnoredAny>,
    inline_data: Option<IgnoredAny>,
}

impl<'a> Chunk<'a> {
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let chunk: Self = serde_json::from_str(text).ok()?;
        let candidate = &chunk.candidates.0;
        let part = &candidate.content.parts.0;
        let says_more = [
            &chunk.prompt_feedback,
            &chunk.error,
            &candidate.finish_reason,
            &candidate.grounding_metadata,
            &candidate.citation_metadata,
            &part.thought_signature,
            &part.function_call,
            &part.inline_data,
        ]
        .iter()
        .any(|field| field.is_some());
        let tells_apart = chunk
            .usage_metadata
            .is_some_and(|counts| counts.tells_output_apart());
        (!says_more && !tells_apart).then_some(chunk)
    }

    pub(super) fn into_part(self) -> Part<'a> {
        self.candidates.0.content.parts.0
    }
}
