//! Blanks the insides of comments and strings. Lengths and line breaks stay, so positions agree.

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Rust,
    TypeScript,
    Svelte,
    Css,
}

/// The masked twin of a text.
pub(crate) fn mask(text: &str, language: Language) -> String {
    match language {
        Language::Rust => Masker::new(text).run(Masker::rust),
        Language::TypeScript => Masker::new(text).run(Masker::typescript),
        Language::Css => Masker::new(text).run(Masker::css),
        Language::Svelte => svelte(text),
    }
}

/// Script, style and markup of a component, each masked by its own rules.
fn svelte(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((start, tag)) = next_section(rest) {
        let open = rest[start..]
            .find('>')
            .map_or(rest.len(), |end| start + end + 1);
        let close = rest[open..]
            .find(&format!("</{tag}"))
            .map_or(rest.len(), |end| open + end);
        let language = if tag == "script" {
            Language::TypeScript
        } else {
            Language::Css
        };
        masked.push_str(&Masker::new(&rest[..open]).run(Masker::markup));
        masked.push_str(&mask(&rest[open..close], language));
        rest = &rest[close..];
    }
    masked.push_str(&Masker::new(rest).run(Masker::markup));
    masked
}

fn next_section(text: &str) -> Option<(usize, &'static str)> {
    let found = ["script", "style"]
        .into_iter()
        .filter_map(|tag| Some((text.find(&format!("<{tag}"))?, tag)));
    found.min()
}

/// Walks over a text and writes its twin.
struct Masker<'a> {
    text: &'a str,
    position: usize,
    masked: String,
}

impl<'a> Masker<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            position: 0,
            masked: String::with_capacity(text.len()),
        }
    }

    fn run(mut self, step: fn(&mut Self)) -> String {
        while self.position < self.text.len() {
            step(&mut self);
        }
        self.masked
    }

    fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    fn starts(&self, prefix: &str) -> bool {
        self.rest().starts_with(prefix)
    }

    /// Copies one character as it is.
    fn copy(&mut self) {
        if let Some(character) = self.rest().chars().next() {
            self.masked.push(character);
            self.position += character.len_utf8();
        }
    }

    /// Copies `count` ASCII characters as they are.
    fn copy_ascii(&mut self, count: usize) {
        (0..count).for_each(|_| self.copy());
    }

    /// Blanks one character.
    fn blank(&mut self) {
        if let Some(character) = self.rest().chars().next() {
            let twin = if character == '\n' {
                "\n"
            } else {
                &"    "[..character.len_utf8()]
            };
            self.masked.push_str(twin);
            self.position += character.len_utf8();
        }
    }

    fn blank_count(&mut self, bytes: usize) {
        let end = (self.position + bytes).min(self.text.len());
        while self.position < end {
            self.blank();
        }
    }

    fn blank_line(&mut self) {
        self.blank_count(self.rest().find('\n').unwrap_or(self.rest().len()));
    }

    /// Blanks to the end of `end`, which is blanked too.
    fn blank_through(&mut self, end: &str) {
        let length = self
            .rest()
            .find(end)
            .map_or(self.rest().len(), |found| found + end.len());
        self.blank_count(length);
    }

    /// A quoted text: the quotes stay, the inside goes.
    fn quoted(&mut self, quote: char) {
        self.copy();
        while let Some(character) = self.rest().chars().next() {
            match character {
                '\\' => {
                    self.blank();
                    self.blank();
                }
                _ if character == quote => return self.copy(),
                _ => self.blank(),
            }
        }
    }

    fn follows_word(&self) -> bool {
        self.masked.chars().next_back().is_some_and(is_word)
    }

    fn rust(&mut self) {
        if self.starts("//") {
            self.blank_line();
        } else if self.starts("/*") {
            self.nested_comment();
        } else if let Some(hashes) = self.raw_string() {
            self.raw(hashes);
        } else if self.starts("\"") {
            self.quoted('"');
        } else if self.starts("'") {
            self.character_or_lifetime();
        } else {
            self.copy();
        }
    }

    fn nested_comment(&mut self) {
        let mut depth = 0_usize;
        while self.position < self.text.len() {
            if self.starts("/*") {
                depth += 1;
                self.blank_count(2);
            } else if self.starts("*/") {
                depth -= 1;
                self.blank_count(2);
                if depth == 0 {
                    return;
                }
            } else {
                self.blank();
            }
        }
    }

    /// Number of `#` when a raw string starts here.
    fn raw_string(&self) -> Option<usize> {
        if self.follows_word() {
            return None;
        }
        let rest = ["r", "br", "cr"]
            .iter()
            .find_map(|prefix| self.rest().strip_prefix(prefix))?;
        let hashes = rest.bytes().take_while(|byte| *byte == b'#').count();
        rest[hashes..].starts_with('"').then_some(hashes)
    }

    fn raw(&mut self, hashes: usize) {
        let open = self.rest().find('"').unwrap_or(0);
        self.copy_ascii(open + 1);
        let end = format!("\"{}", "#".repeat(hashes));
        let inside = self.rest().find(&end).unwrap_or(self.rest().len());
        self.blank_count(inside);
        self.copy_ascii(end.len());
    }

    fn character_or_lifetime(&mut self) {
        let mut after = self.rest().chars().skip(1);
        let is_character = match after.next() {
            Some('\\') => true,
            Some(_) => after.next() == Some('\''),
            None => false,
        };
        if is_character {
            self.quoted('\'')
        } else {
            self.copy()
        }
    }

    fn typescript(&mut self) {
        if self.starts("//") {
            self.blank_line();
        } else if self.starts("/*") {
            self.blank_through("*/");
        } else if self.starts("\"") {
            self.quoted('"');
        } else if self.starts("'") {
            self.quoted('\'');
        } else if self.starts("`") {
            self.template();
        } else if self.starts("/") && self.regex_may_start() {
            self.regex();
        } else {
            self.copy();
        }
    }

    /// A template: its text goes, the code in its holes stays.
    fn template(&mut self) {
        self.copy();
        while self.position < self.text.len() {
            if self.starts("\\") {
                self.blank();
                self.blank();
            } else if self.starts("`") {
                return self.copy();
            } else if self.starts("${") {
                self.blank();
                self.hole();
            } else {
                self.blank();
            }
        }
    }

    fn hole(&mut self) {
        let mut depth = 0_usize;
        while self.position < self.text.len() {
            let opens = self.starts("{");
            let closes = self.starts("}");
            self.typescript();
            depth = depth + usize::from(opens) - usize::from(closes);
            if depth == 0 {
                return;
            }
        }
    }

    /// A slash divides after a value, and opens a pattern elsewhere.
    fn regex_may_start(&self) -> bool {
        let before = self.masked.trim_end();
        let ends_in_value = before
            .ends_with(|last: char| is_word(last) || matches!(last, ')' | ']' | '"' | '\'' | '`'));
        !ends_in_value || before.ends_with("return")
    }

    fn regex(&mut self) {
        self.copy();
        let mut in_class = false;
        while let Some(character) = self.rest().chars().next() {
            match character {
                '\n' => return,
                '\\' => self.blank(),
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => return self.copy(),
                _ => {}
            }
            self.blank();
        }
    }

    fn css(&mut self) {
        if self.starts("/*") {
            self.blank_through("*/")
        } else {
            self.copy()
        }
    }

    fn markup(&mut self) {
        if self.starts("<!--") {
            self.blank_through("-->")
        } else {
            self.copy()
        }
    }
}

