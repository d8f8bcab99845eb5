//! What a provider says an answer cost: xAI in ticks, OpenRouter in dollars.

use anyai_units::NanoUsd;
use serde_json::Value;

use crate::decimal::{nano_usd, nano_usd_from_ticks};
use crate::endpoint::Provider;
use crate::json::{Fields, raw_field};

/// `usage` is the parsed field, `raw` its exact text.
pub(crate) fn of_answer(usage: &Value, raw: &str, provider: Provider) -> Option<NanoUsd> {
    match provider {
        Provider::XAi => in_ticks(usage),
        Provider::OpenRouter => in_dollars(raw),
        _ => None,
    }
}

pub(crate) fn in_ticks(usage: &Value) -> Option<NanoUsd> {
    usage
        .count("cost_in_usd_ticks")
        .and_then(nano_usd_from_ticks)
}

/// A number, or the same as text.
pub(crate) fn in_dollars(raw_usage: &str) -> Option<NanoUsd> {
    dollars_at(raw_usage, &["cost"])
}

/// What the provider behind OpenRouter takes from the house's own key; OpenRouter's cost is its fee then.
pub(crate) fn behind(raw_usage: &str) -> Option<NanoUsd> {
    let is_own_key = raw_field(raw_usage, &["is_byok"])?.get() == "true";
    dollars_at(raw_usage, &["cost_details", "upstream_inference_cost"]).filter(|_| is_own_key)
}

/// The dollars at a place of a value's exact text.
pub(crate) fn dollars_at(raw: &str, path: &[&str]) -> Option<NanoUsd> {
    nano_usd(raw_field(raw, path)?.get().trim_matches('"'))
}
