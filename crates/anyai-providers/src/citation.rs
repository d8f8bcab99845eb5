//! What an answer leans on, in one shape for every provider.

use std::ops::Range;

use serde_json::Value;

use crate::json::Fields;

/// A source the provider names for a part of its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Citation {
    /// Where the source is found.
    pub url: Option<String>,
    /// What the source is called.
    pub title: Option<String>,
    /// The source's own words.
    pub quoted: Option<String>,
    /// The bytes of the answer's text that lean on it, where the provider says.
    pub text_range: Option<Range<usize>>,
}

impl Citation {
    /// Reads the fields most providers share: `url`, `title` and the words under `quoted_key`.
    pub(crate) fn read(source: &Value, quoted_key: &str) -> Self {
        let text = |key: &str| {
            let text = source.text(key).filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        Self {
            url: text("url").or_else(|| text("uri")),
            title: text("title"),
            quoted: text(quoted_key),
            text_range: None,
        }
    }

    /// A bare address.
    pub(crate) fn of_url(url: &str) -> Self {
        Self {
            url: Some(url.to_owned()),
            ..Self::default()
        }
    }

    /// OpenAI's `url_citation`, flat or nested under its own name. It counts characters of `text`,
    /// which begins at the byte `start` of the answer.
    pub(crate) fn read_annotation(annotation: &Value, text: &str, start: usize) -> Self {
        let source = annotation.present("url_citation").unwrap_or(annotation);
        let byte = |key| Some(start + byte_of_char(text, source.position(key)?)?);
        Self {
            text_range: range(byte("start_index"), byte("end_index")),
            ..Self::read(source, "content")
        }
    }

    /// Whether it says anything at all.
    pub(crate) const fn is_empty(&self) -> bool {
        self.url.is_none() && self.title.is_none() && self.quoted.is_none()
    }
}

/// A range that holds something.
pub(crate) fn range(start: Option<usize>, end: Option<usize>) -> Option<Range<usize>> {
    let range = start?..end?;
    (!range.is_empty()).then_some(range)
}

/// Where the character number `index` begins; the end of the text is a place too.
fn byte_of_char(text: &str, index: usize) -> Option<usize> {
    let ends = text.char_indices().map(|(byte, _)| byte);
    ends.chain([text.len()]).nth(index)
}
