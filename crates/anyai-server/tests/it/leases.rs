//! Leases: a hold is somebody's while its run says so, and nobody's a minute later.

use std::sync::atomic::Ordering;
use std::time::Duration;

use anyai_ledger_db::{Held, HoldRef, Ledger, OpenHold};
use anyai_units::{Credits, UtcMillis};
use anyai_wire::TurnPhase;
use anyai_wire::api::TurnRecord;

use crate::harness::{MODEL, START, TestStudio};
use crate::upkeep::{brisk, hold_request, until_nothing_is_held};

const MINUTE_MS: i64 = 60_000;

/// Holds credits as another program on the same ledger would, until then.
async fn hold_elsewhere(studio: &TestStudio, until: i64) -> HoldRef {
    let ledger = Ledger::open(&studio.ledger_path()).unwrap();
    let request = hold_request(studio, UtcMillis::from_millis(until));
    let now = UtcMillis::from_millis(studio.now.load(Ordering::SeqCst));
    let Held::New(hold) = ledger.hold(request, now).await.unwrap() else {
        panic!("a turn nobody sent before")
    };
    HoldRef::from(&hold)
}

async fn is_open(studio: &TestStudio, hold: HoldRef) -> bool {
    let ledger = Ledger::open(&studio.ledger_path()).unwrap();
    let open = ledger.open_holds().await.unwrap();
    open.iter().map(OpenHold::id).any(|id| id == hold.id)
}

/// Waits until the studio has looked for what is left open, from beginning to end.
async fn a_whole_round(studio: &TestStudio) {
    for _ in 0..2 {
        let now = studio.now.load(Ordering::SeqCst);
        let marker = hold_elsewhere(studio, now).await;
        let gone = async |studio: &TestStudio| !is_open(studio, marker).await;
        studio.until("a hold past its time goes back", gone).await;
    }
}

#[tokio::test]
async fn a_hold_of_another_program_is_left_alone_until_its_lease_is_over() {
    let studio = brisk().await;
    let hold = hold_elsewhere(&studio, START + MINUTE_MS).await;
    a_whole_round(&studio).await;
    assert!(is_open(&studio, hold).await, "somebody may see it through");
    studio.now.fetch_add(MINUTE_MS, Ordering::SeqCst);
    until_nothing_is_held(&studio).await;
    studio.finish().await;
}

#[tokio::test]
async fn a_start_ends_what_was_held_here_whatever_its_lease() {
    let mut studio = TestStudio::new().await;
    let hold = hold_elsewhere(&studio, START + MINUTE_MS).await;
    studio.crash();
    studio.open().await.unwrap();
    assert!(!is_open(&studio, hold).await, "the folder was its own");
    studio.finish().await;
}

#[tokio::test]
async fn a_turn_under_way_says_again_and_again_that_it_is_seen_through() {
    let mut studio = TestStudio::new().await;
    studio.crash();
    let mut options = studio.options();
    options.upkeep.lease = Duration::from_millis(90);
    studio.open_with(options).await.unwrap();
    let prompt = "[[think:tokens=5]][[pause:after=40]][[length:tokens=80]] Tell me";
    let post = studio.draft(MODEL, prompt).await;
    let _: TurnRecord = studio.post(&post).await.ok();
    studio.simulator.until_paused(1).await;
    for step in [50, 5_000, 500_000] {
        let now = studio.now.fetch_add(step, Ordering::SeqCst) + step;
        let renewed = async |studio: &TestStudio| {
            studio.ledger_value::<i64>("SELECT expires_at FROM hold") == now + 90
        };
        studio.until("its lease begins now", renewed).await;
    }
    let last: i64 = studio.ledger_value("SELECT expires_at FROM hold");
    studio.now.fetch_sub(3_600_000, Ordering::SeqCst);
    let moves = async |studio: &TestStudio| {
        studio.ledger_value::<i64>("SELECT expires_at FROM hold") > last
    };
    studio
        .until("it moves on when the clock is set back", moves)
        .await;
    studio.simulator.resume();
    studio.events(post.id, 0).await;
    studio.finish().await;
}

#[tokio::test]
async fn a_report_that_comes_after_a_void_is_never_charged() {
    let studio = TestStudio::new().await;
    let prompt = "[[think:tokens=5]][[pause:after=40]][[length:tokens=80]] Tell me";
    let post = studio.draft(MODEL, prompt).await;
    let _: TurnRecord = studio.post(&post).await.ok();
    studio.simulator.until_paused(1).await;
    let ledger = Ledger::open(&studio.ledger_path()).unwrap();
    let open = ledger.open_holds().await.unwrap();
    let now = UtcMillis::from_millis(START);
    let voided = ledger.void(&open[0], "ended elsewhere", now).await;
    assert_eq!(voided.unwrap().charged(), Credits::ZERO);
    drop((ledger, open));
    studio.simulator.resume();
    studio.events(post.id, 0).await;
    let TurnPhase::Settled { charged, .. } = studio.record(post.id).await.phase else {
        panic!("the answer came")
    };
    assert_eq!(charged, Credits::ZERO);
    assert_eq!(studio.balance().await.posted, Credits::ZERO);
    studio.finish().await;
}
