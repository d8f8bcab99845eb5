//! Claude's counts against those of ctok 1.3.0, which agree with the provider's own on all of its 2,514
//! documents.

use anyai_tokens::{Counter, Families, Family, TextCount};
use proptest::prelude::*;

const FAMILIES: [Family; 3] = [Family::ClaudeV3, Family::ClaudeV47, Family::ClaudeV48];

fn count(text: &str) -> TextCount {
    Counter::shared().unwrap().count(text)
}

fn tokens(text: &str) -> [u64; 3] {
    let families = Families::embedded().unwrap();
    FAMILIES.map(|family| families.text(family, &count(text)).expected.likely.count())
}

/// A text, and what it costs within a message: Claude 3 to Opus 4.6, Opus 4.7, Opus 4.8 and later.
const REFERENCE: &[(&str, [u64; 3])] = &[
    ("hello, world", [3, 4, 4]),
    ("NASA likes tokenizers", [4, 10, 10]),
    (" a", [1, 1, 2]),
    ("  a", [2, 2, 2]),
    ("it's Bob's", [4, 6, 6]),
    ("x 'REXX", [6, 6, 6]),
    ("The pump’s “filter”…", [7, 10, 10]),
    ("Grüße aus Zürich, wo der Föhn weht.", [17, 21, 21]),
    ("东京都千代田区的天气怎么样？", [16, 16, 15]),
    (
        "灯台は1887年に建てられ、それ以来毎晩灯っています。",
        [27, 27, 26],
    ),
    (
        "등대는 1887년에 지어졌고 그 이후로 매일 밤 켜져 있었습니다.",
        [38, 38, 37],
    ),
    (
        "Маяк был построен в 1887 году и с тех пор горит каждую ночь.",
        [28, 28, 28],
    ),
    ("बत्ती घर बहुत पुराना है और हर रात जलता है।", [26, 26, 26]),
    ("fn main() { println!(\"{}\", 1 + 2); }\n\n", [16, 19, 19]),
    ("a\n\n\n", [1, 1, 1]),
    ("\n", [1, 1, 0]),
    ("1 2 333 4444 55555", [12, 12, 11]),
    ("🙂 ok ⚖\u{fe0f} yes", [13, 15, 14]),
    (
        "\u{645}\u{631}\u{62d}\u{628}\u{627} \u{628}\u{627}\u{644}\u{639}\u{627}\u{644}\u{645} \u{663}\u{664}\u{665}",
        [17, 17, 17],
    ),
    ("İstanbul ẞ ΘΆ ΣΊΣΥΦΟΣ", [22, 31, 31]),
    ("e\u{301}té \u{e01}\u{e4d}\u{e32}", [4, 4, 4]),
    ("a\u{200b}b\u{a0}c\u{7}d", [4, 5, 5]),
    ("x\u{e000}y", [1, 2, 2]),
    ("\u{fdd0} \u{fdd3}", [9, 9, 8]),
    (
        "def total(lines):\n    return sum(line['tokens'] * RATES[line['kind']] for line in lines)\n",
        [28, 36, 36],
    ),
    ("½ cup ² №5 § 7 € 10", [16, 17, 16]),
    ("Ⅷ ⓐⓑ ᛮ", [19, 19, 19]),
    (
        "\u{5d0}\u{5b1}\u{5dc}\u{5b9}\u{5d4}\u{5b4}\u{5d9}\u{5dd} \u{710}\u{742}\u{712}",
        [19, 19, 19],
    ),
    ("CamelCase snake_case HTTPServer IDs", [11, 18, 18]),
    ("QQ AAA AAAA GaN", [10, 13, 13]),
];

#[test]
fn every_kind_of_text_counts_as_ctok_counts_it() {
    for (text, reference) in REFERENCE {
        assert_eq!(tokens(text), *reference, "{text:?}");
    }
}

/// Longer than a part, so that it is cut: the parts count as the whole would.
#[test]
fn a_long_text_counts_as_its_words() {
    let sentence = "The pump of the fountain stands still. Насос фонтана стоит. ";
    let [once, twice] = [1, 2].map(|times| tokens(&sentence.repeat(times)));
    let many = tokens(&sentence.repeat(900));
    for family in 0..3 {
        let each = twice[family] - once[family];
        assert_eq!(
            many[family],
            once[family] + 899 * each,
            "{:?}",
            FAMILIES[family]
        );
    }
}

proptest! {
    /// Whatever is in it, a text has a count, and never more than three tokens a byte and one.
    #[test]
    fn any_text_is_counted(text in any::<String>()) {
        for tokens in tokens(&text) {
            prop_assert!(tokens <= 3 * text.len() as u64 + 1);
        }
    }
}

#[test]
fn a_letter_whose_small_form_is_longer_stays_below_the_bound() {
    let grows = |c: &char| c.to_lowercase().map(char::len_utf8).sum::<usize>() > c.len_utf8();
    let letters: Vec<char> = ('\0'..=char::MAX).filter(grows).collect();
    assert!(letters.contains(&'Ⱥ'), "{letters:?}");
    for letter in letters {
        for text in [
            letter.to_string(),
            format!("{letter}a").repeat(50),
            letter.to_string().repeat(99),
        ] {
            for tokens in tokens(&text) {
                assert!(tokens <= 3 * text.len() as u64 + 1, "{tokens} for {text}");
            }
        }
    }
}
