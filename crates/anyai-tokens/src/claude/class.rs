//! How a Claude tokenizer sorts characters. Most of it follows Unicode's properties; the lists are
//! measured, character by character, by the authors of ctok, and no property makes them up.

use unicode_normalization::char::canonical_combining_class;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// The class of a character in the split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A letter of a script that writes words.
    Word,
    /// A mark without a letter to stand on.
    StrayMark,
    /// Anything that stands alone: ideographs, emoji, symbols.
    Hard,
    /// A digit.
    Digit,
    /// Punctuation, and symbols that behave like it.
    Punctuation,
    /// White space.
    Space,
}

/// Symbols and punctuation outside ASCII that are tiled with the ASCII ones.
const PUNCTUATION: &[char] = &[
    '—', '»', '«', '•', '°', '„', '–', '−', '£', '§', '€', '…', '√', '→', '（', '№', '†', '└', '│',
    '·', '─', '═', '█',
];

/// Symbols of the ideographic punctuation's block that behave like its punctuation.
const IDEOGRAPHIC_SYMBOLS: &[char] = &['〄', '〒', '〓', '〠', '〶', '〷', '〾', '〿'];

pub(super) fn class(character: char) -> Class {
    match character {
        'a'..='z' | 'A'..='Z' => Class::Word,
        ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' => Class::Space,
        '0'..='9' => Class::Digit,
        '!'..='~' => Class::Punctuation,
        _ => class_beyond_ascii(character),
    }
}

fn class_beyond_ascii(character: char) -> Class {
    let group = character.general_category_group();
    if group == GeneralCategoryGroup::Separator {
        return Class::Space;
    }
    if is_symbol_letter(character) {
        return Class::Word;
    }
    if matches!(character, '\u{660}'..='\u{669}' | '\u{6f0}'..='\u{6f9}') {
        return Class::Digit;
    }
    if PUNCTUATION.contains(&character) {
        return Class::Punctuation;
    }
    let is_word = match group {
        GeneralCategoryGroup::Mark => {
            is_basic(character) && !is_selector(character) && character.is_alphabetic()
        }
        GeneralCategoryGroup::Letter => !is_isolated_letter(character),
        _ => false,
    };
    if is_word { Class::Word } else { Class::Hard }
}

/// Symbols and numbers that take part in words like letters.
const fn is_symbol_letter(character: char) -> bool {
    matches!(
        character,
        '\u{16ee}'..='\u{16f0}' | '\u{2160}'..='\u{2188}' | '\u{24b6}'..='\u{24e9}' | '\u{a6e6}'..='\u{a6ef}'
    )
}

/// Letters that stand alone: ideographs, Hangul, and everything beyond the basic plane.
fn is_isolated_letter(character: char) -> bool {
    !is_basic(character)
        || matches!(
            character,
            '\u{4e00}'..='\u{9fff}'
                | '\u{3400}'..='\u{4dbf}'
                | '\u{f900}'..='\u{faff}'
                | '\u{ac00}'..='\u{d7a3}'
                | '\u{3005}'
                | '\u{3006}'
                | '\u{3031}'..='\u{3035}'
                | '\u{303b}'
                | '\u{303c}'
        )
}

fn is_basic(character: char) -> bool {
    u32::from(character) < 0x1_0000
}

/// A variation selector: a mark that takes no part in words.
pub(super) const fn is_selector(character: char) -> bool {
    matches!(character, '\u{fe00}'..='\u{fe0f}')
}

/// A mark that is no part of a word, and ends one.
fn is_separator(character: char) -> bool {
    is_basic(character)
        && character.general_category_group() == GeneralCategoryGroup::Mark
        && !is_selector(character)
        && !character.is_alphabetic()
}

/// A combining mark, where nothing before it can be its base. A Syriac vowel then is a letter.
pub(super) fn is_stray_mark(character: char) -> bool {
    !character.is_ascii()
        && !matches!(character, '\u{711}' | '\u{730}'..='\u{73f}')
        && canonical_combining_class(character) != 0
        && !is_separator(character)
}

/// Whether a character beyond ASCII takes a marker where it borders a space, like punctuation.
pub(super) fn borders_like_punctuation(character: char) -> bool {
    if !is_basic(character) {
        return false;
    }
    if is_separator(character) {
        return true;
    }
    let category = character.general_category();
    let (is_sign, is_punctuation) = match character.general_category_group() {
        GeneralCategoryGroup::Punctuation => (true, true),
        GeneralCategoryGroup::Symbol => (true, false),
        _ => (false, false),
    };
    let is_bare = matches!(
        category,
        GeneralCategory::Format | GeneralCategory::Unassigned
    );
    let is_ideographic = matches!(character, '\u{3001}'..='\u{303f}')
        && (is_punctuation || IDEOGRAPHIC_SYMBOLS.contains(&character));
    (is_sign || is_bare) && !is_ideographic
}

/// Whether a digit takes a marker where it borders a space: those beyond ASCII do.
pub(super) fn borders_like_a_number(character: char) -> bool {
    is_basic(character)
        && match character.general_category() {
            GeneralCategory::OtherNumber => true,
            GeneralCategory::DecimalNumber => !character.is_ascii(),
            _ => false,
        }
}

/// Whether these are digits of one category.
pub(super) fn is_number(characters: &[char]) -> bool {
    let Some(first) = characters.first() else {
        return false;
    };
    let category = first.general_category();
    matches!(
        category,
        GeneralCategory::DecimalNumber | GeneralCategory::OtherNumber
    ) && characters
        .iter()
        .all(|character| character.general_category() == category)
}
