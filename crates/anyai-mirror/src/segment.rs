//! Makes writing without spaces searchable: the index's tokenizer splits at separators only, so
//! one is put after every character of scripts that do not separate words.

/// Invisible, and a separator to the tokenizer.
const MARK: char = '\u{2060}';

/// The text with every character of an unspaced script made a word of its own.
pub(crate) fn segment(text: &str) -> String {
    let mut segmented = String::with_capacity(text.len() + text.len() / 8);
    for character in text.chars() {
        // The marks of the snippets below must come from the index alone.
        let character = if character.is_control() {
            ' '
        } else {
            character
        };
        if is_unspaced(character) {
            segmented.push(character);
            segmented.push(MARK);
        } else {
            segmented.push(character);
        }
    }
    segmented
}

/// The text as it was before [`segment`], but for control characters.
pub(crate) fn join(text: &str) -> String {
    text.chars()
        .filter(|character| *character != MARK)
        .collect()
}

/// The words to look for: runs of letters and digits, an unspaced run as the characters in it.
pub(crate) fn words(query: &str) -> Vec<Vec<String>> {
    let mut words: Vec<Vec<String>> = Vec::new();
    let mut unspaced_run = false;
    let mut word = String::new();
    let finish = |word: &mut String, words: &mut Vec<Vec<String>>| {
        if !word.is_empty() {
            words.push(vec![std::mem::take(word)]);
        }
    };
    for character in query.chars() {
        if is_unspaced(character) {
            finish(&mut word, &mut words);
            match words.last_mut().filter(|_| unspaced_run) {
                Some(run) => run.push(character.to_string()),
                None => words.push(vec![character.to_string()]),
            }
            unspaced_run = true;
            continue;
        }
        unspaced_run = false;
        if character.is_alphanumeric() || is_mark(character) {
            word.push(character);
        } else {
            finish(&mut word, &mut words);
        }
    }
    finish(&mut word, &mut words);
    words
}

/// Combining marks belong to the letter before them.
const fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}')
}

/// Han, kana, Thai, Lao, Myanmar and Khmer. Korean separates words with spaces.
const fn is_unspaced(character: char) -> bool {
    matches!(character,
        '\u{0e00}'..='\u{0eff}'
        | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{ff66}'..='\u{ff9f}'
        | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_what_it_segmented() {
        for text in ["plain words", "東京タワー was built in 1958", "สวัสดี ok", ""]
        {
            assert_eq!(join(&segment(text)), text);
        }
        assert_eq!(
            join(&segment("a\u{1}b\n")),
            "a b ",
            "control characters never reach the index"
        );
    }

    #[test]
    fn splits_a_query_into_words_and_runs() {
        let words = words("C++ don't 東京tower e\u{301}te\u{301}");
        let flat: Vec<String> = words.iter().map(|word| word.join("|")).collect();
        assert_eq!(
            flat,
            ["C", "don", "t", "東|京", "tower", "e\u{301}te\u{301}"]
        );
    }
}
