//! What a Claude tokenizer does to a text before it splits it.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Canonical composition, then what is measured to fold or to vanish. Only the older vocabulary
/// takes curly quotes for straight ones.
pub(super) fn normalise(text: &str, fold_quotes: bool) -> Vec<char> {
    if text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() || matches!(byte, b' ' | b'\n' | b'\t'))
    {
        return text.bytes().map(char::from).collect();
    }
    let composed: Cow<'_, str> = match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => text.into(),
        IsNormalized::No | IsNormalized::Maybe => text.nfc().collect::<String>().into(),
    };
    let mut folded: Vec<char> = Vec::with_capacity(composed.len());
    for character in composed.chars() {
        match character {
            '\0' => folded.push(' '),
            dropped if is_dropped(dropped) => {}
            // Thai SARA AM, which composition leaves in its two parts.
            '\u{e32}' if folded.last() == Some(&'\u{e4d}') => {
                folded.pop();
                folded.push('\u{e33}');
            }
            '\u{2018}' | '\u{2019}' if fold_quotes => folded.push('\''),
            '\u{201c}' | '\u{201d}' if fold_quotes => folded.push('"'),
            other if is_folded_space(other) => folded.push(' '),
            other => folded.push(other),
        }
    }
    folded
}

/// How many bytes of a text are of characters that its count leaves out.
pub(super) fn dropped_bytes(text: &str) -> u64 {
    let dropped = text.chars().filter(|character| is_dropped(*character));
    dropped.map(|character| character.len_utf8() as u64).sum()
}

/// Controls and private characters cost nothing, and their neighbours join.
fn is_dropped(character: char) -> bool {
    matches!(
        character,
        '\u{1}'..='\u{8}'
            | '\u{b}'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{e000}'..='\u{f8ff}'
    )
}

/// Separators that count as a space: all but the ideographic one.
fn is_folded_space(character: char) -> bool {
    matches!(
        character,
        '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}'
    )
}
