//! The characters of a prompt: which scripts, how much code, how many questions.

use super::ln1p;
use super::words::Word;

/// Addresses and the first line are looked for up to here.
const START_BYTES: usize = 64 << 10;

/// Counts over what is read of a prompt.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Characters {
    all: u64,
    letters: u64,
    digits: u64,
    capitals: u64,
    accented: u64,
    unspaced: u64,
    hangul: u64,
    other_scripts: u64,
    code_marks: u64,
    math_marks: u64,
    quotes: u64,
    questions: u64,
    fences: u64,
    lines: u64,
    list_lines: u64,
    indented_lines: u64,
    words: u64,
    word_bytes: u64,
}

impl Characters {
    pub(crate) fn read(&mut self, text: &str) {
        let mut before = '\n';
        for character in text.chars() {
            self.all += 1;
            if character.is_ascii() {
                self.ascii(character, before);
            } else {
                self.wide(character);
            }
            before = character;
        }
        self.lines += u64::from(!text.is_empty() && before != '\n');
        self.fences += text.matches("```").count() as u64;
    }

    fn ascii(&mut self, character: char, before: char) {
        let starts_line = before == '\n';
        match character {
            'a'..='z' => self.letters += 1,
            'A'..='Z' => {
                self.letters += 1;
                self.capitals += 1;
            }
            '0'..='9' => {
                self.digits += 1;
                self.list_lines += u64::from(starts_line);
            }
            '\n' => self.lines += 1,
            '?' => self.questions += 1,
            '"' => self.quotes += 1,
            '{' | '}' | ';' | '=' | '(' | ')' | '<' | '>' | '[' | ']' | '_' | '/' | '|' => {
                self.code_marks += 1;
            }
            '\\' | '^' | '$' | '+' => self.math_marks += 1,
            '-' | '*' | '#' => self.list_lines += u64::from(starts_line),
            ' ' | '\t' => self.indented_lines += u64::from(starts_line),
            _ => {}
        }
    }

    fn wide(&mut self, character: char) {
        match character as u32 {
            0x2018..=0x201F | 0xAB | 0xBB | 0x300C..=0x300F => self.quotes += 1,
            0xFF1F | 0x61F | 0x37E => self.questions += 1,
            0xC0..=0x24F | 0x1E00..=0x1EFF => {
                self.accented += 1;
                self.letters += 1;
            }
            0xAC00..=0xD7AF => {
                self.hangul += 1;
                self.letters += 1;
            }
            0x3040..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF => {
                self.unspaced += 1;
                self.letters += 1;
            }
            0x2200..=0x22FF | 0xB2 | 0xB3 | 0xB0 => self.math_marks += 1,
            _ if character.is_alphabetic() => {
                self.other_scripts += 1;
                self.letters += 1;
            }
            _ => {}
        }
    }

    pub(crate) fn word(&mut self, word: Word<'_>) {
        self.words += 1;
        self.word_bytes += word.text.len() as u64;
    }

    /// The counts as figures; `text` is the whole prompt, for what does not have to be read.
    pub(crate) fn figures(&self, text: &str) -> [f32; 21] {
        let share = |part: u64| part as f32 / self.all.max(1) as f32;
        let end = text.trim_end();
        let asks_at_end = end.ends_with(['?', '？', '؟']);
        let start = &text[..text.floor_char_boundary(START_BYTES)];
        let asks_at_start = start
            .trim_start()
            .split('\n')
            .next()
            .is_some_and(|line| line.contains(['?', '？', '؟']));
        [
            ln1p(text.len() as u64),
            ln1p(self.words),
            ln1p(self.lines),
            self.word_bytes as f32 / self.words.max(1) as f32,
            share(self.digits),
            share(self.capitals),
            share(self.accented),
            share(self.unspaced),
            share(self.hangul),
            share(self.other_scripts),
            share(self.code_marks),
            share(self.math_marks),
            ln1p(self.quotes),
            ln1p(self.questions),
            f32::from(u8::from(asks_at_end)),
            f32::from(u8::from(asks_at_start)),
            self.fences.min(6) as f32,
            ln1p(self.list_lines),
            ln1p(self.indented_lines),
            start.matches("http").take(6).count() as f32,
            self.letters as f32 / self.all.max(1) as f32,
        ]
    }
}
