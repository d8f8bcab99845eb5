//! How long an answer may become: the limit the request enforces and the hold rests on.
//!
//! App and server call the same functions on the same counts, so the hold is the ceiling that was shown.
//! What a person's own turns have taught plays no part: the limit rests on the forecast alone.

use anyai_units::{Interval, Tokens};

/// Providers refuse shorter limits.
pub(crate) const MAX_OUTPUT_MIN: Tokens = Tokens::new(16);
/// The shortest answer worth paying for.
const MAX_OUTPUT_FLOOR: Tokens = Tokens::new(256);
/// The same when part of it is thinking.
const MAX_OUTPUT_FLOOR_THINKING: Tokens = Tokens::new(1_024);
/// No answer is limited below this by default.
const DEFAULT_MIN: u64 = 4_096;
/// The default limit in likely answers; docs/ESTIMATES.md says how often real ones were longer.
const DEFAULT_TIMES_LIKELY: u64 = 16;
/// English words in o200k tokens.
const O200K_TOKENS_PER_1000_WORDS: u64 = 1_330;

/// Lengths in one model's tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ruler {
    /// The model's tokens to a thousand o200k tokens of what the person writes.
    pub(crate) ratio_permille: u64,
    /// Whether part of the answer is thinking.
    pub(crate) thinks: bool,
}

impl Ruler {
    /// So many o200k tokens in the model's, rounded up.
    pub(crate) fn tokens(self, o200k: u64) -> u64 {
        o200k.saturating_mul(self.ratio_permille).div_ceil(1_000)
    }

    /// What a thousand words take.
    pub(crate) fn tokens_per_1000_words(self) -> u64 {
        self.tokens(O200K_TOKENS_PER_1000_WORDS)
    }

    /// The shortest useful limit.
    pub(crate) const fn floor(self) -> Tokens {
        if self.thinks {
            MAX_OUTPUT_FLOOR_THINKING
        } else {
            MAX_OUTPUT_FLOOR
        }
    }

    /// The limit nobody asked for: so long that hardly an answer meets it.
    pub(crate) fn default_limit(self, forecast: Interval<u64>) -> Tokens {
        let likely = forecast.likely.saturating_mul(DEFAULT_TIMES_LIKELY);
        Tokens::new(self.tokens(likely.max(forecast.high)).max(DEFAULT_MIN))
    }

    /// The limit of an answer of so many words. A model that thinks gets what a long answer takes on
    /// top: cut off while it thinks, it would have cost everything and said nothing.
    pub(crate) fn limit_of_words(self, words: u32, forecast: Interval<u64>) -> Tokens {
        let words = u64::from(words).saturating_mul(self.tokens_per_1000_words());
        let thinking = if self.thinks {
            self.tokens(forecast.high)
        } else {
            0
        };
        Tokens::new(words.div_ceil(1_000).saturating_add(thinking)).max(self.floor())
    }
}
