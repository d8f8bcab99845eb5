//! A provider is asked what became of an answer whose run is gone.

use std::sync::atomic::Ordering;
use std::time::Duration;

use anyai_simulator::Options;
use anyai_units::{Credits, TurnId};
use anyai_wire::api::TurnRecord;
use anyai_wire::{Code, Receipt, ReceiptLineKind, TurnPhase};

use crate::harness::{TestStudio, assert_whole};

/// A model whose provider can be asked.
const MODEL: &str = "gpt-6-luna";
const HOUR_MS: i64 = 60 * 60 * 1_000;

/// A studio whose program dies in the middle of an answer.
async fn died_midway(keep_answers: bool) -> (TestStudio, TurnId) {
    let options = Options {
        keep_answers,
        ..Options::default()
    };
    let mut studio = TestStudio::with("pro", options).await;
    let prompt = "[[think:tokens=5]][[pause:after=40]][[length:tokens=300]] Tell me";
    let post = studio.draft(MODEL, prompt).await;
    let _: TurnRecord = studio.post(&post).await.ok();
    studio.simulator.until_paused(1).await;
    studio.until_tokens(post.id, 40).await;
    let noted = async |studio: &TestStudio| {
        studio.ledger_value::<bool>("SELECT provider_op IS NOT NULL FROM hold")
    };
    studio
        .until("the ledger knows the provider's id", noted)
        .await;
    studio.crash();
    (studio, post.id)
}

async fn open_brisk(
    studio: &mut TestStudio,
    change: impl FnOnce(&mut anyai_server::ServerOptions),
) {
    let mut options = studio.options();
    options.upkeep.reconcile_every = Duration::from_millis(20);
    change(&mut options);
    studio.open_with(options).await.unwrap();
}

/// Waits until the turn is over: its record, and its receipt.
async fn over(studio: &TestStudio, turn: TurnId) -> (TurnRecord, Receipt) {
    let over = async |studio: &TestStudio| {
        matches!(studio.record(turn).await.phase, TurnPhase::Failed { .. })
    };
    studio.until("the turn is over", over).await;
    let record = studio.record(turn).await;
    assert_whole(&record, &studio.events(turn, 0).await);
    let TurnPhase::Failed { error, .. } = &record.phase else {
        panic!("{:?}", record.phase)
    };
    assert_eq!(error.code, Code::Interrupted);
    (record, studio.receipt(turn).await)
}

fn answer_tokens(receipt: &Receipt) -> u64 {
    let answer = |line: &&anyai_wire::ReceiptLine| line.kind == ReceiptLineKind::Answer;
    let lines = receipt.lines.iter().filter(answer);
    lines.map(|line| line.quantity).sum()
}

fn questions(studio: &TestStudio) -> usize {
    let requests = studio.simulator.requests();
    let asked = |path: &str| path.contains("/responses/resp_");
    requests
        .iter()
        .filter(|request| asked(&request.path))
        .count()
}

#[tokio::test]
async fn what_the_provider_says_is_charged() {
    let (mut studio, turn) = died_midway(true).await;
    open_brisk(&mut studio, |_| {}).await;
    let (record, receipt) = over(&studio, turn).await;
    assert!(!receipt.counted_here, "the provider reported it");
    assert_eq!(answer_tokens(&receipt), 300, "the whole answer was billed");
    assert!(receipt.charged.unwrap() <= receipt.held);
    assert!(!record.text.is_empty());
    assert_eq!(questions(&studio), 1);
    studio.simulator.resume();
    studio.finish().await;
}

#[tokio::test]
async fn what_the_provider_keeps_nothing_of_is_charged_as_far_as_it_came() {
    let (mut studio, turn) = died_midway(false).await;
    open_brisk(&mut studio, |_| {}).await;
    let (_, receipt) = over(&studio, turn).await;
    assert!(receipt.counted_here);
    let tokens = answer_tokens(&receipt);
    assert!((1..300).contains(&tokens), "{tokens}");
    assert_eq!(questions(&studio), 1, "once is enough: it keeps nothing");
    studio.simulator.resume();
    studio.finish().await;
}

#[tokio::test]
async fn an_unreachable_provider_is_asked_for_two_days_and_nothing_is_given_back_before() {
    let (mut studio, turn) = died_midway(true).await;
    let closed = "http://127.0.0.1:9/v1".to_owned();
    open_brisk(&mut studio, |options| {
        options
            .endpoints
            .base_urls
            .insert("openai".to_owned(), closed);
    })
    .await;
    let unknown = async |studio: &TestStudio| {
        studio.ledger_value::<String>("SELECT state FROM hold") == "unknown"
    };
    studio
        .until("nobody knows what became of it", unknown)
        .await;
    for _ in 0..4 {
        let phase = studio.record(turn).await.phase;
        assert!(matches!(phase, TurnPhase::Reconciling { .. }), "{phase:?}");
        assert!(studio.balance().await.pending > Credits::ZERO);
        studio.now.fetch_add(11 * HOUR_MS, Ordering::SeqCst);
    }
    studio.now.fetch_add(5 * HOUR_MS, Ordering::SeqCst);
    let (_, receipt) = over(&studio, turn).await;
    assert!(receipt.counted_here, "what came is charged after all");
    assert!(receipt.charged.unwrap() > Credits::ZERO);
    studio.simulator.resume();
    studio.finish().await;
}

#[tokio::test]
async fn a_provider_that_answers_again_later_is_believed() {
    let (mut studio, turn) = died_midway(true).await;
    let closed = "http://127.0.0.1:9/v1".to_owned();
    open_brisk(&mut studio, |options| {
        options
            .endpoints
            .base_urls
            .insert("openai".to_owned(), closed);
    })
    .await;
    let marked = async |studio: &TestStudio| {
        matches!(
            studio.record(turn).await.phase,
            TurnPhase::Reconciling { .. }
        )
    };
    studio.until("the turn waits", marked).await;
    studio.crash();
    open_brisk(&mut studio, |_| {}).await;
    let (_, receipt) = over(&studio, turn).await;
    assert!(!receipt.counted_here);
    assert_eq!(answer_tokens(&receipt), 300);
    studio.simulator.resume();
    studio.finish().await;
}
