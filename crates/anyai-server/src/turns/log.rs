//! A turn's event log as it is written: numbered once, stored first, told second.
//!
//! Deltas that arrive within a short while become one event before they are numbered, so that a
//! listener and a later reader see the same numbers.

use std::sync::Arc;
use std::time::Duration;

use anyai_units::{Credits, TurnId};
use anyai_wire::{EventFrame, TurnEvent};
use tokio::time::Instant;

use super::live::LiveTurn;
use crate::history::HistoryError;
use crate::studio::Studio;

/// The least time between two writes of deltas. The first delta after a pause is written at once.
const WRITE_EVERY: Duration = Duration::from_millis(25);

/// The least time between two events about what was spent.
const SPENT_EVERY: Duration = Duration::from_millis(200);

/// The wait after a write that failed.
const RETRY_EVERY: Duration = Duration::from_millis(250);

/// How long an answer is read on while nothing of it can be stored.
const UNWRITTEN_TIME_MAX: Duration = Duration::from_secs(60);

/// The log of a turn under way. One task writes it.
#[derive(Debug)]
pub(super) struct TurnLog {
    studio: Arc<Studio>,
    live: Arc<LiveTurn>,
    turn: TurnId,
    last_sequence: u64,
    waiting: Vec<TurnEvent>,
    wrote_at: Option<Instant>,
    /// The first of the writes that failed in a row.
    failing_since: Option<Instant>,
    spent: Credits,
    spent_at: Option<Instant>,
}

impl TurnLog {
    /// A log whose first event, the start, was written already.
    pub(super) fn started(studio: Arc<Studio>, live: Arc<LiveTurn>, turn: TurnId) -> Self {
        Self {
            studio,
            live,
            turn,
            last_sequence: 1,
            waiting: Vec::new(),
            wrote_at: None,
            failing_since: None,
            spent: Credits::ZERO,
            spent_at: None,
        }
    }

    pub(super) fn text(&mut self, more: String) {
        match self.waiting.last_mut() {
            Some(TurnEvent::Text { text }) => text.push_str(&more),
            _ => self.waiting.push(TurnEvent::Text { text: more }),
        }
    }

    pub(super) fn thinking(&mut self, more: String) {
        match self.waiting.last_mut() {
            Some(TurnEvent::Thinking { text }) => text.push_str(&more),
            _ => self.waiting.push(TurnEvent::Thinking { text: more }),
        }
    }

    /// When what waits is to be written; `None` when nothing waits.
    pub(super) fn due_at(&self) -> Option<Instant> {
        if self.waiting.is_empty() {
            return None;
        }
        let wait = match self.failing_since {
            Some(_) => RETRY_EVERY,
            None => WRITE_EVERY,
        };
        Some(self.wrote_at.map_or_else(Instant::now, |at| at + wait))
    }

    /// Adds what was spent so far to the next write, a few times a second at most.
    pub(super) fn spent(&mut self, spent_so_far: Credits) {
        let lately = self.spent_at.is_some_and(|at| at.elapsed() < SPENT_EVERY);
        if spent_so_far > self.spent && !lately && self.failing_since.is_none() {
            self.spent = spent_so_far;
            self.spent_at = Some(Instant::now());
            self.waiting.push(TurnEvent::Usage { spent_so_far });
        }
    }

    /// Whether nothing could be stored for so long that there is no use in reading on.
    pub(super) fn is_stuck(&self) -> bool {
        let since = self.failing_since;
        since.is_some_and(|since| since.elapsed() > UNWRITTEN_TIME_MAX)
    }

    /// Writes what waits, then tells it. What cannot be written goes on waiting.
    pub(super) async fn write(&mut self) -> Result<(), HistoryError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let first = self.last_sequence + 1;
        let events = std::mem::take(&mut self.waiting);
        let frames: Vec<EventFrame> = (first..)
            .zip(events)
            .map(|(sequence, event)| EventFrame {
                turn_id: self.turn,
                sequence,
                event,
            })
            .collect();
        let written = self.studio.history.append_events(frames.clone()).await;
        self.wrote_at = Some(Instant::now());
        if let Err(error) = written {
            self.waiting = frames.into_iter().map(|frame| frame.event).collect();
            self.failing_since.get_or_insert_with(Instant::now);
            return Err(error);
        }
        self.failing_since = None;
        for frame in frames {
            self.last_sequence = frame.sequence;
            self.live.tell(frame);
        }
        Ok(())
    }
}
