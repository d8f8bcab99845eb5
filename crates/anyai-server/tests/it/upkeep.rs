//! What was left open is ended while the studio runs: nothing stays held until a restart.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use anyai_ledger::{HoldRequest, WorkKind};
use anyai_server::Clock;
use anyai_units::{Credits, MemberId, TurnId, UtcMillis};
use anyai_wire::api::{Offers, TurnRecord};
use anyai_wire::health::{Health, SwitchedOff};
use anyai_wire::{Code, TurnPhase};
use http::{Method, StatusCode};
use rusqlite::Connection;
use uuid::Uuid;

use crate::harness::{MODEL, START, TestStudio, assert_whole};

const HOUR_MS: i64 = 60 * 60 * 1_000;

/// A studio that looks after itself many times a second.
pub(crate) async fn brisk() -> TestStudio {
    let mut studio = TestStudio::new().await;
    studio.crash();
    let mut options = studio.options();
    options.upkeep.reconcile_every = Duration::from_millis(20);
    studio.open_with(options).await.unwrap();
    studio
}

pub(crate) async fn until_nothing_is_held(studio: &TestStudio) {
    for _ in 0..500 {
        if studio.balance().await.pending == Credits::ZERO {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("credits stay held: {:?}", studio.balance().await);
}

pub(crate) fn hold_request(studio: &TestStudio, expires_at: UtcMillis) -> HoldRequest {
    HoldRequest {
        pool: studio.server().pool_id(),
        member: MemberId::from_uuid(Uuid::now_v7()),
        turn: TurnId::from_uuid(Uuid::now_v7()),
        fingerprint: [7; 32],
        estimate: Credits::from_millicredits(10),
        ceiling: Credits::from_millicredits(1_000),
        price_version: 1,
        model: MODEL.to_owned(),
        kind: WorkKind::Chat,
        conversation: None,
        expires_at,
    }
}

async fn switched_off(studio: &TestStudio) -> Vec<SwitchedOff> {
    let health: Health = studio.get("/v1/health").await;
    let offers: Offers = studio.get("/v1/offers").await;
    let off = health.switched_off;
    let offered: Vec<_> = offers.switched_off.into_iter().collect();
    let named: Vec<_> = off.iter().map(|off| off.model_id.clone()).collect();
    assert_eq!(offered, named, "offers and health agree");
    off
}

#[tokio::test]
async fn a_model_that_costs_the_house_too_much_is_switched_off_for_a_day() {
    const DEAR: &str = "claude-opus-5-5";
    let mut studio = brisk().await;
    let overrun = async |studio: &TestStudio| {
        let post = studio.draft(DEAR, "[[fault:overrun by=300000]] Hi").await;
        let turn = studio.complete(&post).await;
        studio.receipt(turn.id).await.overrun
    };
    let once = overrun(&studio).await;
    let is_off = async |studio: &TestStudio| !switched_off(studio).await.is_empty();
    let is_on = async |studio: &TestStudio| switched_off(studio).await.is_empty();
    studio.close_files().await;
    let mut options = studio.options();
    options.upkeep.reconcile_every = Duration::from_millis(20);
    options.manners.overrun_day_max = once;
    studio.open_with(options).await.unwrap();
    assert!(is_on(&studio).await, "so much is paid");
    studio.now.fetch_add(HOUR_MS, Ordering::SeqCst);
    let twice = once.checked_add(overrun(&studio).await).unwrap();
    studio.until("it is switched off", is_off).await;
    let off = switched_off(&studio).await.remove(0);
    assert_eq!((off.model_id.as_str(), off.overrun), (DEAR, twice));
    assert_eq!(
        (off.day_max, off.until.millis()),
        (once, START + 24 * HOUR_MS)
    );
    let post = studio.draft(DEAR, "Hello").await;
    let error = studio.post(&post).await.error();
    assert_eq!(error.code, Code::ModelUnavailable);
    assert!(error.message.contains("switched off"), "{}", error.message);
    let other = studio.complete(&studio.draft(MODEL, "Hello").await).await;
    assert!(matches!(other.phase, TurnPhase::Settled { .. }));

    studio.now.fetch_add(23 * HOUR_MS, Ordering::SeqCst);
    studio.until("a day is over", is_on).await;
    overrun(&studio).await;
    studio.until("it is switched off again", is_off).await;
    let on = format!("/v1/models/{DEAR}/switch-on");
    let answer = studio.raw(Method::POST, &on, Vec::new()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(is_on(&studio).await, "the operator says so");
    let turn = studio.complete(&post).await;
    assert!(matches!(turn.phase, TurnPhase::Settled { .. }));
    studio.finish().await;
}

#[tokio::test]
async fn a_hold_past_its_time_goes_back_by_the_studios_clock() {
    let studio = brisk().await;
    let prompt = "[[think:tokens=5]][[pause:after=40]][[length:tokens=400]] Tell me";
    let post = studio.draft(MODEL, prompt).await;
    let _: TurnRecord = studio.post(&post).await.ok();
    studio.simulator.until_paused(1).await;
    studio.now.fetch_add(3 * HOUR_MS, Ordering::SeqCst);
    let state = || {
        let ledger = Connection::open(studio.ledger_path()).unwrap();
        let sql = "SELECT state FROM hold";
        ledger
            .query_row(sql, [], |row| row.get::<_, String>(0))
            .unwrap()
    };
    for _ in 0..500 {
        if state() == "unknown" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(state(), "unknown", "its time is over and somebody said so");
    let record = studio.record(post.id).await;
    assert!(
        matches!(record.phase, TurnPhase::Running { .. }),
        "a turn that is seen through is left alone: {:?}",
        record.phase
    );
    studio.simulator.resume();
    studio.events(post.id, 0).await;
    studio.finish().await;
}

/// What a fault in the middle of a turn leaves, like a disk that was full at the wrong moment.
#[tokio::test]
async fn a_turn_that_nobody_sees_through_ends_while_the_studio_runs() {
    let mut studio = TestStudio::new().await;
    let prompt = "[[think:tokens=5]][[pause:after=40]][[length:tokens=400]] Tell me";
    let post = studio.draft(MODEL, prompt).await;
    let _: TurnRecord = studio.post(&post).await.ok();
    studio.simulator.until_paused(1).await;
    studio.until_text(post.id, 20).await;
    studio.crash();
    // The ledger cannot be written while the studio starts: the turn stays as it was.
    let mut options = studio.options();
    options.upkeep.reconcile_every = Duration::from_millis(50);
    let ledger = Connection::open(studio.ledger_path()).unwrap();
    ledger
        .execute_batch(
            "CREATE TRIGGER full BEFORE UPDATE ON hold BEGIN SELECT raise(ABORT, 'full'); END",
        )
        .unwrap();
    studio.open_with(options).await.unwrap();
    let waiting = studio.record(post.id).await;
    assert!(
        matches!(waiting.phase, TurnPhase::Reconciling { .. }),
        "{:?}",
        waiting.phase
    );
    tokio::time::sleep(Duration::from_millis(200)).await;
    let still = studio.record(post.id).await;
    assert_eq!(still.sequence, waiting.sequence, "it is said once");
    ledger.execute_batch("DROP TRIGGER full").unwrap();
    drop(ledger);
    let mut turn = studio.record(post.id).await;
    for _ in 0..500 {
        if !matches!(turn.phase, TurnPhase::Reconciling { .. }) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
        turn = studio.record(post.id).await;
    }
    let TurnPhase::Failed { charged, error } = &turn.phase else {
        panic!("{:?}", turn.phase)
    };
    assert_eq!(error.code, Code::Interrupted);
    assert!(*charged > Credits::ZERO);
    assert_whole(&turn, &studio.events(post.id, 0).await);
    studio.simulator.resume();
    studio.finish().await;
}

#[tokio::test]
async fn a_panic_between_the_hold_and_the_turns_task_leaves_nothing_held() {
    let mut studio = TestStudio::new().await;
    studio.crash();
    let (now, armed) = (
        Arc::new(AtomicI64::new(START)),
        Arc::new(AtomicBool::new(true)),
    );
    let mut options = studio.options();
    let (path, fuse) = (studio.ledger_path(), Arc::clone(&armed));
    options.clock = Clock::new(move || {
        // The first look at the clock after a hold was committed.
        if fuse.load(Ordering::SeqCst) && has_hold(&path) {
            fuse.store(false, Ordering::SeqCst);
            panic!("a fault that a test wants");
        }
        UtcMillis::from_millis(now.load(Ordering::SeqCst))
    });
    studio.open_with(options).await.unwrap();
    let post = studio.draft(MODEL, "[[say:Never.]] Hi").await;
    let answer = studio.post(&post).await;
    assert_eq!(answer.error().code, Code::Internal);
    assert!(
        !armed.load(Ordering::SeqCst),
        "it broke off where it should"
    );
    until_nothing_is_held(&studio).await;
    let TurnPhase::Failed { charged, error } = studio.record(post.id).await.phase else {
        panic!("the turn did not end")
    };
    assert_eq!((charged, error.code), (Credits::ZERO, Code::Interrupted));
    assert_eq!(studio.simulator.requests().len(), 0);
    studio.finish().await;
}

fn has_hold(ledger: &std::path::Path) -> bool {
    let count = Connection::open(ledger).and_then(|ledger| {
        ledger.query_row("SELECT count(*) FROM hold", [], |row| row.get::<_, i64>(0))
    });
    count.is_ok_and(|count| count > 0)
}
