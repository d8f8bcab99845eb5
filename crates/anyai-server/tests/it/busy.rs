//! Files that cannot be written just now: another program holds them, as a full disk would.

use std::time::Duration;

use anyai_wire::api::TurnRecord;
use anyai_wire::{StopReason, TurnEvent, TurnPhase};
use rusqlite::Connection;

use crate::harness::{MODEL, TestStudio, is_end};

/// Keeps everyone else from writing a file until it is dropped.
fn occupy(studio: &TestStudio, file: &str) -> Connection {
    let connection = Connection::open(studio.folder().join(file)).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection
}

async fn until_reconciling(studio: &TestStudio, turn: anyai_units::TurnId) {
    for _ in 0..1_500 {
        if matches!(
            studio.record(turn).await.phase,
            TurnPhase::Reconciling { .. }
        ) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the turn never began to reconcile");
}

async fn paused_turn(studio: &TestStudio) -> anyai_units::TurnId {
    let prompt = "[[think:tokens=5]][[pause:after=40]][[length:tokens=80]] Hi";
    let post = studio.draft(MODEL, prompt).await;
    let _: TurnRecord = studio.post(&post).await.ok();
    studio.simulator.until_paused(1).await;
    studio.until_tokens(post.id, 40).await;
    post.id
}

#[tokio::test]
async fn a_turn_that_cannot_be_settled_reconciles_and_settles_when_it_can() {
    let studio = TestStudio::new().await;
    let turn = paused_turn(&studio).await;
    let occupied = occupy(&studio, "ledger.sqlite");
    studio.simulator.resume();
    until_reconciling(&studio, turn).await;
    drop(occupied);
    let frames = studio.events(turn, 0).await;
    let reconciling = frames
        .iter()
        .position(|frame| matches!(frame.event, TurnEvent::Reconciling { .. }));
    assert!(reconciling.is_some(), "whoever listens is told: {frames:?}");
    assert!(
        is_end(&frames.last().unwrap().event),
        "and told how it ended"
    );
    let record = studio.record(turn).await;
    assert!(
        matches!(
            record.phase,
            TurnPhase::Settled {
                stop_reason: StopReason::Complete,
                ..
            }
        ),
        "{:?}",
        record.phase
    );
    assert!(
        !studio.receipt(turn).await.counted_here,
        "the provider's report was kept"
    );
    studio.finish().await;
}

#[tokio::test]
async fn a_crash_between_the_decision_and_the_ledger_settles_as_decided() {
    let mut studio = TestStudio::new().await;
    let turn = paused_turn(&studio).await;
    let occupied = occupy(&studio, "ledger.sqlite");
    studio.simulator.resume();
    until_reconciling(&studio, turn).await;
    studio.crash();
    drop(occupied);
    studio.open().await.unwrap();
    let record = studio.record(turn).await;
    assert!(
        matches!(
            record.phase,
            TurnPhase::Settled {
                stop_reason: StopReason::Complete,
                ..
            }
        ),
        "{:?}",
        record.phase
    );
    assert!(
        !studio.receipt(turn).await.counted_here,
        "the provider's report was kept"
    );
    studio.finish().await;
}

#[tokio::test]
async fn a_moment_without_disk_loses_no_word_and_keeps_the_end_and_its_usage() {
    let studio = TestStudio::new().await;
    let turn = paused_turn(&studio).await;
    let seen = studio.record(turn).await.text;
    let occupied = occupy(&studio, "history.sqlite");
    studio.simulator.resume();
    // Longer than a write waits for another program: at least one write fails.
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(studio.record(turn).await.text, seen, "nothing was stored");
    drop(occupied);
    studio.events(turn, 0).await;
    let record = studio.record(turn).await;
    assert!(
        matches!(
            record.phase,
            TurnPhase::Settled {
                stop_reason: StopReason::Complete,
                ..
            }
        ),
        "{:?}",
        record.phase
    );
    let words = anyai_simulator::count_tokens(&record.text);
    assert!(words >= 70, "{words} of 80 tokens: {:?}", record.text);
    assert!(record.text.starts_with(&seen));
    let receipt = studio.receipt(turn).await;
    assert!(!receipt.counted_here, "the provider's report was kept");
    studio.finish().await;
}
