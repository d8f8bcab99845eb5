//! What a text is made of, from its characters alone.

use crate::count::TextKind;

/// Runs of one character shorter than this are ordinary text.
const RUN_CHARS: u64 = 16;

#[derive(Default)]
pub(crate) struct Makeup {
    latin: u64,
    accented: u64,
    symbols: u64,
    ascii: u64,
    han: u64,
    kana: u64,
    hangul: u64,
    cyrillic: u64,
    other: u64,
    pub(crate) run_bytes: u64,
}

impl Makeup {
    pub(crate) fn of(text: &str) -> Self {
        let mut makeup = Self::default();
        let (mut last, mut run) = ('\0', 0u64);
        for c in text.chars() {
            makeup.add(c);
            run = if c == last { run + 1 } else { 1 };
            last = c;
            match run {
                RUN_CHARS => makeup.run_bytes += RUN_CHARS * c.len_utf8() as u64,
                longer if longer > RUN_CHARS => makeup.run_bytes += c.len_utf8() as u64,
                _ => {}
            }
        }
        makeup
    }

    fn add(&mut self, c: char) {
        let bytes = c.len_utf8() as u64;
        match c {
            '\0'..='\x7f' => {
                self.ascii += 1;
                if c.is_ascii_alphabetic() {
                    self.latin += 1;
                } else if matches!(
                    c,
                    '{' | '}'
                        | '('
                        | ')'
                        | '['
                        | ']'
                        | ';'
                        | '='
                        | '<'
                        | '>'
                        | '_'
                        | '|'
                        | '\\'
                        | '/'
                        | '*'
                        | '+'
                        | '&'
                        | '$'
                        | '#'
                        | '@'
                        | '\t'
                ) {
                    self.symbols += 1;
                }
            }
            '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => self.accented += bytes,
            '\u{370}'..='\u{52f}' => self.cyrillic += bytes,
            '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}' => {
                self.hangul += bytes;
            }
            '\u{3040}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9d}' => self.kana += bytes,
            '\u{3000}'..='\u{303f}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff00}'..='\u{ffef}'
            | '\u{20000}'..='\u{3ffff}' => {
                self.han += bytes;
            }
            // General punctuation: dashes and quotes of any language.
            '\u{80}'..='\u{bf}' | '\u{2000}'..='\u{206f}' => {}
            _ => self.other += bytes,
        }
    }

    /// Tokens apportioned to the kinds by their bytes; the parts sum to the whole.
    pub(crate) fn apportion(&self, tokens: u64) -> [u64; TextKind::ALL.len()] {
        let weights = self.weights();
        let total: u64 = weights.iter().sum();
        let mut parts = [0; TextKind::ALL.len()];
        let (mut left, mut largest) = (tokens, 0);
        for (at, weight) in weights.iter().enumerate() {
            parts[at] = (tokens * weight).checked_div(total).unwrap_or(0);
            left -= parts[at];
            if *weight > weights[largest] {
                largest = at;
            }
        }
        parts[largest] += left;
        parts
    }

    fn weights(&self) -> [u64; TextKind::ALL.len()] {
        let latin = self.latin + self.accented;
        // Prose has few of these symbols; a fifteenth of all ASCII is program text or data.
        let is_code = self.symbols * 15 > self.ascii || (latin == 0 && self.ascii > 0);
        let is_accented = self.accented * 100 > latin;
        let latin_kind = match (is_code, is_accented) {
            (true, _) => TextKind::Code,
            (false, true) => TextKind::Accented,
            (false, false) => TextKind::Plain,
        };
        // Japanese writes a tenth or more of its text in kana.
        let is_japanese = self.kana * 10 > self.han + self.kana;
        let (han, kana) = if is_japanese {
            (0, self.han + self.kana)
        } else {
            (self.han + self.kana, 0)
        };
        let is_bare = latin + han + kana + self.hangul + self.cyrillic + self.other == 0;
        TextKind::ALL.map(|kind| match kind {
            TextKind::Han => han,
            TextKind::Kana => kana,
            TextKind::Hangul => self.hangul,
            TextKind::Cyrillic => self.cyrillic,
            TextKind::Other => self.other,
            kind if kind == latin_kind => {
                if is_bare {
                    1
                } else {
                    latin
                }
            }
            TextKind::Plain | TextKind::Accented | TextKind::Code => 0,
        })
    }
}
