//! What a model's tokens cost from a given instant on.

use anyai_units::{NanoUsd, Tokens, UtcMillis};

use crate::charge::LineKind;
use crate::media_price::UnitPrice;

/// Prices per token, in whole pico-credits (1 millicredit = 1,000,000,000 pico-credits).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Input read afresh.
    pub uncached_input: u64,
    /// Input read from the provider's prompt cache.
    pub cached_input: u64,
    /// Input written to the cache for minutes.
    pub cache_write_5m: u64,
    /// Input written to the cache for an hour or more.
    pub cache_write_1h: u64,
    /// Output, thinking included.
    pub output: u64,
}

impl Rates {
    /// The rate of one kind of line; 0 for calls, which are no tokens.
    #[must_use]
    pub const fn of(&self, kind: LineKind) -> u64 {
        match kind {
            LineKind::ToolCalls => 0,
            LineKind::UncachedInput => self.uncached_input,
            LineKind::CachedInput => self.cached_input,
            LineKind::CacheWrite5m => self.cache_write_5m,
            LineKind::CacheWrite1h => self.cache_write_1h,
            LineKind::Output => self.output,
        }
    }

    /// The dearest rate an input token can meet. Long-lived cache writes happen only when a
    /// request asks for them, so the caller says whether it does.
    #[must_use]
    pub fn dearest_input(&self, asks_long_cache: bool) -> u64 {
        let short = self
            .uncached_input
            .max(self.cached_input)
            .max(self.cache_write_5m);
        if asks_long_cache {
            short.max(self.cache_write_1h)
        } else {
            short
        }
    }
}

/// Which rates a request met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// The ordinary ones.
    Standard,
    /// Those of a request whose whole input is longer than this.
    LongContext {
        /// The threshold.
        above: Tokens,
    },
}

/// The rates of a long request: they apply to the whole of it, not to the part above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LongContext {
    /// A request whose total input is longer than this pays these rates.
    pub above: Tokens,
    /// The rates.
    pub rates: Rates,
}

/// A model's price line, in force from an instant until the next line's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// The first instant it applies.
    pub effective_from: UtcMillis,
    /// The ordinary rates.
    pub standard: Rates,
    /// The rates of long requests, when they differ.
    pub long_context: Option<LongContext>,
    /// Of a call of the provider's own tools; nothing where no price is published.
    pub tool_call: UnitPrice,
    /// The provider's list price of an input token, for the picker's small print.
    pub list_input: NanoUsd,
    /// The provider's list price of an output token.
    pub list_output: NanoUsd,
}

impl Price {
    /// The price of a model on the operator's own server: nothing, since ever.
    pub(crate) fn free() -> Self {
        Self {
            effective_from: UtcMillis::from_millis(i64::MIN),
            standard: Rates::default(),
            long_context: None,
            tool_call: UnitPrice::default(),
            list_input: NanoUsd::ZERO,
            list_output: NanoUsd::ZERO,
        }
    }

    /// The rates a request with this much input meets.
    #[must_use]
    pub fn rates_for(&self, total_input: Tokens) -> (Tier, &Rates) {
        match &self.long_context {
            Some(long) if total_input > long.above => {
                (Tier::LongContext { above: long.above }, &long.rates)
            }
            _ => (Tier::Standard, &self.standard),
        }
    }
}
