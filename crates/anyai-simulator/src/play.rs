//! Sends an answer at its pace, token by token, and lets the faults strike on the way.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use tokio::time::Instant;

use crate::ask::Effort;
use crate::dialect::{Beat, Dialect};
use crate::fault::Fault;
use crate::model::Size;
use crate::options::Pace;
use crate::record::{Entry, Outcome};
use crate::simulator::Control;
use crate::turn::{Stop, Turn};

/// A private-use letter that stands for bytes that are no text, until they are put in its place.
const NO_TEXT: char = '\u{E000}';
const NO_TEXT_BYTES: &[u8] = &[0xC3, 0x28];
const NO_PROTOCOL: &[u8] = b"data: {\"this is\": not the protocol\n\n\x00\xFF\xFE<html>\n\n";

/// An answer on its way.
pub(crate) struct Play {
    turn: Turn,
    dialect: Box<dyn Dialect>,
    control: Arc<Control>,
    entry: Entry,
    faults: Vec<Fault>,
    pauses: Vec<u64>,
    beats: VecDeque<Beat>,
    ready: VecDeque<Bytes>,
    tempo: Tempo,
    /// Whether the stand-in for bytes that are no text was used.
    spoiled: bool,
}

impl Play {
    pub(crate) fn new(
        turn: Turn,
        dialect: Box<dyn Dialect>,
        control: Arc<Control>,
        entry: Entry,
        faults: Vec<Fault>,
        pauses: Vec<u64>,
    ) -> Self {
        let tempo = Tempo::of(&turn, control.options.pace, &faults);
        let beats = beats(&turn);
        let ready = VecDeque::new();
        Self {
            turn,
            dialect,
            control,
            entry,
            faults,
            pauses,
            beats,
            ready,
            tempo,
            spoiled: false,
        }
    }

