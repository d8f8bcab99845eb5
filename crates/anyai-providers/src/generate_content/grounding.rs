//! The sources a Gemini answer leans on: what it searched, and what it repeats.

use serde_json::Value;

use crate::citation::{Citation, range};
use crate::json::Fields;
use crate::outbox::Outbox;

/// Says every source of a candidate. Google counts bytes of the whole text, streamed or not.
pub(super) fn cite(candidate: &Value, out: &mut Outbox) {
    if let Some(metadata) = candidate.present("groundingMetadata") {
        cite_grounding(metadata, out);
    }
    if let Some(metadata) = candidate.present("citationMetadata") {
        let repeated = metadata.items("citationSources").iter();
        for source in repeated.chain(metadata.items("citations")) {
            out.citation(|| Citation {
                text_range: segment(source),
                ..Citation::read(source, "text")
            });
        }
    }
}

/// What stands for a part of the text, then the sources that stand for all of it.
fn cite_grounding(metadata: &Value, out: &mut Outbox) {
    let sources: Vec<Citation> = metadata
        .items("groundingChunks")
        .iter()
        .map(source)
        .collect();
    let mut is_used = vec![false; sources.len()];
    for support in metadata.items("groundingSupports") {
        let text_range = support.get("segment").and_then(segment);
        let indices = support.items("groundingChunkIndices").iter();
        let places = indices.filter_map(Value::as_u64);
        for place in places.filter_map(|place| usize::try_from(place).ok()) {
            let Some(source) = sources.get(place) else {
                continue;
            };
            is_used[place] = true;
            out.citation(|| Citation {
                text_range: text_range.clone(),
                ..source.clone()
            });
        }
    }
    let unused = sources.into_iter().zip(is_used);
    for (source, _) in unused.filter(|(_, is_used)| !is_used) {
        out.citation(|| source);
    }
}

/// A chunk is one of several kinds, each under its own name.
fn source(chunk: &Value) -> Citation {
    let kinds = ["web", "retrievedContext", "maps"];
    let source = kinds.into_iter().find_map(|kind| chunk.present(kind));
    source.map_or_else(Citation::default, |source| Citation::read(source, "text"))
}

/// An absent start is the beginning.
fn segment(segment: &Value) -> Option<std::ops::Range<usize>> {
    let start = segment.position("startIndex").unwrap_or_default();
    range(Some(start), segment.position("endIndex"))
}
