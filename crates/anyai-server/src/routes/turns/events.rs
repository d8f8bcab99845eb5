//! GET `/v1/turns/{id}/events?after=`
//!
//! The log after the cursor, then what comes. A listener is registered before the log is read, so
//! nothing falls between the two; numbers already sent are skipped; one that falls behind reads
//! the log again.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use anyai_units::TurnId;
use anyai_wire::{EventFrame, TurnEvent};
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, stream};
use http::HeaderMap;
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::unknown;
use crate::access::Caller;
use crate::answer::Failure;
use crate::extract::{PathId, QueryOf};
use crate::studio::Studio;

/// How often a silent stream shows that it is alive.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(15);

/// Where to go on from.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(in crate::routes) struct After {
    after: Option<u64>,
}

pub(in crate::routes) async fn events(
    State(studio): State<Arc<Studio>>,
    caller: Caller,
    PathId(id): PathId<TurnId>,
    QueryOf(query): QueryOf<After>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Failure> {
    // Listened to before the log is read.
    let live = studio.live.get(id).map(|live| live.listen());
    if !studio.history.is_turn_of(caller.member, id)? {
        return Err(unknown(id));
    }
    let last_event_id = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok());
    let listener = Listener {
        studio,
        turn: id,
        sent: query.after.or(last_event_id).unwrap_or(0),
        live,
        ready: Vec::new().into_iter(),
        read_log: true,
        over: false,
    };
    let frames = stream::unfold(listener, |mut listener| async move {
        let frame = listener.next().await?;
        Some((Ok(event_of(&frame)), listener))
    });
    Ok(Sse::new(frames).keep_alive(KeepAlive::new().interval(KEEP_ALIVE_EVERY)))
}

struct Listener {
    studio: Arc<Studio>,
    turn: TurnId,
    /// The last number that was sent.
    sent: u64,
    live: Option<Receiver<Arc<EventFrame>>>,
    ready: std::vec::IntoIter<EventFrame>,
    /// The log may hold more than was sent.
    read_log: bool,
    over: bool,
}

impl Listener {
    async fn next(&mut self) -> Option<EventFrame> {
        while !self.over {
            if let Some(frame) = self.ready.next() {
                return Some(self.send(frame));
            }
            if self.read_log {
                self.fill();
                continue;
            }
            let live = self.live.as_mut()?;
            let heard = tokio::select! {
                heard = live.recv() => heard,
                () = self.studio.gone.cancelled() => return None,
            };
            match heard {
                // What the log gave already.
                Ok(frame) if frame.sequence <= self.sent => {}
                Ok(frame) if frame.sequence == self.sent + 1 => {
                    return Some(self.send(EventFrame::clone(&frame)));
                }
                Ok(_) | Err(RecvError::Lagged(_)) => self.read_log = true,
                // The turn is over; its last words are in the log.
                Err(RecvError::Closed) => {
                    self.live = None;
                    self.read_log = true;
                }
            }
        }
        None
    }

    fn send(&mut self, frame: EventFrame) -> EventFrame {
        self.sent = frame.sequence;
        self.over = matches!(
            frame.event,
            TurnEvent::Settled { .. } | TurnEvent::Failed { .. }
        );
        frame
    }

    /// Reads a page of the log. What is stored after it is told after it, to who listens already.
    fn fill(&mut self) {
        match self.studio.history.events_after(self.turn, self.sent) {
            Ok(page) => {
                self.read_log = !page.is_last;
                self.ready = page.frames.into_iter();
            }
            Err(error) => {
                let turn = self.turn;
                tracing::error!(%turn, %error, "the events of {turn} cannot be read: {error}");
                self.over = true;
            }
        }
    }
}

fn event_of(frame: &EventFrame) -> Event {
    let event = Event::default().id(frame.sequence.to_string());
    match serde_json::to_string(frame) {
        Ok(json) => event.data(json),
        // A frame is plain data; this cannot happen, and a comment does no harm.
        Err(error) => event.comment(error.to_string()),
    }
}
