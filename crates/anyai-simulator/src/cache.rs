//! The prompt cache: which conversation prefixes were seen before.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::ask::Ask;
use crate::provider::Provider;

/// Prefixes remembered; the oldest go first.
const REMEMBERED_MAX: usize = 8_192;
/// The shortest prefix worth caching.
const PREFIX_TOKENS_MIN: u64 = 1_024;
/// OpenAI and xAI cache in steps of so many tokens.
const STEP_TOKENS: u64 = 128;

/// How the input of a request splits: `read + write <= total`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct InputSplit {
    pub(crate) total: u64,
    pub(crate) read: u64,
    pub(crate) write: u64,
}

#[derive(Debug, Default)]
pub(crate) struct PromptCache {
    seen: Mutex<(HashSet<u64>, VecDeque<u64>)>,
}

impl PromptCache {
    /// Splits the input of a request and remembers its prefixes.
    pub(crate) fn split(&self, ask: &Ask) -> InputSplit {
        let tokens = ask.input_tokens_by_prefix();
        let marks = ask.marks_by_prefix();
        let total = tokens.last().copied().unwrap_or_default();
        if ask.provider == Provider::Anthropic && !ask.marks_cache {
            return InputSplit {
                total,
                ..InputSplit::default()
            };
        }
        let longest = self.longest_seen(&marks);
        self.remember(&marks);
        let cacheable = in_steps(ask.provider, total);
        let read = longest
            .map_or(0, |at| in_steps(ask.provider, tokens[at]))
            .min(cacheable);
        let writes = ask.known.price.cache_write_nano_usd > 0;
        let write = if writes { cacheable - read } else { 0 };
        InputSplit { total, read, write }
    }

    fn longest_seen(&self, marks: &[u64]) -> Option<usize> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        marks.iter().rposition(|mark| seen.0.contains(mark))
    }

    fn remember(&self, marks: &[u64]) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for mark in marks {
            if seen.0.insert(*mark) {
                seen.1.push_back(*mark);
            }
        }
        while seen.1.len() > REMEMBERED_MAX {
            if let Some(oldest) = seen.1.pop_front() {
                seen.0.remove(&oldest);
            }
        }
    }
}

/// The cacheable part of so many tokens.
fn in_steps(provider: Provider, tokens: u64) -> u64 {
    if tokens < PREFIX_TOKENS_MIN {
        0
    } else if provider == Provider::Anthropic {
        tokens
    } else {
        // Rounded down: a started step is not cached.
        tokens / STEP_TOKENS * STEP_TOKENS
    }
}
