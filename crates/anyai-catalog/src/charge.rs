//! Usage in, charge out: exact lines, and one rounding.

use anyai_units::{Credits, Tokens};

use crate::price::{Price, Tier};

/// What a provider says a request used. Input is split, never counted twice: the total input is
/// the sum of the four input fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Usage {
    /// Input read afresh.
    pub uncached_input: Tokens,
    /// Input read from the prompt cache.
    pub cached_input: Tokens,
    /// Input written to the cache for minutes.
    pub cache_write_5m: Tokens,
    /// Input written to the cache for an hour or more.
    pub cache_write_1h: Tokens,
    /// Billed output, thinking included.
    pub output: Tokens,
    /// How much of `output` was thinking; it is not charged again.
    pub reasoning: Tokens,
    /// Searches and other calls of the provider's own tools.
    pub tool_calls: u64,
}

/// A kind of receipt line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineKind {
    /// Input read afresh.
    UncachedInput,
    /// Input read from the prompt cache.
    CachedInput,
    /// Input written to the cache for minutes.
    CacheWrite5m,
    /// Input written to the cache for an hour or more.
    CacheWrite1h,
    /// Output, thinking included.
    Output,
    /// Calls of the provider's own tools.
    ToolCalls,
}

/// One line of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChargeLine {
    /// What was used.
    pub kind: LineKind,
    /// How much of it: tokens, or calls.
    pub quantity: u64,
    /// The rate.
    pub picocredits_each: u64,
    /// The exact product.
    pub picocredits: u128,
}

/// What a request costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The lines that are not zero.
    pub lines: Vec<ChargeLine>,
    /// The rates they met.
    pub tier: Tier,
    /// The exact sum.
    pub picocredits: u128,
    /// The sum rounded up, once, to a millicredit: never less than 1 when the sum is above 0.
    pub total: Credits,
}

/// Why a usage has no charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChargeError {
    /// No amount of credits is that large.
    #[error("the charge for that usage is too large to be true")]
    TooLarge,
}

impl Usage {
    /// All input: it chooses the tier.
    #[must_use]
    pub fn total_input(&self) -> Tokens {
        self.uncached_input + self.cached_input + self.cache_write_5m + self.cache_write_1h
    }
}

impl LineKind {
    /// Every kind, in receipt order.
    pub const ALL: [Self; 6] = [
        Self::UncachedInput,
        Self::CachedInput,
        Self::CacheWrite5m,
        Self::CacheWrite1h,
        Self::Output,
        Self::ToolCalls,
    ];

    /// The word for it in receipts and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UncachedInput => "input",
            Self::CachedInput => "cached_input",
            Self::CacheWrite5m => "cache_write_5m",
            Self::CacheWrite1h => "cache_write_1h",
            Self::Output => "output",
            Self::ToolCalls => "tool_calls",
        }
    }

    const fn quantity(self, usage: &Usage) -> u64 {
        match self {
            Self::UncachedInput => usage.uncached_input.count(),
            Self::CachedInput => usage.cached_input.count(),
            Self::CacheWrite5m => usage.cache_write_5m.count(),
            Self::CacheWrite1h => usage.cache_write_1h.count(),
            Self::Output => usage.output.count(),
            Self::ToolCalls => usage.tool_calls,
        }
    }
}

const PICOCREDITS_PER_MILLICREDIT: u128 = 1_000_000_000;

/// The least number of millicredits that covers an exact amount: a ceiling, the only rounding.
pub(crate) fn round_up(picocredits: u128) -> Result<Credits, ChargeError> {
    let millicredits = picocredits.div_ceil(PICOCREDITS_PER_MILLICREDIT);
    i64::try_from(millicredits)
        .map(Credits::from_millicredits)
        .map_err(|_| ChargeError::TooLarge)
}

impl Price {
    /// The charge for a usage: the tier is chosen by the whole input and applies to the whole
    /// request; the sum is exact and rounded up once.
    ///
    /// # Errors
    /// [`ChargeError::TooLarge`] when the amount does not fit.
    pub fn charge(&self, usage: &Usage) -> Result<Charge, ChargeError> {
        let (tier, rates) = self.rates_for(usage.total_input());
        let mut lines = Vec::with_capacity(LineKind::ALL.len());
        let mut sum: u128 = 0;
        for kind in LineKind::ALL {
            let quantity = kind.quantity(usage);
            let rate = match kind {
                LineKind::ToolCalls => self.tool_call.picocredits,
                kind => rates.of(kind),
            };
            if quantity == 0 || (kind == LineKind::ToolCalls && rate == 0) {
                continue;
            }
            let picocredits = u128::from(quantity) * u128::from(rate);
            sum = sum.checked_add(picocredits).ok_or(ChargeError::TooLarge)?;
            lines.push(ChargeLine {
                kind,
                quantity,
                picocredits_each: rate,
                picocredits,
            });
        }
        Ok(Charge {
            lines,
            tier,
            picocredits: sum,
            total: round_up(sum)?,
        })
    }

    /// The most a request can cost whose input is at most `input` and whose output is at most
    /// `output`, however the provider splits the input between cache kinds and whichever tier it
    /// falls in.
    ///
    /// # Errors
    /// [`ChargeError::TooLarge`] when the amount does not fit.
    pub fn ceiling(
        &self,
        input: Tokens,
        output: Tokens,
        asks_long_cache: bool,
    ) -> Result<Credits, ChargeError> {
        let worst = |tokens: Tokens, rates: &crate::Rates| {
            let input =
                u128::from(tokens.count()) * u128::from(rates.dearest_input(asks_long_cache));
            let output = u128::from(output.count()) * u128::from(rates.output);
            input.checked_add(output).ok_or(ChargeError::TooLarge)
        };
        let mut most = match self.long_context {
            Some(long) => worst(input.min(long.above), &self.standard)?,
            None => worst(input, &self.standard)?,
        };
        if let Some(long) = self.long_context.filter(|long| input > long.above) {
            most = most.max(worst(input, &long.rates)?);
        }
        round_up(most)
    }
}
