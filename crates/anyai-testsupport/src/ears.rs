//! A host that keeps every event it is told.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyai_app::Host;
use anyai_units::TurnId;
use anyai_wire::{AppEvent, Connection, EventFrame, Phase};

/// What an app told its windows, in order.
#[derive(Clone, Debug, Default)]
pub struct Ears(Arc<Mutex<Vec<AppEvent>>>);

impl Ears {
    /// Everything heard.
    #[must_use]
    pub fn events(&self) -> Vec<AppEvent> {
        self.heard().clone()
    }

    /// The steps of one turn, in the order they were heard.
    #[must_use]
    pub fn frames(&self, turn: TurnId) -> Vec<EventFrame> {
        let frames = self.events().into_iter().filter_map(|event| match event {
            AppEvent::Turn(frame) => Some(frame),
            _ => None,
        });
        frames.filter(|frame| frame.turn_id == turn).collect()
    }

    /// The connections a session was said to have, in order.
    #[must_use]
    pub fn connections(&self) -> Vec<Connection> {
        let told = self.events().into_iter().filter_map(|event| match event {
            AppEvent::Session { session } => Some(session.phase),
            _ => None,
        });
        told.filter_map(|phase| match phase {
            Phase::Ready { connection, .. } => Some(connection),
            Phase::Welcome | Phase::Blocked { .. } => None,
        })
        .collect()
    }

    fn heard(&self) -> MutexGuard<'_, Vec<AppEvent>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Host for Ears {
    fn emit(&self, event: AppEvent) {
        self.heard().push(event);
    }
}
