//! A turn's event log as it is written: numbered once, stored first, told second. Only the end is
//! told while it is on its way to the disk: it follows from what is there.
//!
//! Deltas that arrive together, or while those before them are being written, become one event
//! before they are numbered, so that a listener and a later reader see the same numbers.

use std::sync::Arc;
use std::time::Duration;

use anyai_units::{Credits, TurnId};
use anyai_wire::{EventFrame, TurnEvent};
use tokio::time::Instant;

use super::live::LiveTurn;
use crate::history::HistoryError;
use crate::studio::Studio;

/// The least time between two events about what was spent.
const SPENT_EVERY: Duration = Duration::from_millis(200);

/// The wait after a write that failed.
const RETRY_EVERY: Duration = Duration::from_millis(250);

/// Bytes that wait at most before the provider is heard on.
const WAITING_BYTES_MAX: usize = 64 * 1024;

/// How long an answer is read on while nothing of it can be stored.
const UNWRITTEN_TIME_MAX: Duration = Duration::from_secs(60);

/// The log of a turn under way. One task writes it.
#[derive(Debug)]
pub(crate) struct TurnLog {
    studio: Arc<Studio>,
    live: Arc<LiveTurn>,
    turn: TurnId,
    last_sequence: u64,
    waiting: Vec<TurnEvent>,
    waiting_bytes: usize,
    /// The first of the writes that failed in a row, and the last.
    failing: Option<(Instant, Instant)>,
    has_ended: bool,
    spent: Credits,
    spent_at: Option<Instant>,
}

impl TurnLog {
    /// A log whose first event, the start, was written already.
    pub(super) fn started(studio: Arc<Studio>, live: Arc<LiveTurn>, turn: TurnId) -> Self {
        Self::going_on(studio, live, turn, 1)
    }

    /// A log that is written up to a number.
    pub(crate) fn going_on(
        studio: Arc<Studio>,
        live: Arc<LiveTurn>,
        turn: TurnId,
        last_sequence: u64,
    ) -> Self {
        Self {
            studio,
            live,
            turn,
            last_sequence,
            waiting: Vec::new(),
            waiting_bytes: 0,
            failing: None,
            has_ended: false,
            spent: Credits::ZERO,
            spent_at: None,
        }
    }

    /// Adds an event that stands for itself.
    pub(crate) fn event(&mut self, event: TurnEvent) {
        self.waiting.push(event);
    }

    pub(crate) fn text(&mut self, more: String) {
        self.waiting_bytes += more.len();
        match self.waiting.last_mut() {
            Some(TurnEvent::Text { text }) => text.push_str(&more),
            _ => self.waiting.push(TurnEvent::Text { text: more }),
        }
    }

    pub(super) fn thinking(&mut self, more: String) {
        self.waiting_bytes += more.len();
        match self.waiting.last_mut() {
            Some(TurnEvent::Thinking { text }) => text.push_str(&more),
            _ => self.waiting.push(TurnEvent::Thinking { text: more }),
        }
    }

    /// Answers when what waits is to be written: at once, but for a disk that was full just now.
    pub(super) async fn due(&self) {
        match (self.waiting.is_empty(), self.failing) {
            (true, _) => std::future::pending().await,
            (false, Some((_, last))) => tokio::time::sleep_until(last + RETRY_EVERY).await,
            (false, None) => {}
        }
    }

    /// Whether more waits than is to be kept in memory, and can be written.
    pub(super) fn is_full(&self) -> bool {
        self.waiting_bytes > WAITING_BYTES_MAX && self.failing.is_none()
    }

    /// Whether everything is written.
    pub(super) fn is_written(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Adds what was spent so far to the next write, a few times a second at most.
    pub(super) fn spent(&mut self, spent_so_far: Credits) {
        let lately = self.spent_at.is_some_and(|at| at.elapsed() < SPENT_EVERY);
        if spent_so_far > self.spent && !lately && self.failing.is_none() {
            self.spent = spent_so_far;
            self.spent_at = Some(Instant::now());
            self.waiting.push(TurnEvent::Usage { spent_so_far });
        }
    }

    /// Whether nothing could be stored for so long that there is no use in reading on.
    pub(super) fn is_stuck(&self) -> bool {
        self.failing
            .is_some_and(|(first, _)| first.elapsed() > UNWRITTEN_TIME_MAX)
    }

    /// Writes what waits, then tells it. What cannot be written goes on waiting.
    pub(super) async fn write(&mut self) -> Result<(), HistoryError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let frames = self.frames();
        match self.studio.history.append_events(frames.clone()).await {
            Ok(()) => {
                self.written(frames);
                Ok(())
            }
            Err(error) => {
                let now = Instant::now();
                let first = self.failing.map_or(now, |(first, _)| first);
                self.failing = Some((first, now));
                Err(error)
            }
        }
    }

    /// What waits, with its numbers.
    pub(crate) fn frames(&self) -> Vec<Arc<EventFrame>> {
        (self.last_sequence + 1..)
            .zip(&self.waiting)
            .map(|(sequence, event)| {
                Arc::new(EventFrame {
                    turn_id: self.turn,
                    sequence,
                    event: event.clone(),
                })
            })
            .collect()
    }

    /// Tells what waited, now that it is on disk.
    pub(crate) fn written(&mut self, frames: Vec<Arc<EventFrame>>) {
        self.failing = None;
        self.waiting.clear();
        self.waiting_bytes = 0;
        for frame in frames {
            self.last_sequence = frame.sequence;
            self.live.tell(frame);
        }
    }

    /// Whether the end was told.
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Tells the end, once, by the number under which it is being written.
    pub(super) fn end(&mut self, event: TurnEvent) {
        if self.has_ended {
            return;
        }
        self.has_ended = true;
        self.last_sequence += 1;
        self.live.tell_end(Arc::new(EventFrame {
            turn_id: self.turn,
            sequence: self.last_sequence,
            event,
        }));
    }
}
