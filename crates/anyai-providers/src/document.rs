//! Files a person sends along to be read: a PDF as it is, a text file as words.

use std::borrow::Cow;

use bytes::Bytes;

/// A PDF's first bytes; some programs write a few others before them.
const PDF_MARK: &[u8] = b"%PDF-";
/// How far into the file the mark may stand.
const PDF_MARK_BYTES_MAX: usize = 1_024;

/// A file to read.
#[derive(Clone, PartialEq, Eq)]
pub enum Document {
    /// A PDF. Not every protocol has a place for one.
    Pdf {
        /// The file's name.
        name: String,
        /// The file.
        bytes: Bytes,
    },
    /// A text file. Every protocol takes it, as words under its name.
    Text {
        /// The file's name.
        name: String,
        /// What it says.
        text: String,
    },
}

impl Document {
    /// A file of a kind that can be read, told by its bytes and not by its name.
    #[must_use]
    pub fn recognised(name: impl Into<String>, bytes: Bytes) -> Option<Self> {
        let name = name.into();
        let head = &bytes[..bytes.len().min(PDF_MARK_BYTES_MAX)];
        if head.windows(PDF_MARK.len()).any(|part| part == PDF_MARK) {
            return Some(Self::Pdf { name, bytes });
        }
        let text = std::str::from_utf8(&bytes).ok()?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        (!text.contains('\0')).then(|| Self::Text {
            name,
            text: text.to_owned(),
        })
    }

    /// The file's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Pdf { name, .. } | Self::Text { name, .. } => name,
        }
    }
}

impl std::fmt::Debug for Document {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pdf { name, bytes } => write!(f, "Pdf({name:?}, {} bytes)", bytes.len()),
            Self::Text { name, text } => write!(f, "Text({name:?}, {} bytes)", text.len()),
        }
    }
}

/// A text file as words: its name, and what it says between fences that do not occur in it.
pub(crate) fn framed<'a>(name: &str, text: &str) -> Cow<'a, str> {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let fence = "`".repeat(longest_run(text, '`').max(2) + 1);
    let line_end = if text.ends_with('\n') { "" } else { "\n" };
    Cow::Owned(format!("{name}:\n{fence}\n{text}{line_end}{fence}\n"))
}

fn longest_run(text: &str, wanted: char) -> usize {
    let runs = text.split(|c| c != wanted).map(str::len);
    runs.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_bytes() {
        let kind = |bytes: &'static [u8]| Document::recognised("a", Bytes::from_static(bytes));
        assert!(matches!(kind(b"\n%PDF-1.7\nx"), Some(Document::Pdf { .. })));
        let text = "ünï".to_owned();
        let name = "a".to_owned();
        assert_eq!(
            kind("\u{feff}ünï".as_bytes()),
            Some(Document::Text { name, text })
        );
        assert_eq!((kind(b"a\0b"), kind(b"\xff\xfe")), (None, None));
    }

    #[test]
    fn a_fence_is_longer_than_any_in_the_text() {
        assert_eq!(framed("a.md", "x"), "a.md:\n```\nx\n```\n");
        assert_eq!(
            framed("a\n```.md", "```\ny\n````\n"),
            "a```.md:\n`````\n```\ny\n````\n`````\n"
        );
    }
}
