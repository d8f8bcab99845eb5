//! The words of a text, and the slots that words and pairs of words fall into.

/// Slots for words and pairs of words.
pub const WORD_SLOTS: usize = 1 << 14;

/// FNV-1a, 64 bit.
const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// A word: a run of letters and digits, in lower case, or one character of a script without spaces.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'a> {
    /// As written.
    pub(crate) text: &'a str,
    /// Of its lower-case letters.
    pub(crate) hash: u64,
    /// Whether it is the first of its line.
    pub(crate) starts_line: bool,
}

/// The hash of a word that is written in lower case.
pub(crate) const fn hash_of(word: &str) -> u64 {
    let bytes = word.as_bytes();
    let mut hash = FNV_START;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(FNV_PRIME);
        at += 1;
    }
    hash
}

/// Whether the script writes without spaces, so that a character is the best we have of a word.
pub(crate) fn is_unspaced(character: char) -> bool {
    matches!(character as u32,
        0x0E00..=0x0EFF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x2_0000..=0x3_FFFF)
}

/// Calls back with every word.
pub(crate) fn each<'a>(text: &'a str, mut call: impl FnMut(Word<'a>)) {
    let (mut start, mut hash, mut starts_line) = (None, FNV_START, true);
    let mut end_word =
        |start: &mut Option<usize>, end: usize, hash: u64, starts_line: &mut bool| {
            if let Some(from) = start.take() {
                let text = &text[from..end];
                call(Word {
                    text,
                    hash,
                    starts_line: *starts_line,
                });
                *starts_line = false;
            }
        };
    for (at, character) in text.char_indices() {
        let is_letter = character.is_alphanumeric();
        if !is_letter || is_unspaced(character) {
            end_word(&mut start, at, hash, &mut starts_line);
            starts_line |= character == '\n';
        }
        if !is_letter {
            continue;
        }
        if start.is_none() {
            start = Some(at);
            hash = FNV_START;
        }
        hash = hashed(hash, character);
        if is_unspaced(character) {
            let end = at + character.len_utf8();
            end_word(&mut start, end, hash, &mut starts_line);
        }
    }
    end_word(&mut start, text.len(), hash, &mut starts_line);
}

fn hashed(hash: u64, character: char) -> u64 {
    if character.is_ascii() {
        let byte = character.to_ascii_lowercase() as u64;
        return (hash ^ byte).wrapping_mul(FNV_PRIME);
    }
    let mut buffer = [0; 4];
    character.to_lowercase().fold(hash, |hash, lower| {
        let bytes = lower.encode_utf8(&mut buffer).bytes();
        bytes.fold(hash, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME)
        })
    })
}

/// The set of slots that a text's words and pairs of words fall into.
pub(crate) struct WordHashes {
    seen: [u64; WORD_SLOTS / 64],
    before: u64,
}

impl Default for WordHashes {
    fn default() -> Self {
        Self {
            seen: [0; WORD_SLOTS / 64],
            before: 0,
        }
    }
}

impl WordHashes {
    pub(crate) fn word(&mut self, word: Word<'_>) {
        self.mark(word.hash);
        self.mark((self.before.rotate_left(23) ^ word.hash).wrapping_mul(FNV_PRIME));
        self.before = word.hash;
    }

    fn mark(&mut self, hash: u64) {
        // The high bits are the better mixed ones.
        let slot = (hash >> 50) as usize ^ (hash & (WORD_SLOTS as u64 - 1)) as usize;
        self.seen[slot / 64] |= 1 << (slot % 64);
    }

    pub(crate) fn slots(&self) -> Vec<u16> {
        let mut slots = Vec::new();
        for (at, word) in self.seen.iter().enumerate() {
            let mut bits = *word;
            while bits != 0 {
                slots.push((at * 64) as u16 + bits.trailing_zeros() as u16);
                bits &= bits - 1;
            }
        }
        slots
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<(&str, bool)> {
        let mut found = Vec::new();
        each(text, |word| found.push((word.text, word.starts_line)));
        found
    }

    #[test]
    fn words_are_runs_and_unspaced_scripts_are_characters() {
        let expected = [
            ("Write", true),
            ("50", false),
            ("words", false),
            ("übers", true),
            ("東", false),
            ("京", false),
            ("2x", false),
        ];
        assert_eq!(words("Write 50-words\nübers 東京2x"), expected);
    }

    #[test]
    fn case_does_not_matter() {
        let hash = |text| {
            let mut found = 0;
            each(text, |word| found = word.hash);
            found
        };
        assert_eq!(hash("ÜBERSETZE"), hash_of("übersetze"));
        assert_ne!(hash("übersetze"), hash("übersetzen"));
    }
}
