//! How long answers are thought to be.

use anyai_estimate::History;
use anyai_units::Tokens;

use crate::{conversation, count, draft, estimate};

#[test]
fn replies_so_far_tell_the_next() {
    let mut short = draft("And then?");
    short.history = conversation(4, 3);
    let mut long = short.clone();
    long.history = conversation(4, 200);
    let (short, long) = (estimate("gpt-6-sol", &short), estimate("gpt-6-sol", &long));
    assert!(long.output.likely.count() > 3 * short.output.likely.count());
}

#[test]
fn only_the_last_replies_count() {
    let mut history = conversation(10, 200);
    for _ in 0..3 {
        history.push_user(count("Shorter, please."), &[]);
        history.push_reply(count("As you wish."), Tokens::ZERO);
    }
    let mut fresh = History::new();
    for _ in 0..3 {
        fresh.push_user(count("Shorter, please."), &[]);
        fresh.push_reply(count("As you wish."), Tokens::ZERO);
    }
    let with = |history| anyai_estimate::DraftTurn {
        history,
        ..draft("And now?")
    };
    assert_eq!(
        estimate("gpt-6-sol", &with(history)).output,
        estimate("gpt-6-sol", &with(fresh)).output
    );
}

#[test]
fn thinking_that_was_billed_counts_as_length() {
    let reply = |thinking| {
        let mut turn = draft("And then?");
        turn.history.push_user(count("What?"), &[]);
        turn.history
            .push_reply(count("This."), Tokens::new(thinking));
        estimate("claude-opus-5-5", &turn)
    };
    assert!(reply(5_000).output.likely > reply(0).output.likely);
    assert_eq!(
        reply(5_000).input,
        reply(0).input,
        "but it is not sent again"
    );
}

#[test]
fn models_that_think_answer_longer() {
    let turn = draft("Which of three boxes should I open?");
    let plain = estimate("grok-4.20-0309-non-reasoning", &turn);
    let thinking = estimate("grok-4.20-0309-reasoning", &turn);
    assert!(thinking.output.likely > plain.output.likely);
    assert_eq!(plain.effort, None);
}

#[test]
fn a_length_asked_for_in_words_is_heeded() {
    let likely = |text: &str| {
        let estimate = estimate("grok-4.20-0309-non-reasoning", &draft(text));
        estimate.output.likely.count()
    };
    let sentence = likely("Describe a lighthouse in one sentence.");
    let short = likely("Describe a lighthouse in 100 words.");
    let long = likely("Describe a lighthouse in 2000 words.");
    assert!(
        sentence < short && short < long,
        "{sentence}, {short}, {long}"
    );
}