    /// The body of the response.
    pub(crate) fn into_body(self) -> impl Stream<Item = io::Result<Bytes>> + Send + use<> {
        stream::unfold(self, |mut play| async move {
            let piece = play.next().await?;
            Some((piece, play))
        })
    }

    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        let control = Arc::clone(&self.control);
        tokio::select! {
            biased;
            () = control.closed() => {
                self.entry.end(Outcome::Broken);
                self.beats.clear();
                Some(Err(io::Error::from(io::ErrorKind::ConnectionAborted)))
            }
            piece = self.step() => piece,
        }
    }

    /// The next piece of the body. Dropping it half-way loses nothing but time.
    async fn step(&mut self) -> Option<io::Result<Bytes>> {
        loop {
            if let Some(piece) = self.ready.pop_front() {
                return Some(Ok(piece));
            }
            let is_token = self.beats.front()?.is_token();
            if is_token {
                match self.striking() {
                    Some(fault @ Fault::InvalidUtf8 { .. }) => {
                        self.spoil(fault);
                        continue;
                    }
                    Some(fault) => return self.strike(fault).await,
                    None => {}
                }
                self.wait_if_paused().await;
                self.tempo.wait().await;
            }
            let beat = self.beats.pop_front()?;
            let bytes = self.dialect.beat(&self.turn, &beat);
            if is_token {
                self.entry.token_sent();
            }
            if self.beats.is_empty() {
                self.entry.end(Outcome::Finished);
            }
            self.put(bytes);
        }
    }

    fn put(&mut self, bytes: Vec<u8>) {
        let bytes = if self.spoiled {
            without_text(bytes)
        } else {
            bytes
        };
        let split = self.faults.iter().find_map(|fault| match fault {
            Fault::Split { bytes } => Some((*bytes).max(1)),
            _ => None,
        });
        match split {
            Some(size) => self
                .ready
                .extend(bytes.chunks(size).map(Bytes::copy_from_slice)),
            None if bytes.is_empty() => {}
            None => self.ready.push_back(bytes.into()),
        }
    }

    /// The fault whose moment has come. One set beyond the answer's end strikes at its last token.
    fn striking(&self) -> Option<Fault> {
        let sent = self.entry.sent_tokens();
        let is_last = self
            .beats
            .iter()
            .filter(|beat| beat.is_token())
            .nth(1)
            .is_none();
        let strikes = |fault: &&Fault| {
            fault
                .strikes_after()
                .is_some_and(|after| after == sent || (is_last && after > sent))
        };
        self.faults.iter().find(strikes).copied()
    }

    /// Puts bytes that are no text into the answer.
    fn spoil(&mut self, fault: Fault) {
        self.faults.retain(|other| *other != fault);
        self.spoiled = true;
        let bytes = self
            .dialect
            .beat(&self.turn, &Beat::Text(NO_TEXT.to_string()));
        if bytes.is_empty() {
            self.turn.text.insert(0, NO_TEXT.to_string());
        } else {
            self.put(bytes);
        }
    }

    async fn strike(&mut self, fault: Fault) -> Option<io::Result<Bytes>> {
        self.beats.clear();
        if matches!(fault, Fault::Hang { .. }) {
            return std::future::pending().await;
        }
        // What was sent so far leaves first: a connection that breaks in the same breath takes its
        // unsent bytes, the response's head included, with it.
        tokio::task::yield_now().await;
        self.entry.end(Outcome::Broken);
        match fault {
            Fault::MidstreamError { .. } => {
                Some(Ok(self.dialect.midstream_error(&self.turn).into()))
            }
            Fault::Garbage { .. } => Some(Ok(Bytes::from_static(NO_PROTOCOL))),
            Fault::EarlyEnd { .. } if self.turn.ask.streaming => None,
            Fault::EarlyEnd { .. } => Some(Ok(self.dialect.midstream_error(&self.turn).into())),
            _ => Some(Err(io::Error::from(io::ErrorKind::ConnectionReset))),
        }
    }

    async fn wait_if_paused(&mut self) {
        let sent = self.entry.sent_tokens();
        if let Some(at) = self.pauses.iter().position(|after| *after == sent) {
            self.pauses.remove(at);
            self.control.pause().await;
            self.tempo.restart();
        }
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

/// Puts bytes that are no text in the place of their stand-in.
fn without_text(bytes: Vec<u8>) -> Vec<u8> {
    let mut stand_in = [0; 4];
    let stand_in = NO_TEXT.encode_utf8(&mut stand_in).as_bytes();
    match bytes
        .windows(stand_in.len())
        .position(|window| window == stand_in)
    {
        Some(at) => [&bytes[..at], NO_TEXT_BYTES, &bytes[at + stand_in.len()..]].concat(),
        None => bytes,
    }
}

/// When the next token is due.
struct Tempo {
    due: Option<Instant>,
    per_token: Duration,
}

impl Tempo {
    fn of(turn: &Turn, pace: Pace, faults: &[Fault]) -> Self {
        let (first, mut per_token) = match pace {
            Pace::Instant => (None, Duration::ZERO),
            Pace::Natural => natural(turn),
            Pace::Fixed {
                first_token,
                tokens_per_second,
            } => (Some(first_token), period(tokens_per_second)),
        };
        let mut due = first.map(|first| Instant::now() + first);
        for fault in faults {
            if let Fault::Slow { tokens_per_second } = fault {
                per_token = period(*tokens_per_second);
                due = due.or_else(|| Some(Instant::now()));
            }
        }
        Self { due, per_token }
    }

    async fn wait(&mut self) {
        if let Some(due) = self.due {
            tokio::time::sleep_until(due).await;
            self.due = Some(due + self.per_token);
        }
    }

    fn restart(&mut self) {
        self.due = self.due.map(|_| Instant::now());
    }
}

fn period(tokens_per_second: u32) -> Duration {
    Duration::from_secs(1) / tokens_per_second.max(1)
}

fn natural(turn: &Turn) -> (Option<Duration>, Duration) {
    let (first_ms, tokens_per_second) = match turn.ask.known.size() {
        Size::Small => (250, 140),
        Size::Medium => (500, 85),
        Size::Large => (850, 50),
    };
    let hidden = !turn.ask.thinking.is_shown() && turn.ask.effort >= Effort::High;
    let first_ms = if hidden { first_ms * 2 } else { first_ms };
    (
        Some(Duration::from_millis(first_ms)),
        period(tokens_per_second),
    )
}
