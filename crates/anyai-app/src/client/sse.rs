//! Server-sent events: bytes in any pieces in, whole payloads out.

/// Largest payload of one event.
const PAYLOAD_BYTES_MAX: usize = 64 * 1024 * 1024;

/// An event grew beyond [`PAYLOAD_BYTES_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// Collects lines until an event is whole. Only `data` matters: the payload carries its own
/// sequence.
#[derive(Debug, Default)]
pub(super) struct SseDecoder {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    after_return: bool,
}

impl SseDecoder {
    /// The payloads that `piece` completes.
    pub(super) fn push(&mut self, piece: &[u8]) -> Result<Vec<Vec<u8>>, TooLong> {
        let mut whole = Vec::new();
        for byte in piece {
            // A line ends with CR, LF or both.
            let second_half = self.after_return && *byte == b'\n';
            self.after_return = *byte == b'\r';
            if second_half {
                continue;
            }
            if matches!(byte, b'\n' | b'\r') {
                whole.extend(self.end_line());
            } else {
                self.line.push(*byte);
            }
            if self.line.len() + self.data.len() > PAYLOAD_BYTES_MAX {
                return Err(TooLong);
            }
        }
        Ok(whole)
    }

    fn end_line(&mut self) -> Option<Vec<u8>> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            let has_data = std::mem::take(&mut self.has_data);
            let data = std::mem::take(&mut self.data);
            return has_data.then_some(data);
        }
        let value = line.strip_prefix(b"data").and_then(|rest| match rest {
            [] => Some(rest),
            [b':', b' ', value @ ..] | [b':', value @ ..] => Some(value),
            _ => None,
        });
        if let Some(value) = value {
            if self.has_data {
                self.data.push(b'\n');
            }
            self.has_data = true;
            self.data.extend_from_slice(value);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payloads(pieces: &[&[u8]]) -> Vec<String> {
        let mut decoder = SseDecoder::default();
        let mut found = Vec::new();
        for piece in pieces {
            for payload in decoder.push(piece).expect("short") {
                found.push(String::from_utf8(payload).expect("text"));
            }
        }
        found
    }

    const STREAM: &[u8] =
        b": keep-alive\n\nid: 1\ndata: {\"a\":1}\n\nevent: turn\r\ndata: two\r\ndata: lines\r\n\r\ndata:\xc3\xa9\n\n";

    #[test]
    fn reads_the_same_events_however_the_bytes_are_cut() {
        let expected = ["{\"a\":1}", "two\nlines", "é"];
        assert_eq!(payloads(&[STREAM]), expected);
        for cut in 0..STREAM.len() {
            let (before, after) = STREAM.split_at(cut);
            assert_eq!(payloads(&[before, after]), expected, "cut at {cut}");
        }
        let single: Vec<&[u8]> = STREAM.chunks(1).collect();
        assert_eq!(payloads(&single), expected);
    }

    #[test]
    fn an_event_without_its_end_is_not_delivered() {
        assert!(payloads(&[b"data: half an event\n"]).is_empty());
    }
}
