//! When a provider is not called: it failed too often in a row, or asked to be left alone.
//!
//! A circuit breaker without I/O. Closed, it counts failures in a row. Open, it refuses until an
//! instant. Then it lets one call through as a trial, whose result closes it or opens it for longer.

use anyai_units::UtcMillis;

/// Failures in a row that open it.
const FAILURES_MAX: u32 = 5;

/// How long it is open: twice as long after each failed trial, between these.
const WAIT_FIRST_MS: u64 = 5_000;
const WAIT_LAST_MS: u64 = 120_000;

/// The longest wait a provider may ask for.
const ASKED_MS_MAX: u64 = 60 * 60 * 1_000;

/// Why a provider is not called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// It cannot be reached, or breaks.
    Down,
    /// It takes no more calls for now.
    Limited,
}

/// A call that is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) why: Why,
    /// When it is tried again.
    pub(super) wait_ms: u64,
}

/// What a call that was let through reports its result with.
#[derive(Debug)]
pub(super) struct Ticket {
    era: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Closed {
        failures: u32,
    },
    Open {
        why: Why,
        since: UtcMillis,
        until: UtcMillis,
    },
    /// One call is under way as a trial.
    HalfOpen {
        why: Why,
    },
}

/// A circuit breaker.
#[derive(Debug)]
pub(super) struct Breaker {
    state: State,
    /// Moves with every change of state: what a call of an earlier era says is old.
    era: u64,
    wait_ms: u64,
}

impl Default for Breaker {
    fn default() -> Self {
        Self {
            state: State::Closed { failures: 0 },
            era: 0,
            wait_ms: WAIT_FIRST_MS,
        }
    }
}

impl Breaker {
    pub(super) const fn state(&self) -> State {
        self.state
    }

    /// Why a call would not be made now.
    pub(super) fn refusal(&self, now: UtcMillis) -> Option<Refusal> {
        match self.state {
            State::Closed { .. } => None,
            State::HalfOpen { why } => Some(Refusal {
                why,
                wait_ms: WAIT_FIRST_MS,
            }),
            // A clock that was set back must not keep it open for longer.
            State::Open { since, until, .. } if now >= until || now < since => None,
            State::Open { why, until, .. } => Some(Refusal {
                why,
                wait_ms: until.millis().abs_diff(now.millis()),
            }),
        }
    }

    /// Lets a call through; of an open breaker whose time is over, one.
    pub(super) fn enter(&mut self, now: UtcMillis) -> Result<Ticket, Refusal> {
        if let Some(refusal) = self.refusal(now) {
            return Err(refusal);
        }
        if let State::Open { why, .. } = self.state {
            self.turn(State::HalfOpen { why });
        }
        Ok(Ticket { era: self.era })
    }

    /// The provider answered.
    pub(super) fn succeeded(&mut self, ticket: &Ticket) {
        if ticket.era == self.era {
            self.close();
        }
    }

    /// The provider failed, and perhaps said how long to wait.
    pub(super) fn failed(
        &mut self,
        ticket: &Ticket,
        why: Why,
        asked_ms: Option<u64>,
        now: UtcMillis,
    ) {
        if let Some(asked_ms) = asked_ms.filter(|&asked_ms| asked_ms > 0) {
            return self.open(why, asked_ms.min(ASKED_MS_MAX), now);
        }
        if ticket.era != self.era {
            return;
        }
        match &mut self.state {
            State::Closed { failures } if *failures + 1 < FAILURES_MAX => *failures += 1,
            State::Closed { .. } | State::Open { .. } => self.open(why, self.wait_ms, now),
            State::HalfOpen { .. } => {
                self.wait_ms = (self.wait_ms * 2).min(WAIT_LAST_MS);
                self.open(why, self.wait_ms, now);
            }
        }
    }

    /// The provider asked for a wait that the call waits out itself: what it says after it counts.
    pub(super) fn asked_to_wait(&mut self, ticket: &mut Ticket, asked_ms: u64, now: UtcMillis) {
        if asked_ms > 0 {
            self.open(Why::Limited, asked_ms.min(ASKED_MS_MAX), now);
            ticket.era = self.era;
        }
    }

    /// The call ended without showing how the provider is: a trial is open to the next one.
    pub(super) fn gave_up(&mut self, ticket: &Ticket, now: UtcMillis) {
        if let State::HalfOpen { why } = self.state
            && ticket.era == self.era
        {
            self.open(why, 0, now);
        }
    }

    /// Begins anew: what calls said so far was about something else.
    pub(super) fn close(&mut self) {
        self.wait_ms = WAIT_FIRST_MS;
        match &mut self.state {
            State::Closed { failures } => *failures = 0,
            State::Open { .. } | State::HalfOpen { .. } => self.turn(State::Closed { failures: 0 }),
        }
    }

    /// Never shortens a wait that is running.
    fn open(&mut self, why: Why, wait_ms: u64, now: UtcMillis) {
        let wait_ms = i64::try_from(wait_ms).unwrap_or(i64::MAX);
        let asked = now.plus_millis(wait_ms);
        let (why, until) = match self.state {
            State::Open { why, until, since } if until > asked && now >= since => (why, until),
            _ => (why, asked),
        };
        let since = now;
        self.turn(State::Open { why, since, until });
    }

