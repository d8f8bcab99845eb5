//! An answer in words as the pieces of a body.

use std::collections::VecDeque;

use crate::dialect::{Beat, Dialect};
use crate::play::{NO_TEXT, Source};
use crate::turn::{Stop, Turn};

/// A turn, told beat by beat in a dialect.
pub(crate) struct Performance {
    turn: Turn,
    dialect: Box<dyn Dialect>,
    beats: VecDeque<Beat>,
}

impl Performance {
    /// With `ends_twice`, what ends the answer comes again.
    pub(crate) fn new(turn: Turn, dialect: Box<dyn Dialect>, ends_twice: bool) -> Self {
        let mut beats = beats(&turn);
        if ends_twice {
            beats.push_back(Beat::Finish);
        }
        Self {
            turn,
            dialect,
            beats,
        }
    }
}

impl Source for Performance {
    fn next_counts(&self) -> Option<bool> {
        self.beats.front().map(Beat::is_token)
    }

    fn is_last(&self) -> bool {
        let mut tokens = self.beats.iter().filter(|beat| beat.is_token());
        tokens.nth(1).is_none()
    }

    fn take(&mut self) -> Vec<u8> {
        let beat = self.beats.pop_front();
        beat.map_or_else(Vec::new, |beat| self.dialect.beat(&self.turn, &beat))
    }

    fn clear(&mut self) {
        self.beats.clear();
    }

    fn error(&mut self) -> Vec<u8> {
        self.dialect.midstream_error(&self.turn)
    }

    fn spoil(&mut self) -> Vec<u8> {
        let beat = Beat::Text(NO_TEXT.to_string());
        let bytes = self.dialect.beat(&self.turn, &beat);
        if bytes.is_empty() {
            self.turn.text.insert(0, NO_TEXT.to_string());
        }
        bytes
    }

    fn is_stream(&self) -> bool {
        self.turn.ask.streaming
    }
}

fn beats(turn: &Turn) -> VecDeque<Beat> {
    let mut beats = VecDeque::from([Beat::Open]);
    if !turn.thinking.is_empty() {
        beats.push_back(Beat::ThinkingStart);
        beats.extend(turn.thinking.iter().cloned().map(Beat::Thinking));
        beats.push_back(Beat::ThinkingEnd);
    }
    if turn.stop == Stop::Refusal {
        beats.push_back(Beat::Refusal);
    } else if !turn.text.is_empty() {
        beats.push_back(Beat::TextStart);
        beats.extend(turn.text.iter().cloned().map(Beat::Text));
        beats.push_back(Beat::TextEnd);
    }
    beats.push_back(Beat::Finish);
    beats
}
