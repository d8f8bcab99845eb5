//! When each request is due. The schedule is fixed before the first one leaves: nothing that happens
//! later, least of all a slow answer, moves it.

use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

/// Requests at even distances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    pub(crate) per_second: u32,
    pub(crate) requests: u32,
}

impl Schedule {
    pub(crate) const fn lasting(seconds: u32, per_second: u32) -> Self {
        Self {
            per_second,
            requests: per_second.saturating_mul(seconds),
        }
    }

    /// How long after the start a request is due. Rounded down to whole nanoseconds, and computed
    /// from the start each time, so that the error of one place is not carried to the next.
    pub(crate) fn due_after(self, number: u32) -> Duration {
        let nanos = u64::from(number) * 1_000_000_000 / u64::from(self.per_second.max(1));
        Duration::from_nanos(nanos)
    }

    /// Says each request when it is due, from a thread that does nothing else: a runtime's own
    /// timers count in milliseconds.
    pub(crate) fn pace(self, start: Instant, due: UnboundedSender<Instant>) {
        std::thread::spawn(move || {
            for number in 0..self.requests {
                let at = start + self.due_after(number);
                std::thread::sleep(at.saturating_duration_since(Instant::now()));
                if due.send(at).is_err() {
                    return;
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_even_and_errors_do_not_add_up() {
        let schedule = Schedule::lasting(7, 3_000);
        assert_eq!(schedule.requests, 21_000);
        assert_eq!(schedule.due_after(0), Duration::ZERO);
        assert_eq!(schedule.due_after(1), Duration::from_nanos(333_333));
        assert_eq!(schedule.due_after(3_000), Duration::from_secs(1));
        assert_eq!(
            schedule.due_after(20_999),
            Duration::from_nanos(6_999_666_666)
        );
    }

    #[test]
    fn a_late_request_is_due_when_it_was_planned() {
        let schedule = Schedule::lasting(1, 1_000);
        // As if the tool had been stopped for a second: everything is due at once, and each at its
        // own place.
        let start = Instant::now() - Duration::from_secs(1);
        let (due, mut told) = tokio::sync::mpsc::unbounded_channel();
        schedule.pace(start, due);
        for number in 0..schedule.requests {
            let at = told.blocking_recv().expect("every request is told");
            assert_eq!(at - start, schedule.due_after(number));
        }
        assert!(told.blocking_recv().is_none(), "and no more");
    }
}
