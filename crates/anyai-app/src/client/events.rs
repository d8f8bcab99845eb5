//! A turn's events as the server sends them.

use std::collections::VecDeque;

use anyai_wire::EventFrame;
use futures_util::StreamExt;

use super::sse::SseDecoder;
use crate::transport::{BodyStream, TransportError};

/// One connection's worth of a turn's events.
pub(crate) struct EventStream {
    body: BodyStream,
    decoder: SseDecoder,
    ready: VecDeque<EventFrame>,
}

impl EventStream {
    pub(super) fn new(body: BodyStream) -> Self {
        Self {
            body,
            decoder: SseDecoder::default(),
            ready: VecDeque::new(),
        }
    }

    /// The next event; `None` when the connection ended in order.
    pub(crate) async fn next(&mut self) -> Option<Result<EventFrame, TransportError>> {
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Some(Ok(frame));
            }
            let piece = match self.body.next().await? {
                Ok(piece) => piece,
                Err(error) => return Some(Err(error)),
            };
            let Ok(payloads) = self.decoder.push(&piece) else {
                return Some(Err(TransportError::maybe_sent("the events are too long")));
            };
            for payload in payloads {
                match serde_json::from_slice(&payload) {
                    Ok(frame) => self.ready.push_back(frame),
                    Err(_) => {
                        let why = "an event was not understood";
                        return Some(Err(TransportError::maybe_sent(why)));
                    }
                }
            }
        }
    }
}
