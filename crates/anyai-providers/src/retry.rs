//! Whether and when to ask again. Pure: the clock and the dice are passed in.
//!
//! A request is repeated only while nothing of an answer has come: once a byte has, the provider
//! has billed something and the words may differ the second time.

use anyai_units::UtcMillis;
use http::HeaderMap;

use crate::error::{ErrorClass, ProviderError};
use crate::wait::{self, header};

/// The longest wait the house chooses itself.
const OWN_WAIT_MS_MAX: u64 = 8_000;

/// How often and how long to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Attempts after the first.
    pub retries_max: u32,
    /// The wait before the second attempt when the provider names none; it doubles from there.
    pub first_wait_ms: u64,
    /// A provider that asks for a longer wait is not asked again: someone is waiting.
    pub wait_ms_max: u64,
}

impl RetryPolicy {
    /// The house's rule: two more attempts, none later than a minute.
    pub const STANDARD: Self = Self {
        retries_max: 2,
        first_wait_ms: 500,
        wait_ms_max: 60_000,
    };
    /// One attempt.
    pub const NEVER: Self = Self {
        retries_max: 0,
        first_wait_ms: 0,
        wait_ms_max: 0,
    };

    /// How long to wait before attempt number `failed_attempts + 1`, or `None` to give up.
    /// `dice` is any number; it spreads the waits of many clients.
    #[must_use]
    pub fn wait_ms(&self, failed_attempts: u32, failure: &Failure, dice: u64) -> Option<u64> {
        if failed_attempts > self.retries_max || !failure.may_pass() {
            return None;
        }
        let wait_ms = failure
            .error
            .retry_after_ms
            .unwrap_or_else(|| self.own_wait_ms(failed_attempts, dice));
        (wait_ms <= self.wait_ms_max).then_some(wait_ms)
    }

    /// Doubles up to eight seconds, less up to a quarter.
    fn own_wait_ms(&self, failed_attempts: u32, dice: u64) -> u64 {
        let doublings = failed_attempts.saturating_sub(1).min(16);
        let wait_ms = self.first_wait_ms.saturating_mul(1 << doublings);
        let wait_ms = wait_ms.min(OWN_WAIT_MS_MAX);
        // Rounds down: the jitter is at most a quarter.
        wait_ms - dice % (wait_ms / 4).max(1)
    }
}

/// Limits are told with every answer; they are the reason only of this failure.
const fn is_limited(error: &ProviderError) -> bool {
    matches!(error.http_status, Some(429))
}

/// A failure before the first byte of an answer.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What happened.
    pub error: ProviderError,
    /// The provider's own advice, `x-should-retry`.
    pub should_retry: Option<bool>,
    /// Nothing of the request left this machine.
    pub unsent: bool,
}

impl Failure {
    /// Reads the advice in a failed answer's headers into `error`.
    #[must_use]
    pub fn from_headers(mut error: ProviderError, headers: &HeaderMap, now: UtcMillis) -> Self {
        error.retry_after_ms = wait::asked_ms(headers, now)
            .or(error.retry_after_ms)
            .or_else(|| wait::until_reset_ms(headers, now).filter(|_| is_limited(&error)));
        Self {
            should_retry: header(headers, "x-should-retry").and_then(|advice| advice.parse().ok()),
            unsent: false,
            error,
        }
    }

    /// A connection that never brought an answer.
    #[must_use]
    pub const fn unanswered(error: ProviderError) -> Self {
        Self {
            error,
            should_retry: None,
            unsent: false,
        }
    }

    /// A connection that never came about.
    #[must_use]
    pub const fn unsent(error: ProviderError) -> Self {
        Self {
            error,
            should_retry: None,
            unsent: true,
        }
    }

    /// Whether another attempt could end differently.
    fn may_pass(&self) -> bool {
        if let Some(advice) = self.should_retry {
            return advice;
        }
        match (self.error.class, self.error.http_status) {
            (ErrorClass::QuotaExhausted, _) => false,
            (_, Some(status)) => matches!(status, 408 | 409 | 429 | 500..=599),
            (class, None) => class == ErrorClass::Network,
        }
    }
}
