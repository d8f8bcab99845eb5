//! Where a text may be cut so that the parts count exactly as the whole.
//!
//! OpenAI's vocabulary splits text into pieces before it merges bytes. No piece spans a letter or digit
//! followed by white space (or by Chinese and Japanese punctuation), and nothing looks back, so
//! such a place is always the border of two pieces. Claude's end a token with every word, so a letter
//! of a script that writes words, followed by white space, is a border of theirs too: such a one is
//! taken where there is one.

use crate::claude::{Start, ends_word};

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
    let mut second_best = None;
    for (at, next) in text[start..].char_indices() {
        if start + at >= end && at > 0 {
            break;
        }
        match previous.map(|previous| border(previous, next)) {
            Some(Border::OfAll) => return start + at,
            Some(Border::OfOpenAi) => {
                second_best.get_or_insert(start + at);
            }
            Some(Border::None) | None => {}
        }
        previous = Some(next);
    }
    second_best.unwrap_or(end)
}

/// What stands before a part that begins at a byte of a text.
pub(crate) fn start_at(text: &str, at: usize) -> Start {
    let (before, after) = text.split_at(at);
    match (before.chars().next_back(), after.chars().next()) {
        (None, _) => Start::Text,
        (Some(previous), Some(next)) if border(previous, next) == Border::OfAll => Start::AfterWord,
        (Some(_), _) => Start::Elsewhere,
    }
}

/// Whose tokens end between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Border {
    None,
    OfOpenAi,
    OfAll,
}

fn border(previous: char, next: char) -> Border {
    if matches!(next, ' ' | '\n' | '\t') && ends_word(previous) {
        Border::OfAll
    } else if is_border(previous, next) {
        Border::OfOpenAi
    } else {
        Border::None
    }
}

const fn is_kana(character: char) -> bool {
    matches!(character, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}')
}

fn is_border(previous: char, next: char) -> bool {
    let letter = previous.is_ascii_alphanumeric()
        || is_kana(previous)
        || matches!(previous, '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}');
    letter
        && matches!(
            next,
            ' ' | '\n' | '\r' | '\t' | '。' | '、' | '，' | '！' | '？'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claude::Place;
    use crate::count::Counter;

    /// Every border between these, in every surrounding, must be a border of pieces.
    #[test]
    fn cutting_at_a_border_keeps_the_count() {
        let counter = Counter::shared().unwrap();
        let count = |text: &str| counter.count_chunk(text, Place::WHOLE).o200k().count();
        let edges = [
            'a', 'Z', '7', '_', '\'', '.', '/', ' ', '\n', '\r', '\t', '京', 'か', 'カ', '한',
            '。', '！', 'é', '\u{301}',
        ];
        let befores = ["", "a", "Ab", " ", "\n ", "12", "。", "don'"];
        let afters = ["", "b", " b", "\n", "  ", "'s", "。", "1", "//"];
        let mut borders = 0;
        for (previous, next) in edges
            .iter()
            .flat_map(|a| edges.iter().map(move |b| (*a, *b)))
        {
            if !is_border(previous, next) {
                continue;
            }
            borders += 1;
            for (before, after) in befores
                .iter()
                .flat_map(|a| afters.iter().map(move |b| (a, b)))
            {
                let (left, right) = (format!("{before}{previous}"), format!("{next}{after}"));
                let whole = count(&format!("{left}{right}"));
                assert_eq!(count(&left) + count(&right), whole, "{left:?} | {right:?}");
            }
        }
        assert!(borders >= 40, "{borders} borders were tried");
    }

    #[test]
    fn parts_are_bounded_and_whole_characters() {
        for unit in ["a", "你", "🙂", "word ", " "] {
            let text = unit.repeat(3 * CHUNK_BYTES_MAX / unit.len());
            let first = first_chunk_bytes(&text);
            assert!(text.is_char_boundary(first), "{unit:?}");
            assert!(
                (CHUNK_BYTES..=CHUNK_BYTES_MAX).contains(&first),
                "{unit:?}: {first}"
            );
        }
        assert!(
            first_chunk_bytes(&"word ".repeat(9_000)) < CHUNK_BYTES + 8,
            "cut soon when it may be"
        );
    }
}
