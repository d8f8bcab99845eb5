//! The simulator's own token count: one rule for every provider, exact and easy to predict.

/// Letters and digits a token holds at most.
const WORD_CHARS_MAX: usize = 8;

/// Counts the tokens of a text: one for each piece of at most 8 letters or digits together with
/// the one space before it, each pair of other letters (Chinese, Japanese), each run of one
/// punctuation mark, and each run of white space.
///
/// It comes out at or a little under what the providers' tokenizers say, so an estimate that is an upper
/// bound for them is one here too.
#[must_use]
pub fn count_tokens(text: &str) -> u64 {
    pieces(text).count() as u64
}

/// The tokens of a text; joined they are the text.
pub(crate) fn pieces(text: &str) -> Pieces<'_> {
    Pieces { rest: text }
}

#[derive(Clone, Debug)]
pub(crate) struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let first = self.rest.chars().next()?;
        let second = self.rest.chars().nth(1);
        let joins = first == ' ' && second.is_some_and(|c| !c.is_whitespace());
        let lead = usize::from(joins);
        let body = &self.rest[lead..];
        let end = lead + body_len(body);
        let (piece, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some(piece)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Wide,
    Space,
    Mark(char),
}

fn kind(character: char) -> Kind {
    match character {
        c if c.is_whitespace() => Kind::Space,
        c if c.is_alphanumeric() && u32::from(c) < 0x0250 => Kind::Word,
        c if c.is_alphanumeric() => Kind::Wide,
        c => Kind::Mark(c),
    }
}

/// Bytes of the token a text starts with; the text is not empty.
fn body_len(text: &str) -> usize {
    let Some(first) = text.chars().next() else {
        return 0;
    };
    let wanted = kind(first);
    let most = match wanted {
        Kind::Word => WORD_CHARS_MAX,
        Kind::Wide => 2,
        Kind::Space | Kind::Mark(_) => usize::MAX,
    };
    let same = text.chars().take(most).take_while(|c| kind(*c) == wanted);
    same.map(char::len_utf8).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        pieces(text).collect()
    }

    #[test]
    fn splits_as_documented() {
        assert_eq!(split("Hello, world!!"), ["Hello", ",", " world", "!!"]);
        assert_eq!(split("understanding"), ["understa", "nding"]);
        assert_eq!(split("a  b\n\n- c"), ["a", "  ", "b", "\n\n", "-", " c"]);
        assert_eq!(split("日本語"), ["日本", "語"]);
        assert_eq!(split(" "), [" "]);
        assert_eq!(split(""), Vec::<&str>::new());
    }

    #[test]
    fn loses_nothing() {
        for text in [
            "",
            "  x ",
            "a\r\n\tb",
            "naïve café 🙂🙂!",
            "x = {\"y\": [1, 22]};",
            "…—“q”",
        ] {
            assert_eq!(pieces(text).collect::<String>(), text);
            assert_eq!(
                pieces(text).filter(|piece| piece.is_empty()).count(),
                0,
                "{text:?}"
            );
        }
    }
}
