//! Exactness of the o200k count, and that cutting a text into parts keeps it.

use anyai_tokens::Counter;

#[test]
fn published_counts_hold() {
    let counter = Counter::shared().unwrap();
    for (text, tokens) in [("", 0), ("hello world", 2), ("a", 1), ("   ", 1)] {
        assert_eq!(counter.count(text).o200k().count(), tokens, "{text:?}");
    }
}
