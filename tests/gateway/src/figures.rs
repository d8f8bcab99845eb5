//! Figures of a round, in histograms of three significant digits, and the tables they are shown in.

use std::time::Duration;

use anyhow::Result;
use hdrhistogram::Histogram;

use crate::exchange::Arrivals;

/// The longest time that is told apart, in microseconds: two minutes.
const LONGEST_US: u64 = 120_000_000;

/// The quantiles that are shown.
const SHOWN: [(&str, f64); 5] = [
    ("p50", 0.5),
    ("p90", 0.9),
    ("p99", 0.99),
    ("p99.9", 0.999),
    ("most", 1.0),
];

/// What came of a round.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    times: Option<Times>,
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    pub(crate) first_failure: Option<String>,
    pub(crate) elapsed: Duration,
}

/// Times in microseconds.
#[derive(Debug)]
struct Times {
    whole: Histogram<u64>,
    first: Histogram<u64>,
    delay: Histogram<u64>,
    gap: Histogram<u64>,
}

/// Which of a round's times are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Time {
    /// From the request's place in the schedule to the answer's end.
    Whole,
    /// From there to the answer's first piece.
    First,
    /// From the provider's socket to the client, piece by piece.
    Delay,
    /// What each piece came later than the one before it.
    Gap,
}

impl Figures {
    pub(crate) fn new() -> Result<Self> {
        let times = Times {
            whole: histogram()?,
            first: histogram()?,
            delay: histogram()?,
            gap: histogram()?,
        };
        Ok(Self {
            times: Some(times),
            ..Self::default()
        })
    }

    pub(crate) fn succeeded(
        &mut self,
        first: Duration,
        whole: Duration,
        arrivals: &Arrivals,
    ) -> Result<()> {
        self.succeeded += 1;
        let Some(times) = &mut self.times else {
            return Ok(());
        };
        times.whole.saturating_record(microseconds(whole));
        times.first.saturating_record(microseconds(first));
        for delay_us in &arrivals.delays_us {
            times.delay.saturating_record(*delay_us);
        }
        for gap_us in &arrivals.gaps_us {
            times.gap.saturating_record(*gap_us);
        }
        Ok(())
    }

    pub(crate) fn failed(&mut self, why: &str) {
        self.failed += 1;
        self.first_failure.get_or_insert_with(|| why.to_owned());
    }

    /// The time below which this part of all lie, in microseconds.
    pub(crate) fn quantile_us(&self, time: Time, quantile: f64) -> u64 {
        let Some(times) = &self.times else { return 0 };
        let histogram = match time {
            Time::Whole => &times.whole,
            Time::First => &times.first,
            Time::Delay => &times.delay,
            Time::Gap => &times.gap,
        };
        histogram.value_at_quantile(quantile)
    }

    /// Exchanges that succeeded, per second of the round and its last answers.
    pub(crate) fn per_second(&self) -> f64 {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a round has far fewer than 2^52"
        )]
        let succeeded = self.succeeded as f64;
        succeeded / self.elapsed.as_secs_f64().max(f64::EPSILON)
    }
}

fn histogram() -> Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1, LONGEST_US, 3)?)
}

fn microseconds(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// A time of both runs, and what the gateway added to it.
pub(crate) fn compare(what: &str, time: Time, direct: &Figures, through: &Figures) {
    let row = |name: &str, value: &dyn Fn(f64) -> f64| {
        let cells = SHOWN.map(|(_, quantile)| format!("{:>9.3}", value(quantile)));
        println!("  {name:<9}{}", cells.concat());
    };
    let heads = SHOWN.map(|(name, _)| format!("{name:>9}"));
    println!("  {what}, ms\n  {:<9}{}", "", heads.concat());
    row("direct", &|quantile| {
        milliseconds(direct.quantile_us(time, quantile))
    });
    row("through", &|quantile| {
        milliseconds(through.quantile_us(time, quantile))
    });
    row("added", &|quantile| {
        milliseconds(through.quantile_us(time, quantile))
            - milliseconds(direct.quantile_us(time, quantile))
    });
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds of two minutes fit"
)]
fn milliseconds(us: u64) -> f64 {
    us as f64 / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_times_that_were_noted() {
        let mut figures = Figures::new().unwrap();
        for ms in 1..=1_000 {
            let whole = Duration::from_millis(ms);
            let arrivals = Arrivals::default();
            figures.succeeded(whole / 2, whole, &arrivals).unwrap();
        }
        // Three significant digits.
        let near = |found: u64, expected: u64| found.abs_diff(expected) * 1_000 <= expected;
        assert!(near(figures.quantile_us(Time::Whole, 0.5), 500_000));
        assert!(near(figures.quantile_us(Time::Whole, 0.99), 990_000));
        assert!(near(figures.quantile_us(Time::Whole, 1.0), 1_000_000));
        assert!(near(figures.quantile_us(Time::First, 0.5), 250_000));
        assert_eq!(figures.succeeded, 1_000);
    }

    #[test]
    fn a_stall_is_charged_to_everyone_who_waited() {
        use crate::schedule::Schedule;
        // 1,000 a second for 10 s; nothing is answered during the first second, then all at once,
        // and from then on each at once. A tool that waits for its answers would note one slow
        // request of ten thousand.
        let schedule = Schedule::lasting(10, 1_000);
        let mut figures = Figures::new().unwrap();
        for number in 0..schedule.requests {
            let due = schedule.due_after(number);
            let answered = due.max(Duration::from_secs(1));
            let whole = answered - due;
            figures
                .succeeded(whole, whole, &Arrivals::default())
                .unwrap();
        }
        let p99_us = figures.quantile_us(Time::Whole, 0.99);
        assert!(p99_us.abs_diff(900_000) <= 2_000, "p99 is {p99_us} us");
        assert!(figures.quantile_us(Time::Whole, 0.89) <= 1);
    }
}
