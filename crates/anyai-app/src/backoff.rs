//! Waiting longer after each failure, and never in step with other apps.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(30);

/// How long to wait next.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    next: Duration,
}

impl Backoff {
    pub(crate) const fn new() -> Self {
        Self { next: FIRST }
    }

    pub(crate) const fn reset(&mut self) {
        self.next = FIRST;
    }

    /// The wait after one more failure: half fixed, half by chance. `random` is any well mixed
    /// number.
    pub(crate) fn wait(&mut self, random: u128) -> Duration {
        let whole = self.next;
        self.next = (whole * 2).min(LONGEST);
        let half_ms = u64::try_from(whole.as_millis() / 2)
            .unwrap_or(u64::MAX)
            .max(1);
        let chance_ms = u64::try_from(random % u128::from(half_ms)).unwrap_or(0);
        Duration::from_millis(half_ms + chance_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_to_a_limit_and_starts_over() {
        let mut backoff = Backoff::new();
        let waits: Vec<Duration> = (0..12).map(|random| backoff.wait(random)).collect();
        assert!(waits[0] >= FIRST / 2 && waits[0] <= FIRST, "{waits:?}");
        assert!(
            waits[11] >= LONGEST / 2 && waits[11] <= LONGEST,
            "{waits:?}"
        );
        assert_ne!(
            Backoff::new().wait(3),
            Backoff::new().wait(90),
            "chance decides a part"
        );
        backoff.reset();
        assert!(backoff.wait(0) <= FIRST);
    }
}
