//! One key typed in a 100,000-token conversation: count the draft, then estimate every model.
//! `cargo bench -p anyai-estimate --bench keystroke`
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark reports and may stop"
)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyai_catalog::Catalogue;
use anyai_estimate::{DraftTurn, Estimator, History};
use anyai_tokens::{Counter, DraftCounter};
use anyai_units::{Tokens, UtcMillis};

/// 2026-11-22T12:00:00Z.
const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);
const SENTENCE: &str =
    "The keeper wrote down the wind, the height of the sea and every ship that passed. ";

fn main() {
    let started = Instant::now();
    let counter = Counter::shared().unwrap();
    println!(
        "load the vocabulary:                         {:>9.1?}",
        started.elapsed()
    );
    let estimator = Estimator::new(Arc::new(Catalogue::embedded().unwrap())).unwrap();
    let started = Instant::now();
    let history = conversation(counter, 100_000);
    println!(
        "count a 100,000-token conversation, once:    {:>9.1?}",
        started.elapsed()
    );
    for (name, start_bytes) in [
        ("a new draft", 0),
        ("a 2 kB draft", 2_000),
        ("a 20 kB draft", 20_000),
        ("a 3 MB draft", 3_000_000),
    ] {
        let mut keys = type_draft(counter, &estimator, &history, start_bytes);
        keys.sort();
        let at = |permille: usize| keys[(keys.len() - 1) * permille / 1_000];
        println!(
            "a key in {name:<14} all {} models:   p50 {:>8.1?}  p99 {:>8.1?}  worst {:>8.1?}",
            estimator.catalogue().offered(NOW).count(),
            at(500),
            at(990),
            at(1_000),
        );
    }
}

fn conversation(counter: &Counter, tokens: u64) -> History {
    let mut history = History::new();
    let (question, answer) = (counter.count(SENTENCE), SENTENCE.repeat(40));
    let mut sum = Tokens::ZERO;
    while sum.count() < tokens {
        let answer = counter.count(&answer);
        history.push_user(question, &[]);
        history.push_reply(answer, Tokens::ZERO);
        sum += question.o200k() + answer.o200k();
    }
    history
}

fn type_draft(
    counter: &Counter,
    estimator: &Estimator,
    history: &History,
    start_bytes: usize,
) -> Vec<Duration> {
    let mut turn = DraftTurn {
        history: history.clone(),
        ..DraftTurn::default()
    };
    let mut text = SENTENCE.repeat(start_bytes / SENTENCE.len());
    let mut draft = DraftCounter::new();
    draft.update(counter, &text);
    let keys = SENTENCE.chars().cycle().take(2_000);
    keys.map(|key| {
        text.push(key);
        let started = Instant::now();
        turn.draft = draft.update(counter, &text);
        turn.prompt = estimator.read([text.as_str()]);
        black_box(estimator.estimate_all(&turn, NOW));
        started.elapsed()
    })
    .collect()
}
