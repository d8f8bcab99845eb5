//! What a studio finds out about its ledger while it runs: rows that lie, and dates that cannot be.

use std::sync::atomic::Ordering;
use std::time::Duration;

use anyai_units::{Credits, UtcMillis};
use anyai_wire::Code;
use anyai_wire::admin::{OrderAction, OrderDone, Orders};
use anyai_wire::health::Health;
use rusqlite::Connection;

use crate::harness::{MODEL, START, TestStudio};
use crate::orders::{order, send};

const YEAR_MS: i64 = 366 * 24 * 60 * 60 * 1_000;

#[tokio::test]
async fn a_row_that_does_not_follow_from_the_entries_stops_its_pool() {
    let mut studio = TestStudio::new().await;
    studio.close_files().await;
    let mut options = studio.options();
    options.upkeep.recompute_every = Duration::from_millis(20);
    studio.open_with(options).await.unwrap();
    let before = studio.draft(MODEL, "[[say:Hi.]] Hi").await;
    studio.complete(&before).await;
    let lie = "UPDATE member_use SET posted=posted-1";
    let ledger = Connection::open(studio.ledger_path()).unwrap();
    assert_eq!(ledger.execute(lie, []).unwrap(), 1);
    let frozen = async |studio: &TestStudio| studio.ledger_value::<bool>("SELECT frozen FROM pool");
    studio.until("the pool is frozen", frozen).await;
    let refused = studio
        .post(&studio.draft(MODEL, "[[say:Hi.]] Hi").await)
        .await;
    assert_eq!(refused.error().code, Code::PoolFrozen);
    let trail: Orders = studio.get("/v1/orders").await;
    let [kept] = trail.orders.as_slice() else {
        panic!("frozen once: {trail:?}")
    };
    assert_eq!(kept.actor, "ledger");
    assert!(kept.reason.contains("does not follow"), "{}", kept.reason);
    studio.leave().await;
}

/// A start under a clock that was a year ahead: the ledger does not go back, and says so.
#[tokio::test]
async fn a_ledger_dated_ahead_of_the_clock_is_told_and_can_be_granted_to() {
    let mut studio = TestStudio::new().await;
    let health: Health = studio.get("/v1/health").await;
    assert_eq!(health.ledger_dated_ahead, None);
    studio.now.fetch_add(YEAR_MS, Ordering::SeqCst);
    studio.balance().await;
    studio.crash();
    studio.now.fetch_add(-YEAR_MS, Ordering::SeqCst);
    studio.open().await.unwrap();
    let health: Health = studio.get("/v1/health").await;
    let dated = UtcMillis::from_millis(START + YEAR_MS);
    assert_eq!(health.ledger_dated_ahead, Some(dated));
    let before = studio.available().await;
    let adjust = OrderAction::Adjust {
        change: Credits::from_whole(2_000).unwrap(),
        expires_at: None,
    };
    let _: OrderDone = send(&studio, &order("the month", adjust)).await.ok();
    let more = studio.available().await.checked_sub(before);
    assert_eq!(more, Credits::from_whole(2_000));
    studio.finish().await;
}
