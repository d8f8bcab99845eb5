//! What an interaction is billed for: thoughts beside the output, what tools read beside the input.

use anyai_units::Tokens;
use serde_json::Value;

use crate::event::Usage;
use crate::json::{Fields, of_modality};

/// `searches` is what the steps showed, for answers that do not count them.
pub(super) fn read(usage: &Value, searches: u64) -> Usage {
    let count = |key| Tokens::new(usage.count(key).unwrap_or_default());
    let part = |list, modality| {
        Tokens::new(of_modality(usage, list, modality, "tokens").unwrap_or_default())
    };
    let counts = usage.items("grounding_tool_count");
    let counted = counts.iter().filter_map(|entry| entry.count("count"));
    Usage {
        input_tokens: count("total_input_tokens") + count("total_tool_use_tokens"),
        cached_input_tokens: count("total_cached_tokens"),
        output_tokens: count("total_output_tokens") + count("total_thought_tokens"),
        reasoning_tokens: count("total_thought_tokens"),
        provider_tool_calls: if counts.is_empty() {
            searches
        } else {
            counted.fold(0, u64::saturating_add)
        },
        image_input_tokens: part("input_tokens_by_modality", "image"),
        image_output_tokens: part("output_tokens_by_modality", "image"),
        video_output_tokens: part("output_tokens_by_modality", "video"),
        ..Usage::default()
    }
}
