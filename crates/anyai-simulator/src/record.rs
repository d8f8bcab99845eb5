//! What the simulator was asked and how each request ended, for tests to look at.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::provider::Provider;

/// Requests remembered; the oldest go first.
const REMEMBERED_MAX: usize = 512;

/// One request, as it arrived and as it ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// Its number, from 1.
    pub number: u64,
    /// Under whose path it came.
    pub provider: Provider,
    /// The path below the listener's address.
    pub path: String,
    /// What it was for.
    pub purpose: Purpose,
    /// The model it named.
    pub model: Option<String>,
    /// Whether it asked for a stream.
    pub streaming: bool,
    /// The most output tokens it allowed.
    pub output_tokens_max: Option<u64>,
    /// Input tokens by the simulator's count.
    pub input_tokens: u64,
    /// Output tokens (thinking and text) handed to the connection so far.
    pub sent_tokens: u64,
    /// How it ended.
    pub outcome: Outcome,
    /// Its body, when [`crate::Options::keep_bodies`] is set.
    pub body: Option<Value>,
}

/// What a request was for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Anything else: lists, keys, paths that do not exist.
    #[default]
    Other,
    /// An answer in words.
    Chat,
    /// Pictures, made while the client waits.
    Pictures,
    /// A job to be started: a clip, or anything asked for in the background.
    Job,
    /// How a job is doing, or what became of an answer.
    Poll,
    /// What was made.
    Download,
    /// The end of a job.
    Cancel,
}

impl Purpose {
    /// Whether such a request is paid, so that sending it twice is paid twice.
    #[must_use]
    pub const fn is_paid(self) -> bool {
        matches!(self, Self::Chat | Self::Pictures | Self::Job)
    }
}

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has not ended.
    Running,
    /// Answered to the end.
    Finished,
    /// Refused with this HTTP status.
    Refused {
        /// The status.
        status: u16,
    },
    /// A scripted fault ended it.
    Broken,
    /// The client went away before the end.
    Disconnected {
        /// Output tokens handed to the connection before that.
        after_tokens: u64,
    },
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder {
    book: Arc<Mutex<Book>>,
}

#[derive(Debug, Default)]
struct Book {
    received: VecDeque<Received>,
    last_number: u64,
}

impl Recorder {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn all(&self) -> Vec<Received> {
        self.book().received.iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.book().received.clear();
    }

    /// Writes a request down and numbers it.
    pub(crate) fn open(&self, provider: Provider, path: &str) -> Entry {
        let mut book = self.book();
        book.last_number += 1;
        let number = book.last_number;
        if book.received.len() == REMEMBERED_MAX {
            book.received.pop_front();
        }
        book.received.push_back(Received {
            number,
            provider,
            path: path.to_owned(),
            purpose: Purpose::Other,
            model: None,
            streaming: false,
            output_tokens_max: None,
            input_tokens: 0,
            sent_tokens: 0,
            outcome: Outcome::Running,
            body: None,
        });
        Entry {
            recorder: self.clone(),
            number,
            sent_tokens: 0,
            ended: false,
        }
    }
}

/// The open record of one request. Dropped while open, it was the client who went: nothing else
/// drops an answer before its end.
#[derive(Debug)]
pub(crate) struct Entry {
    recorder: Recorder,
    number: u64,
    sent_tokens: u64,
    ended: bool,
}

impl Entry {
    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    pub(crate) const fn sent_tokens(&self) -> u64 {
        self.sent_tokens
    }

    /// Adds what is known about the request.
    pub(crate) fn note(&self, write: impl FnOnce(&mut Received)) {
        let mut book = self.recorder.book();
        if let Some(received) = book
            .received
            .iter_mut()
            .find(|one| one.number == self.number)
        {
            write(received);
        }
    }

    /// Counts one output token as sent.
    pub(crate) fn token_sent(&mut self) {
        self.sent_tokens += 1;
        let sent_tokens = self.sent_tokens;
        self.note(|received| received.sent_tokens = sent_tokens);
    }

    /// Closes the record.
    pub(crate) fn end(&mut self, outcome: Outcome) {
        self.ended = true;
        self.note(|received| received.outcome = outcome);
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if !self.ended {
            self.end(Outcome::Disconnected {
                after_tokens: self.sent_tokens,
            });
        }
    }
}
