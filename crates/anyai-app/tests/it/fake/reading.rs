//! One connection to a turn's events, broken and repeated as told.

use anyai_app::TransportError;
use anyai_units::TurnId;
use anyai_wire::{EventFrame, TurnEvent};
use bytes::Bytes;
use tokio::sync::watch;

use super::FakeServer;

/// One connection to a turn's events.
pub(super) struct Reading {
    pub(super) server: FakeServer,
    pub(super) changes: watch::Receiver<u64>,
    pub(super) id: TurnId,
    pub(super) next: u64,
    pub(super) budget: usize,
}

impl Reading {
    /// The next piece, and whether the connection goes on after it.
    pub(super) async fn next(&mut self) -> Option<(Result<Bytes, TransportError>, bool)> {
        loop {
            if self.server.is_offline() {
                return Some((Err(TransportError::maybe_sent("the line is dead")), false));
            }
            if let Some(frame) = self.ready() {
                let last = is_last(&frame.event);
                if self.budget == 0 {
                    // Half of the frame arrives.
                    let text = sse(&frame);
                    let half = text.slice(..text.len() / 2);
                    return Some((Ok(half), false));
                }
                self.budget -= 1;
                self.next = frame.sequence + 1;
                return Some((Ok(sse(&frame)), !last));
            }
            self.changes.changed().await.unwrap();
        }
    }

    fn ready(&mut self) -> Option<EventFrame> {
        let mut state = self.server.state();
        if let Some(place) = state.skip_once.iter().position(|s| *s == self.next) {
            let is_there = state.events[&self.id].len() as u64 > self.next;
            if is_there {
                state.skip_once.remove(place);
                self.next += 1;
            }
        }
        let place = usize::try_from(self.next - 1).unwrap();
        state.events[&self.id].get(place).cloned()
    }
}

const fn is_last(event: &TurnEvent) -> bool {
    matches!(
        event,
        TurnEvent::Settled { .. } | TurnEvent::Failed { .. } | TurnEvent::Reconciling { .. }
    )
}

fn sse(frame: &EventFrame) -> Bytes {
    let data = serde_json::to_string(frame).unwrap();
    format!(": still here\n\nid: {}\ndata: {data}\n\n", frame.sequence).into()
}
