//! Exactness of the o200k count, and that no text is too strange or too long for it.

use anyai_tokens::{Counter, TextCount};

fn count(text: &str) -> u64 {
    Counter::shared().unwrap().count(text).o200k().count()
}

/// Counts by tiktoken-rs 0.12.1, which ships the same vocabulary.
const REFERENCE: &[(&str, u64)] = &[
    ("", 0),
    ("hello world", 2),
    ("Grüße aus Zürich, wo der Föhn weht.", 13),
    ("东京都千代田区的天气怎么样？", 10),
    ("fn main() { println!(\"{}\", 1 + 2); }\n\n", 13),
    ("   leading and trailing   \n\n\n", 6),
    ("1234567890 99.5%", 9),
    ("naïve café déjà-vu", 7),
    ("😀👩\u{200d}👩\u{200d}👧 family", 10),
    ("can't won't I'LL we've", 5),
    ("\t\tif x == y:\r\n\t\t\treturn\r\n", 9),
    ("안녕하세요 세계", 3),
    ("a\u{301}\u{301}b", 4),
];

#[test]
fn counts_equal_the_reference() {
    for (text, tokens) in REFERENCE {
        assert_eq!(count(text), *tokens, "{text:?}");
    }
}

#[test]
fn control_words_are_ordinary_text() {
    assert_eq!(
        count("<|endoftext|>"),
        7,
        "a person may write it; it is not one token"
    );
}

#[test]
fn a_text_of_many_parts_counts_as_the_sum_of_its_paragraphs() {
    // A paragraph that starts with a letter after a line break is a border of its own.
    for (paragraph, tokens) in REFERENCE.iter().filter(|(text, _)| !text.is_empty()) {
        let line = format!("Say: {paragraph} end.\n");
        let (one, many) = (count(&line), count(&line.repeat(400)));
        assert_eq!(many, 400 * one, "{paragraph:?} of {tokens}");
    }
}

#[test]
fn counts_add_up() {
    let counter = Counter::shared().unwrap();
    let parts = ["One message. ", "Другое сообщение. ", "第三条消息。"];
    let sum: TextCount = parts.iter().map(|part| counter.count(part)).sum();
    assert_eq!(sum.bytes(), parts.concat().len() as u64);
    assert_eq!(
        sum.o200k().count(),
        parts.iter().map(|part| count(part)).sum::<u64>()
    );
}

#[test]
fn no_text_breaks_it() {
    const LARGE: usize = 1 << 19;
    for unit in [
        " ", "\n", "\t \n", "a", "=", "0", "aB", "你", "e\u{301}", "\u{200d}", "'s", " x",
    ] {
        let text = unit.repeat(LARGE / unit.len());
        let tokens = count(&text);
        assert!(
            tokens > 0 && tokens <= text.len() as u64,
            "{unit:?} makes {tokens}"
        );
    }
    let framed = format!("x{}y", " ".repeat(LARGE));
    assert!(count(&framed) > 2);
}
