//! How long one key press takes to be priced on every model, in a conversation of 100,000 tokens.
//!
//! The whole command is measured, JSON in and out, as a host runs it. A server that is written by
//! hand stands behind the app; a quote never asks it.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a bench prints its figures and may fail"
)]
#![expect(dead_code, reason = "the tests' fixtures do more than a bench needs")]

#[path = "../tests/it/fake/mod.rs"]
mod fake;
#[path = "../tests/it/host.rs"]
mod host;
#[path = "../tests/it/studio.rs"]
mod studio;

use std::time::{Duration, Instant};

use anyai_tokens::Counter;
use anyai_units::{ConversationId, TurnId};
use anyai_wire::{Quote, QuoteRequest};
use serde_json::json;
use uuid::Uuid;

use studio::{Running, World};

const HISTORY_TOKENS: u64 = 100_000;
const KEY_PRESSES: usize = 2_000;
const WARM_UP: usize = 100;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(run());
}

async fn run() {
    let world = World::new();
    let (leaf, tokens, turns) = long_conversation(&world);
    let running = world.open().await;
    let first = Instant::now();
    let models = press(&running, leaf, "W", 0).await;
    println!("conversation: {turns} turns, {tokens} o200k tokens; {models} models");
    println!(
        "first key press, which counts the conversation: {} us",
        first.elapsed().as_micros()
    );
    for (name, draft) in [
        ("empty draft", 0),
        ("draft of 2 kB", 2_000),
        ("draft of 20 kB", 20_000),
    ] {
        let mut took = measure(&running, leaf, draft).await;
        took.sort_unstable();
        println!(
            "{name}: p50 {} us, p99 {} us, most {} us, of {} key presses",
            percentile(&took, 50).as_micros(),
            percentile(&took, 99).as_micros(),
            took.last().copied().unwrap_or_default().as_micros(),
            took.len()
        );
    }
    running.app.shutdown().await;
}

/// Types at the end of a draft that has `draft` bytes already.
async fn measure(running: &Running, leaf: TurnId, draft: usize) -> Vec<Duration> {
    let mut text: String = PROSE.chars().cycle().take(draft).collect();
    let mut took = Vec::with_capacity(KEY_PRESSES);
    for (revision, key) in PROSE
        .chars()
        .cycle()
        .take(WARM_UP + KEY_PRESSES)
        .enumerate()
    {
        text.push(key);
        let pressed = Instant::now();
        press(running, leaf, &text, revision as u64).await;
        if revision >= WARM_UP {
            took.push(pressed.elapsed());
        }
    }
    took
}

async fn press(running: &Running, leaf: TurnId, text: &str, revision: u64) -> usize {
    let request = QuoteRequest {
        revision,
        conversation_id: None,
        parent_id: Some(leaf),
        parts: vec![anyai_wire::PromptPart::Text {
            text: text.to_owned(),
        }],
        effort_by_model: std::collections::BTreeMap::new(),
        answer_words_max: None,
        savers_of: None,
    };
    let quote: Quote = running.run("quote", json!(request)).await;
    quote.models.len()
}

/// Turns of about a thousand tokens, each with other words.
fn long_conversation(world: &World) -> (TurnId, u64, usize) {
    let conversation = ConversationId::from_uuid(Uuid::from_u128(1));
    let counter = Counter::shared().unwrap();
    let (mut leaf, mut tokens, mut turns) = (None, 0, 0);
    while tokens < HISTORY_TOKENS {
        let prompt = format!("Chapter {turns}. {PROSE}");
        let reply = format!("In chapter {turns} it says: {}", PROSE.repeat(5));
        tokens += counter.count(&prompt).o200k().count() + counter.count(&reply).o200k().count();
        leaf = Some(world.server.ended_turn(conversation, leaf, &prompt, &reply));
        turns += 1;
    }
    (leaf.unwrap(), tokens, turns)
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    sorted
        .get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or_default()
}

const PROSE: &str = "A ledger is a book in which nothing is ever rubbed out. Whoever opens it finds \
the first line where it was written, and every line after it in the order in which things happened; \
when something was wrong, a later line says so and by how much. The keeper of such a book sleeps \
well, because the sum at the foot of the page can be checked by anyone who can add. We borrowed the \
idea for credits: a turn is held before it is sent, settled when it ends, and what was not needed \
goes back, each step a line of its own. `let total = held - charged;` is the whole of the arithmetic. ";
