//! Whether the server answers, from what the two sync loops last met.

use std::sync::{Mutex, MutexGuard, PoisonError};

use anyai_units::UtcMillis;
use anyai_wire::{Connection, WireError};

/// Which change feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feed {
    Ledger,
    History,
}

pub(crate) struct ConnectionState(Mutex<State>);

struct State {
    ledger_caught_up: bool,
    history_caught_up: bool,
    last_answer: Option<UtcMillis>,
    error: Option<WireError>,
}

impl ConnectionState {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(State {
            ledger_caught_up: false,
            history_caught_up: false,
            last_answer: None,
            error: None,
        }))
    }

    pub(crate) fn get(&self) -> Connection {
        let state = self.state();
        match &state.error {
            Some(error) => Connection::Offline {
                since: state.last_answer,
                error: error.clone(),
            },
            None if state.ledger_caught_up && state.history_caught_up => Connection::Online,
            None => Connection::CatchingUp,
        }
    }

    /// A page of a feed was applied. Whether the connection looks different now.
    pub(crate) fn answered(&self, feed: Feed, caught_up: bool, now: UtcMillis) -> bool {
        self.change(|state| {
            match feed {
                Feed::Ledger => state.ledger_caught_up = caught_up,
                Feed::History => state.history_caught_up = caught_up,
            }
            state.last_answer = Some(now);
            state.error = None;
        })
    }

    /// The server did not answer, or not as a studio. Whether the connection looks different now.
    pub(crate) fn failed(&self, error: &WireError, last_answer: Option<UtcMillis>) -> bool {
        self.change(|state| {
            state.last_answer = state.last_answer.or(last_answer);
            state.ledger_caught_up = false;
            state.history_caught_up = false;
            state.error = Some(error.clone());
        })
    }

    fn change(&self, change: impl FnOnce(&mut State)) -> bool {
        let before = self.get();
        change(&mut self.state());
        // Another reason for the same silence is not worth waking a window for.
        match (before, self.get()) {
            (Connection::Offline { error: before, .. }, Connection::Offline { error, .. }) => {
                before.code != error.code
            }
            (before, after) => before != after,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