/// Whether the character can be part of a name.
pub(crate) fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(language: Language, text: &str, expected: &str) {
        let masked = mask(text, language);
        assert_eq!(masked, expected);
        assert_eq!(masked.len(), text.len(), "positions agree");
    }

    #[test]
    fn rust_comments_and_strings_go() {
        check(Language::Rust, "a // f64\nb", "a       \nb");
        check(Language::Rust, "a /* x /* y */ */ b", "a                 b");
        check(
            Language::Rust,
            r#"f("a\"b", 'x', '\'')"#,
            r#"f("    ", ' ', '  ')"#,
        );
        check(Language::Rust, r###"r#"a"b"# x"###, r###"r#"   "# x"###);
    }

    #[test]
    fn rust_lifetimes_are_no_strings() {
        check(
            Language::Rust,
            "fn a<'a>(x: &'a str) { 'b' }",
            "fn a<'a>(x: &'a str) { ' ' }",
        );
    }

    #[test]
    fn wide_characters_keep_positions() {
        check(Language::Rust, "\"ä€\" x", "\"     \" x");
    }

    #[test]
    fn typescript_templates_keep_their_holes() {
        check(
            Language::TypeScript,
            "`a ${fetch(`b`)} c` d",
            "`   {fetch(` `)}  ` d",
        );
        check(Language::TypeScript, "x = '/*'; // any", "x = '  ';       ");
    }

    #[test]
    fn typescript_patterns_are_no_division() {
        check(
            Language::TypeScript,
            "a = /[/'\"]x/g; b = c / d / e;",
            "a = /      /g; b = c / d / e;",
        );
    }

    #[test]
    fn each_part_of_a_component_has_its_rules() {
        let text = "<!-- #fff --><script>let a = '#fff'; // b\n</script><p>'it</p><style>/* #fff */ p {}</style>";
        let masked = mask(text, Language::Svelte);
        assert!(!masked.contains("#fff"), "{masked}");
        assert!(
            masked.contains("<p>'it</p>") && masked.contains(" p {}"),
            "{masked}"
        );
        assert_eq!(masked.len(), text.len());
    }
}
