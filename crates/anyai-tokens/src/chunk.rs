//! Where a text may be cut so that the parts count exactly as the whole.
//!
//! The vocabulary splits text into pieces before it merges bytes. No piece spans a letter or digit
//! followed by white space (or by Chinese and Japanese punctuation), and nothing looks back, so
//! such a place is always the border of two pieces.

/// A part is closed at the first border after this many bytes.
const CHUNK_BYTES: usize = 2 << 10;
/// A part without a border is cut here all the same: the count may then be a token or two high.
/// It also keeps the splitter, which recurses on long white space, within its stack.
const CHUNK_BYTES_MAX: usize = 16 << 10;

/// The length of the first part of a text that is not empty.
pub(crate) fn first_chunk_bytes(text: &str) -> usize {
    if text.len() <= CHUNK_BYTES {
        return text.len();
    }
    let end = text.floor_char_boundary(CHUNK_BYTES_MAX);
    let start = text.floor_char_boundary(CHUNK_BYTES);
    let mut previous = text[..start].chars().next_back();
    for (at, next) in text[start..].char_indices() {
        if start + at >= end && at > 0 {
            break;
        }
        if previous.is_some_and(|previous| is_border(previous, next)) {
            return start + at;
        }
        previous = Some(next);
    }
    end
}

fn is_border(previous: char, next: char) -> bool {
    let letter = previous.is_ascii_alphanumeric()
        || matches!(previous, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}')
        || matches!(previous, '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}');
    letter
        && matches!(
            next,
            ' ' | '\n' | '\r' | '\t' | '。' | '、' | '，' | '！' | '？'
        )
}
