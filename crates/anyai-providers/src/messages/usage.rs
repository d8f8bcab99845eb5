//! What an Anthropic answer is billed for: counts that are cumulative and override themselves field by
//! field, with what the cache read and wrote beside the input.

use anyai_units::Tokens;
use serde_json::Value;

use crate::event::Usage;
use crate::json::Fields;

/// Anthropic's own counts. Its input excludes what the cache read or wrote.
#[derive(Default)]
pub(super) struct UsageFields {
    uncached_input: u64,
    cache_read: u64,
    cache_write: u64,
    cache_write_5m: Option<u64>,
    cache_write_1h: Option<u64>,
    output: u64,
    thinking: u64,
    searches: u64,
    apart: Usage,
}

impl UsageFields {
    pub(super) fn take_over(&mut self, usage: &Value) {
        let set = |field: &mut u64, key: &str| *field = usage.count(key).unwrap_or(*field);
        set(&mut self.uncached_input, "input_tokens");
        set(&mut self.cache_read, "cache_read_input_tokens");
        set(&mut self.cache_write, "cache_creation_input_tokens");
        set(&mut self.output, "output_tokens");
        if let Some(writes) = usage.present("cache_creation") {
            self.cache_write_5m = writes
                .count("ephemeral_5m_input_tokens")
                .or(self.cache_write_5m);
            self.cache_write_1h = writes
                .count("ephemeral_1h_input_tokens")
                .or(self.cache_write_1h);
        }
        if let Some(details) = usage.present("output_tokens_details") {
            self.thinking = details.count("thinking_tokens").unwrap_or(self.thinking);
        }
        if let Some(tools) = usage.present("server_tool_use") {
            self.searches = tools.count("web_search_requests").unwrap_or(self.searches);
        }
        let iterations = usage.items("iterations");
        if !iterations.is_empty() {
            self.apart = iterations
                .iter()
                .filter(|iteration| is_billed_apart(iteration))
                .map(one_iteration)
                .fold(Usage::default(), sum);
        }
    }

    pub(super) fn total(&self) -> Usage {
        let writes_1h = self.cache_write_1h.unwrap_or_default();
        // What no breakdown names lives five minutes, the provider's default.
        let writes_5m = self
            .cache_write_5m
            .unwrap_or_default()
            .max(self.cache_write.saturating_sub(writes_1h));
        let counted = Usage {
            input_tokens: [self.uncached_input, self.cache_read, writes_5m, writes_1h]
                .map(Tokens::new)
                .into_iter()
                .sum(),
            cached_input_tokens: Tokens::new(self.cache_read),
            cache_write_5m_tokens: Tokens::new(writes_5m),
            cache_write_1h_tokens: Tokens::new(writes_1h),
            output_tokens: Tokens::new(self.output),
            reasoning_tokens: Tokens::new(self.thinking),
            provider_tool_calls: self.searches,
            ..Usage::default()
        };
        sum(counted, self.apart)
    }
}

/// Compaction and advice are billed, but the top-level counts leave them out.
fn is_billed_apart(iteration: &Value) -> bool {
    matches!(
        iteration.text("type"),
        Some("compaction" | "advisor_message")
    )
}

fn one_iteration(iteration: &Value) -> Usage {
    let mut fields = UsageFields::default();
    fields.take_over(iteration);
    fields.total()
}

fn sum(a: Usage, b: Usage) -> Usage {
    Usage {
        input_tokens: a.input_tokens + b.input_tokens,
        cached_input_tokens: a.cached_input_tokens + b.cached_input_tokens,
        cache_write_5m_tokens: a.cache_write_5m_tokens + b.cache_write_5m_tokens,
        cache_write_1h_tokens: a.cache_write_1h_tokens + b.cache_write_1h_tokens,
        output_tokens: a.output_tokens + b.output_tokens,
        reasoning_tokens: a.reasoning_tokens + b.reasoning_tokens,
        provider_tool_calls: a.provider_tool_calls.saturating_add(b.provider_tool_calls),
        ..Usage::default()
    }
}
