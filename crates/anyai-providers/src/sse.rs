//! Server-sent events from bytes that may be cut anywhere.
//!
//! Lines end with `\n`, `\r\n` or `\r`; several `data:` lines join with `\n`; lines starting with
//! `:` are comments; a last event counts even when the connection closes without its blank line.
//! Bytes become text one whole event at a time, so a cut inside a character cannot damage it, and
//! bytes that are not UTF-8 become replacement characters without harming what follows.

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SseEvent {
    /// The `event:` field, empty when there was none.
    pub(crate) name: String,
    /// The `data:` lines.
    pub(crate) data: String,
}

/// An event larger than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// Cuts a byte stream into events.
#[derive(Debug)]
pub(crate) struct SseParser {
    limit_bytes: usize,
    line: Vec<u8>,
    name: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    after_cr: bool,
}

impl SseParser {
    /// A parser that refuses a line or an event above `limit_bytes`.
    pub(crate) const fn new(limit_bytes: usize) -> Self {
        Self {
            limit_bytes,
            line: Vec::new(),
            name: Vec::new(),
            data: Vec::new(),
            has_data: false,
            after_cr: false,
        }
    }

    /// Takes more bytes in and adds every event they complete.
    pub(crate) fn push(
        &mut self,
        mut bytes: &[u8],
        events: &mut Vec<SseEvent>,
    ) -> Result<(), TooLong> {
        if self.after_cr && bytes.first() == Some(&b'\n') {
            bytes = &bytes[1..];
        }
        if !bytes.is_empty() {
            self.after_cr = false;
        }
        while let Some(end) = bytes.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.extend_line(&bytes[..end])?;
            self.end_line(events)?;
            let skip = match &bytes[end..] {
                [b'\r', b'\n', ..] => 2,
                [b'\r'] => {
                    self.after_cr = true;
                    1
                }
                _ => 1,
            };
            bytes = &bytes[end + skip..];
        }
        self.extend_line(bytes)
    }

    /// The bytes are over: adds the event that had no blank line after it.
    pub(crate) fn finish(&mut self, events: &mut Vec<SseEvent>) -> Result<(), TooLong> {
        if !self.line.is_empty() {
            self.end_line(events)?;
        }
        self.dispatch(events);
        Ok(())
    }

    fn extend_line(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + bytes.len() > self.limit_bytes {
            return Err(TooLong);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self, events: &mut Vec<SseEvent>) -> Result<(), TooLong> {
        if self.line.is_empty() {
            self.dispatch(events);
            return Ok(());
        }
        let (field, value) = split_field(&self.line);
        match field {
            b"data" => {
                if self.data.len() + value.len() >= self.limit_bytes {
                    return Err(TooLong);
                }
                if self.has_data {
                    self.data.push(b'\n');
                }
                self.data.extend_from_slice(value);
                self.has_data = true;
            }
            b"event" => self.name = value.to_vec(),
            _ => {}
        }
        self.line.clear();
        Ok(())
    }

    fn dispatch(&mut self, events: &mut Vec<SseEvent>) {
        if self.has_data {
            events.push(SseEvent {
                name: String::from_utf8_lossy(&self.name).into_owned(),
                data: String::from_utf8_lossy(&self.data).into_owned(),
            });
        }
        self.name.clear();
        self.data.clear();
        self.has_data = false;
    }
}

/// The field's name and its value without the one space after the colon; a comment has no name.
fn split_field(line: &[u8]) -> (&[u8], &[u8]) {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else {
        return (line, b"");
    };
    let value = &line[colon + 1..];
    (&line[..colon], value.strip_prefix(b" ").unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 1_000;

    fn parse(chunks: &[&[u8]]) -> Vec<SseEvent> {
        let mut parser = SseParser::new(LIMIT);
        let mut events = Vec::new();
        for chunk in chunks {
            parser.push(chunk, &mut events).expect("within the limit");
        }
        parser.finish(&mut events).expect("within the limit");
        events
    }

    fn event(name: &str, data: &str) -> SseEvent {
        SseEvent {
            name: name.to_owned(),
            data: data.to_owned(),
        }
    }

    #[test]
    fn reads_the_same_events_however_the_bytes_are_cut() {
        for line_end in ["\n", "\r\n", "\r"] {
            let text = [
                ": a comment",
                "event: greeting",
                "id: 7",
                "data: grüß",
                "data:  dich 🦀",
                "",
                "",
                "data",
                "",
                "data: last",
            ]
            .join(line_end);
            let expected = [
                event("greeting", "grüß\n dich 🦀"),
                event("", ""),
                event("", "last"),
            ];
            let bytes = text.as_bytes();
            for first in 0..=bytes.len() {
                for second in first..=bytes.len() {
                    let chunks = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                    assert_eq!(
                        parse(&chunks),
                        expected,
                        "{line_end:?} cut at {first} and {second}"
                    );
                }
            }
        }
    }

    #[test]
    fn an_event_name_does_not_leak_into_the_next_event() {
        assert_eq!(
            parse(&[b"event: a\n\ndata: 1\n\n"]),
            [event("", "1")],
            "an event without data is dropped with its name"
        );
    }

    #[test]
    fn bytes_that_are_not_utf8_harm_nothing_else() {
        let events = parse(&[b"data: a\xff\xfeb\n\ndata: c\n\n"]);
        assert_eq!(events, [event("", "a\u{fffd}\u{fffd}b"), event("", "c")]);
    }

    #[test]
    fn refuses_a_line_and_an_event_above_the_limit() {
        let mut parser = SseParser::new(LIMIT);
        assert_eq!(
            parser.push(&vec![b'x'; LIMIT + 1], &mut Vec::new()),
            Err(TooLong)
        );

        let mut parser = SseParser::new(LIMIT);
        let line = format!("data: {}\n", "x".repeat(90));
        let outcome = line
            .repeat(20)
            .as_bytes()
            .chunks(7)
            .try_for_each(|chunk| parser.push(chunk, &mut Vec::new()));
        assert_eq!(outcome, Err(TooLong), "many short lines of one event");
    }
}
