//! A draft counted edit by edit equals the draft counted at once.

use anyai_tokens::{Counter, DraftCounter, Families, Family};
use proptest::prelude::*;

const WORDS: &[&str] = &[
    "the ",
    "pump\n",
    "Grüße ",
    "東京。",
    "x = {1, 2};\n",
    "don't ",
    "1234567 ",
    "\n\n",
    "  ",
    "…",
    "🙂 ",
    "안녕 ",
    "\r\n",
    "a",
    "'s ",
    "！",
    "Привет, ",
];

fn text(words: &[usize]) -> String {
    words.iter().map(|word| WORDS[word % WORDS.len()]).collect()
}

fn check(draft: &mut DraftCounter, text: &str) {
    let counter = Counter::shared().unwrap();
    let (kept, whole) = (draft.update(counter, text), counter.count(text));
    assert_eq!((kept.o200k(), kept.bytes()), (whole.o200k(), whole.bytes()));
    let families = Families::embedded().unwrap();
    for family in [Family::ClaudeV3, Family::ClaudeV47, Family::ClaudeV48] {
        assert_eq!(
            families.text(family, &kept),
            families.text(family, &whole),
            "{family:?}"
        );
    }
}

#[test]
fn typing_and_deleting_at_every_place() {
    let line = "Grüße, the quick brown fox's 42 jumps over 東京。 and more words\n";
    let mut content = line.repeat(120);
    let mut draft = DraftCounter::new();
    check(&mut draft, &content);
    for step in 0..60 {
        let at = content.floor_char_boundary(step * content.len() / 60);
        content.insert_str(at, ["x", " ", "\n", "é", "'s"][step % 5]);
        check(&mut draft, &content);
    }
    while content.len() > 100 {
        let from = content.floor_char_boundary(content.len() / 3);
        let to = content.floor_char_boundary(content.len() / 3 + content.len() / 10 + 1);
        content.replace_range(from..to, "");
        check(&mut draft, &content);
    }
    check(&mut draft, "");
    check(&mut draft, "again");
}

proptest! {
    #[test]
    fn any_edit_counts_like_the_whole(
        words in prop::collection::vec(any::<usize>(), 0..4_000),
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), 0usize..300, prop::collection::vec(any::<usize>(), 0..40)),
            1..8,
        ),
    ) {
        let mut draft = DraftCounter::new();
        let mut content = text(&words);
        check(&mut draft, &content);
        for (place, removed, inserted) in edits {
            let from = content.floor_char_boundary(place.index(content.len() + 1));
            let to = content.floor_char_boundary((from + removed).min(content.len())).max(from);
            content.replace_range(from..to, &text(&inserted));
            check(&mut draft, &content);
        }
    }
}
