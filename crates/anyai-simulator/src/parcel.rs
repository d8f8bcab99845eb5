//! A complete response, cut into the pieces that faults strike between.

use std::collections::VecDeque;

use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;

use crate::play::{NO_TEXT, Source};

/// Pieces of a body that is no stream.
const PIECES: usize = 8;

/// A response, ready to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pieces: VecDeque<Vec<u8>>,
    /// The last pieces that say the answer is over.
    ending: usize,
    error: Vec<u8>,
    is_stream: bool,
}

impl Parcel {
    /// An answer in one piece.
    pub(crate) fn whole(value: &Value) -> Self {
        let bytes = value.to_string().into_bytes();
        Self {
            ending: PIECES,
            ..Self::file(&bytes, "application/json")
        }
    }

    /// An answer in events, the last so many of which end it.
    pub(crate) fn events(events: Vec<Vec<u8>>, ending: usize, error: Vec<u8>) -> Self {
        Self {
            status: StatusCode::OK,
            content_type: "text/event-stream",
            headers: Vec::new(),
            pieces: events.into(),
            ending,
            error,
            is_stream: true,
        }
    }

    /// Bytes that are no protocol.
    pub(crate) fn file(bytes: &[u8], content_type: &'static str) -> Self {
        // Rounded up: the last piece may be shorter, none is left over.
        let size = bytes.len().div_ceil(PIECES).max(1);
        Self {
            status: StatusCode::OK,
            content_type,
            headers: Vec::new(),
            pieces: bytes.chunks(size).map(<[u8]>::to_vec).collect(),
            ending: 0,
            error: Vec::new(),
            is_stream: false,
        }
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: impl Into<HeaderValue>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// What ends the answer comes again.
    pub(crate) fn ending_twice(mut self) -> Self {
        let start = self.pieces.len().saturating_sub(self.ending);
        let again: Vec<Vec<u8>> = self.pieces.iter().skip(start).cloned().collect();
        self.pieces.extend(again);
        self
    }

    pub(crate) fn pieces(&self) -> usize {
        self.pieces.len()
    }
}

impl Source for Parcel {
    fn next_counts(&self) -> Option<bool> {
        (!self.pieces.is_empty()).then_some(true)
    }

    fn is_last(&self) -> bool {
        self.pieces.len() < 2
    }

    fn take(&mut self) -> Vec<u8> {
        self.pieces.pop_front().unwrap_or_default()
    }

    fn clear(&mut self) {
        self.pieces.clear();
    }

    fn error(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.error)
    }

    /// Into the next piece, where the first text value starts.
    fn spoil(&mut self) -> Vec<u8> {
        let Some(piece) = self.pieces.front_mut() else {
            return Vec::new();
        };
        let value = piece.windows(3).position(|window| window == b"\":\"");
        let at = value.map_or(0, |at| at + 3);
        let mut letter = [0; 4];
        let letter = NO_TEXT.encode_utf8(&mut letter).as_bytes();
        piece.splice(at..at, letter.iter().copied());
        Vec::new()
    }

    fn is_stream(&self) -> bool {
        self.is_stream
    }
}
