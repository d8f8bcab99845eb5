//! Sends a body at its pace, piece by piece, and lets the faults strike on the way.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream::{self, Stream};

use crate::control::Control;
use crate::fault::Fault;
use crate::record::{Entry, Outcome};
use crate::tempo::Tempo;

/// A private-use letter that stands for bytes that are no text, until they are put in its place.
pub(crate) const NO_TEXT: char = '\u{E000}';
const NO_TEXT_BYTES: &[u8] = &[0xC3, 0x28];
const NO_PROTOCOL: &[u8] = b"data: {\"this is\": not the protocol\n\n\x00\xFF\xFE<html>\n\n";

/// A giant line comes in pieces of so many KiB.
const PIECE_KIB: u32 = 64;

/// Where the pieces of a body come from.
pub(crate) trait Source: Send + Sync {
    /// Whether the next piece is one that faults and pauses count; `None` at the end.
    fn next_counts(&self) -> Option<bool>;

    /// Whether at most one piece that counts is left.
    fn is_last(&self) -> bool;

    /// The next piece; empty when the format says nothing there.
    fn take(&mut self) -> Vec<u8>;

    /// Forgets what is left.
    fn clear(&mut self);

    /// The error inside a good stream; of an answer in one piece, its first half.
    fn error(&mut self) -> Vec<u8>;

    /// Puts [`NO_TEXT`] into what is left; what of it goes out at once.
    fn spoil(&mut self) -> Vec<u8>;

    /// Whether it is a stream of events.
    fn is_stream(&self) -> bool;
}

/// A body on its way.
pub(crate) struct Play {
    source: Box<dyn Source>,
    control: Arc<Control>,
    entry: Entry,
    faults: Vec<Fault>,
    pauses: Vec<u64>,
    ready: VecDeque<Bytes>,
    tempo: Tempo,
    /// Whether the stand-in for bytes that are no text was used.
    spoiled: bool,
}

impl Play {
    pub(crate) fn new(
        source: Box<dyn Source>,
        control: Arc<Control>,
        entry: Entry,
        faults: Vec<Fault>,
        pauses: Vec<u64>,
        tempo: Tempo,
    ) -> Self {
        let giant = faults.iter().find_map(|fault| match fault {
            Fault::GiantLine { kib } => Some(giant_line(*kib, source.is_stream())),
            _ => None,
        });
        Self {
            source,
            control,
            entry,
            faults,
            pauses,
            ready: giant.unwrap_or_default(),
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
                self.source.clear();
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
            let counts = self.source.next_counts()?;
            if counts {
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
            let bytes = self.source.take();
            if counts {
                self.entry.token_sent();
            }
            if self.source.next_counts().is_none() {
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
        let is_last = self.source.is_last();
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
        let bytes = self.source.spoil();
        self.put(bytes);
    }

    async fn strike(&mut self, fault: Fault) -> Option<io::Result<Bytes>> {
        let error = self.source.error();
        let is_stream = self.source.is_stream();
        self.source.clear();
        if matches!(fault, Fault::Hang { .. }) {
            return std::future::pending().await;
        }
        // What was sent so far leaves first: a connection that breaks in the same breath takes its
        // unsent bytes, the response's head included, with it.
        tokio::task::yield_now().await;
        self.entry.end(Outcome::Broken);
        match fault {
            Fault::MidstreamError { .. } => Some(Ok(error.into())),
            Fault::Garbage { .. } => Some(Ok(Bytes::from_static(NO_PROTOCOL))),
            Fault::EarlyEnd { .. } if is_stream => None,
            Fault::EarlyEnd { .. } => Some(Ok(error.into())),
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

/// A line that a client may give up on: a comment in a stream, white space before a whole.
fn giant_line(kib: u32, is_stream: bool) -> VecDeque<Bytes> {
    let filler = if is_stream { b'.' } else { b' ' };
    let piece = Bytes::from(vec![filler; PIECE_KIB as usize * 1_024]);
    let mut line = VecDeque::from([Bytes::from_static(if is_stream { b": " } else { b" " })]);
    // Rounded up: a giant line is never shorter than asked for.
    let pieces = kib.div_ceil(PIECE_KIB) as usize;
    line.extend(std::iter::repeat_n(piece, pieces));
    line.push_back(Bytes::from_static(b"\n"));
    line
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
