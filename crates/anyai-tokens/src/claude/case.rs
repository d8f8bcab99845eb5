//! How a Claude tokenizer writes capitals: a marker and small letters, where the whole word allows it.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::symbols::{CAPS, SHIFT, Symbol};

/// A word's marker, where it has one, and whether its letters are written small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    /// As it stands.
    Literal,
    /// The first letter is a capital, and the only one.
    Shift,
    /// All capitals.
    Caps,
}

impl Case {
    /// The case of a word. `caps_min` is the shortest word that is written as all capitals.
    pub(super) fn of(word: &[char], caps_min: Option<usize>) -> Self {
        if word.iter().all(char::is_ascii_lowercase) || word.contains(&'ẞ') {
            return Self::Literal;
        }
        if word.contains(&'İ') {
            return with_dotted_capital(word);
        }
        let capitals = word.iter().filter(|letter| is_capital(**letter)).count();
        let is_long = caps_min.is_some_and(|least| word.len() >= least);
        if is_long
            && capitals > 0
            && !word
                .iter()
                .any(|letter| !is_capital(*letter) && letter.is_lowercase())
            && !word.iter().any(|letter| has_no_case(*letter))
        {
            return Self::Caps;
        }
        if capitals == 1 && word.first().is_some_and(|first| is_capital(*first)) {
            return Self::Shift;
        }
        Self::Literal
    }

    /// Writes the marker.
    pub(super) fn mark(self, symbols: &mut Vec<Symbol>) {
        match self {
            Self::Literal => {}
            Self::Shift => symbols.push(SHIFT),
            Self::Caps => symbols.push(CAPS),
        }
    }

    /// Writes the letters.
    pub(super) fn write(self, word: &[char], symbols: &mut Vec<Symbol>) {
        match self {
            Self::Literal => symbols.extend(word.iter().map(|letter| Symbol::from(*letter))),
            Self::Shift | Self::Caps => {
                for letter in word {
                    write_small(*letter, symbols);
                }
            }
        }
    }
}

fn write_small(letter: char, symbols: &mut Vec<Symbol>) {
    match letter {
        'A'..='Z' => symbols.push(Symbol::from(letter.to_ascii_lowercase())),
        // No capital here, although Unicode has a small letter for it.
        '\u{3f4}' | 'İ' => symbols.push(Symbol::from(letter)),
        _ => symbols.extend(letter.to_lowercase().map(Symbol::from)),
    }
}

/// A word with a dotted capital I is a title where its head is another capital and it has no third.
fn with_dotted_capital(word: &[char]) -> Case {
    let Some((first, tail)) = word.split_first() else {
        return Case::Literal;
    };
    let is_title = *first != 'İ'
        && is_capital(*first)
        && !tail
            .iter()
            .any(|letter| *letter != 'İ' && is_capital(*letter));
    if is_title { Case::Shift } else { Case::Literal }
}

/// A capital is a letter that has a small one.
fn is_capital(letter: char) -> bool {
    letter.is_ascii_uppercase()
        || (!letter.is_ascii()
            && letter != '\u{3f4}'
            && letter.is_uppercase()
            && !letter.to_lowercase().eq([letter]))
}

/// A letter or mark that is neither small nor a capital: it keeps a word from being all capitals.
fn has_no_case(letter: char) -> bool {
    let is_letter = matches!(
        letter.general_category_group(),
        GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark
    );
    is_letter && !letter.is_lowercase() && !is_capital(letter)
}
