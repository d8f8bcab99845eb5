//! Takes known secrets out of a text, for what is logged or shown.

use std::borrow::Cow;
use std::io::{self, Write};
use std::sync::{Arc, PoisonError, RwLock};

use zeroize::Zeroizing;

use crate::secret::{REDACTED, Secret};

/// Shorter values are not scrubbed: as likely a word of the text as a key.
const SECRET_BYTES_MIN: usize = 6;

/// Scrubs every secret it was told of, also where a text carries it percent-encoded or with JSON
/// escapes. Clones share what they know, so a key learned late is scrubbed by a writer made early.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    known: Arc<RwLock<Vec<Secret>>>,
}

impl Redactor {
    /// One that knows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Scrubs this secret from now on. Values under 6 bytes are ignored.
    pub fn learn(&self, secret: &Secret) {
        let value = secret.expose();
        if value.len() < SECRET_BYTES_MIN {
            return;
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for form in [value.clone(), percent_encoded(value), json_escaped(value)] {
            let form = Secret::new(form);
            if !known.contains(&form) {
                known.push(form);
            }
        }
        // Longest first, so that a key containing another is not left half standing.
        known.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
    }

    /// The text without any known secret; borrowed when there was none in it.
    #[must_use]
    pub fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut scrubbed = Cow::Borrowed(text);
        for secret in known.iter() {
            if scrubbed.contains(secret.expose().as_str()) {
                scrubbed = Cow::Owned(scrubbed.replace(secret.expose().as_str(), REDACTED));
            }
        }
        scrubbed
    }

    /// A writer that scrubs what passes through it, line by line.
    pub fn writer<W: Write>(&self, inner: W) -> ScrubbingWriter<W> {
        ScrubbingWriter {
            redactor: self.clone(),
            inner,
            line: Zeroizing::new(Vec::new()),
        }
    }
}

/// Scrubs whole lines on their way to another writer, so a secret split over two writes is still
/// seen. An unfinished line waits for its end, for `flush` or for the drop.
#[derive(Debug)]
pub struct ScrubbingWriter<W: Write> {
    redactor: Redactor,
    inner: W,
    line: Zeroizing<Vec<u8>>,
}

impl<W: Write> ScrubbingWriter<W> {
    fn pass_on(&mut self, end: usize) -> io::Result<()> {
        let lines = Zeroizing::new(self.line.drain(..end).collect::<Vec<u8>>());
        self.inner.write_all(
            self.redactor
                .scrub(&String::from_utf8_lossy(&lines))
                .as_bytes(),
        )
    }
}

impl<W: Write> Write for ScrubbingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        if let Some(newline) = self.line.iter().rposition(|byte| *byte == b'\n') {
            self.pass_on(newline + 1)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass_on(self.line.len())?;
        self.inner.flush()
    }
}

impl<W: Write> Drop for ScrubbingWriter<W> {
    fn drop(&mut self) {
        // Nobody is left to tell when the last line cannot be written.
        let _ = self.flush();
    }
}

fn percent_encoded(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn json_escaped(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '"' => escaped.push_str("\\\""),
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            c if c.is_control() => escaped.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => escaped.push(c),
        }
    }
    escaped
}