    const fn turn(&mut self, state: State) {
        self.state = state;
        self.era += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> UtcMillis {
        UtcMillis::from_millis(ms)
    }

    fn fail(breaker: &mut Breaker, now: i64) {
        let ticket = breaker.enter(at(now)).unwrap();
        breaker.failed(&ticket, Why::Down, None, at(now));
    }

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES_MAX {
            fail(&mut breaker, 0);
        }
        breaker
    }

    fn wait_ms(breaker: &Breaker, now: i64) -> Option<u64> {
        breaker.refusal(at(now)).map(|refusal| refusal.wait_ms)
    }

    #[test]
    fn it_opens_after_failures_in_a_row_and_a_success_between_them_begins_anew() {
        let mut breaker = Breaker::default();
        for _ in 1..FAILURES_MAX {
            fail(&mut breaker, 0);
        }
        let ticket = breaker.enter(at(0)).unwrap();
        breaker.succeeded(&ticket);
        for _ in 1..FAILURES_MAX {
            fail(&mut breaker, 0);
            assert_eq!(wait_ms(&breaker, 0), None);
        }
        fail(&mut breaker, 0);
        assert_eq!(wait_ms(&breaker, 0), Some(WAIT_FIRST_MS));
    }

    #[test]
    fn one_trial_at_a_time_and_each_failed_one_doubles_the_wait() {
        let mut breaker = opened();
        let (mut now, mut waits) = (0, Vec::new());
        for _ in 0..7 {
            let wait = wait_ms(&breaker, now).unwrap();
            waits.push(wait / 1_000);
            let before = now + i64::try_from(wait).unwrap() - 1;
            assert!(breaker.enter(at(before)).is_err());
            now = before + 1;
            let trial = breaker.enter(at(now)).unwrap();
            assert!(breaker.enter(at(now)).is_err(), "one trial at a time");
            breaker.failed(&trial, Why::Down, None, at(now));
        }
        assert_eq!(waits, [5, 10, 20, 40, 80, 120, 120]);
        now += 120_000;
        let trial = breaker.enter(at(now)).unwrap();
        breaker.succeeded(&trial);
        assert_eq!(wait_ms(&breaker, now), None);
        for _ in 0..FAILURES_MAX {
            fail(&mut breaker, now);
        }
        assert_eq!(
            wait_ms(&breaker, now),
            Some(WAIT_FIRST_MS),
            "from the start"
        );
    }

    #[test]
    fn a_trial_that_shows_nothing_is_open_to_the_next_call() {
        let mut breaker = opened();
        let trial = breaker.enter(at(5_000)).unwrap();
        breaker.gave_up(&trial, at(5_000));
        assert!(breaker.enter(at(5_000)).is_ok());
        assert!(breaker.enter(at(5_000)).is_err());
    }

    #[test]
    fn a_wait_that_is_asked_for_opens_it_at_once_and_is_never_shortened() {
        let mut breaker = Breaker::default();
        let tickets: Vec<Ticket> = (0..2).map(|_| breaker.enter(at(0)).unwrap()).collect();
        breaker.failed(&tickets[0], Why::Limited, Some(30_000), at(0));
        breaker.failed(&tickets[1], Why::Limited, Some(1_000), at(10));
        let refusal = breaker.refusal(at(10)).unwrap();
        assert_eq!(refusal.why, Why::Limited);
        assert_eq!(refusal.wait_ms, 29_990);
        assert_eq!(wait_ms(&breaker, 30_000), None);
        let ticket = breaker.enter(at(30_000)).unwrap();
        breaker.failed(&ticket, Why::Limited, Some(u64::MAX), at(30_000));
        assert_eq!(wait_ms(&breaker, 30_000), Some(ASKED_MS_MAX));
    }

    #[test]
    fn a_wait_that_a_call_waits_out_keeps_the_others_away_until_that_call_is_answered() {
        let mut breaker = Breaker::default();
        let mut waiting = breaker.enter(at(0)).unwrap();
        breaker.asked_to_wait(&mut waiting, 30_000, at(0));
        let refusal = breaker.refusal(at(1)).unwrap();
        assert_eq!((refusal.why, refusal.wait_ms), (Why::Limited, 29_999));
        breaker.succeeded(&waiting);
        assert_eq!(breaker.state(), State::Closed { failures: 0 });
        breaker.asked_to_wait(&mut waiting, 0, at(2));
        assert_eq!(breaker.state(), State::Closed { failures: 0 });
    }

    #[test]
    fn what_calls_of_before_say_changes_nothing() {
        let mut breaker = Breaker::default();
        let [early, late] = [(); 2].map(|()| breaker.enter(at(0)).unwrap());
        for _ in 0..FAILURES_MAX {
            fail(&mut breaker, 0);
        }
        breaker.succeeded(&early);
        assert_eq!(wait_ms(&breaker, 0), Some(WAIT_FIRST_MS));
        let trial = breaker.enter(at(5_000)).unwrap();
        breaker.failed(&late, Why::Down, None, at(5_000));
        breaker.gave_up(&late, at(5_000));
        assert!(breaker.enter(at(5_000)).is_err(), "the trial still stands");
        breaker.succeeded(&trial);
        assert_eq!(breaker.state(), State::Closed { failures: 0 });
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_keep_it_open() {
        let mut breaker = Breaker::default();
        let ticket = breaker.enter(at(1_000_000)).unwrap();
        breaker.failed(&ticket, Why::Down, Some(5_000), at(1_000_000));
        assert_eq!(wait_ms(&breaker, 999_999), None);
    }
}
