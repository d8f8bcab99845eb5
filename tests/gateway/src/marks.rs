//! What an answer says as it arrives: pieces of text, the end, a failure. Lines are looked at whole,
//! however the network cuts them.

use serde::Deserialize;

/// How an answer's lines are recognised, as a template says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Marks {
    /// A line with this text is a piece of the answer; without it, the first byte is the only one.
    pub(crate) piece: Option<String>,
    /// A line with this text is the end; without it, the answer ends with its body.
    pub(crate) end: Option<String>,
    /// A line with this text means the request failed.
    pub(crate) failure: Option<String>,
}

/// What a line was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A piece, and the moments its text was sent at, in microseconds since 1970.
    Piece(Vec<u64>),
    End,
    Failure(String),
}

/// Cuts an answer into lines.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    /// Takes bytes in and answers what the lines they complete were.
    pub(crate) fn push(&mut self, bytes: &[u8], marks: &Marks) -> Vec<Mark> {
        let mut found = Vec::new();
        let mut bytes = bytes;
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            let line = &bytes[..end];
            if self.rest.is_empty() {
                found.extend(marks.read(line));
            } else {
                self.rest.extend_from_slice(line);
                found.extend(marks.read(&self.rest));
                self.rest.clear();
            }
            bytes = &bytes[end + 1..];
        }
        self.rest.extend_from_slice(bytes);
        found
    }

    /// The body is over: what is left is a line too.
    pub(crate) fn finish(&mut self, marks: &Marks) -> Option<Mark> {
        let rest = std::mem::take(&mut self.rest);
        marks.read(&rest)
    }
}

impl Marks {
    fn read(&self, line: &[u8]) -> Option<Mark> {
        if line.is_empty() {
            return None;
        }
        let line = String::from_utf8_lossy(line);
        let is = |mark: &Option<String>| mark.as_ref().is_some_and(|mark| line.contains(mark));
        if is(&self.failure) {
            Some(Mark::Failure(line.into_owned()))
        } else if is(&self.end) {
            Some(Mark::End)
        } else if is(&self.piece) {
            Some(Mark::Piece(moments(&line)))
        } else {
            None
        }
    }
}

/// The dummy provider's words: numbers of exactly sixteen digits.
fn moments(line: &str) -> Vec<u64> {
    let numbers = line.split(|c: char| !c.is_ascii_digit());
    let moments = numbers.filter(|number| number.len() == 16);
    moments.filter_map(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_whole_however_they_are_cut() {
        let marks = Marks {
            piece: Some("\"text\"".to_owned()),
            end: Some("[DONE]".to_owned()),
            failure: Some("\"error\"".to_owned()),
        };
        let body = b"id: 7\ndata: {\"text\":\"1790000000000001 1790000000000002 \"}\n\n: alive\n\
                     data: {\"error\":1}\ndata: [DONE]";
        let expected = [
            Mark::Piece(vec![1_790_000_000_000_001, 1_790_000_000_000_002]),
            Mark::Failure("data: {\"error\":1}".to_owned()),
            Mark::End,
        ];
        for cut in 0..=body.len() {
            let (mut lines, mut found) = (Lines::default(), Vec::new());
            found.extend(lines.push(&body[..cut], &marks));
            found.extend(lines.push(&body[cut..], &marks));
            found.extend(lines.finish(&marks));
            assert_eq!(found, expected, "cut at {cut}");
        }
    }
}
