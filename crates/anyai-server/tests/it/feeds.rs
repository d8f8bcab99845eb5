//! The change feeds: dense, in order, and awake when something happens.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyai_units::Credits;
use anyai_wire::api::{HistoryChanges, LedgerChanges, Offers, RateCardDocuments, TurnRecord};
use anyai_wire::{Offer, TurnPhase};

use crate::harness::{MODEL, TestStudio};

#[tokio::test]
async fn the_ledgers_feed_is_a_whole_chain_in_any_page_size() {
    let studio = TestStudio::new().await;
    for _ in 0..3 {
        studio
            .complete(&studio.draft(MODEL, "[[say:Hi.]] Hi").await)
            .await;
    }
    let whole: LedgerChanges = studio.get("/v1/ledger/changes").await;
    assert_eq!(whole.entries.len() as u64, whole.head_sequence);
    let mut previous = whole.epoch.clone();
    for (at, entry) in whole.entries.iter().enumerate() {
        assert_eq!(entry.sequence, at as u64 + 1);
        assert_eq!(entry.previous_hash, previous);
        previous.clone_from(&entry.hash);
        let of_turn = matches!(entry.kind.as_str(), "hold" | "settle" | "release");
        assert_eq!(entry.turn_id.is_some(), of_turn, "{entry:?}");
        assert_eq!(entry.hold_id.is_some(), of_turn);
    }
    assert_eq!(previous, whole.head_hash);
    let mut paged = Vec::new();
    while (paged.len() as u64) < whole.head_sequence {
        let path = format!("/v1/ledger/changes?after={}&limit=2", paged.len());
        let page: LedgerChanges = studio.get(&path).await;
        assert!((1..=2).contains(&page.entries.len()));
        paged.extend(page.entries);
    }
    assert_eq!(paged, whole.entries);
    let balance = whole.balance;
    let left = balance.granted.checked_sub(balance.posted).unwrap();
    assert_eq!(
        balance.available,
        left.checked_sub(balance.pending).unwrap()
    );
    studio.finish().await;
}

#[tokio::test]
async fn the_historys_feed_gives_each_row_once_in_any_page_size() {
    let studio = TestStudio::new().await;
    for _ in 0..4 {
        studio
            .complete(&studio.draft(MODEL, "[[say:Hi.]] Hi").await)
            .await;
    }
    let whole: HistoryChanges = studio.get("/v1/history/changes").await;
    assert_eq!(
        (whole.conversations.len(), whole.turns.len(), whole.more),
        (4, 4, false)
    );
    let (mut after, mut conversations, mut turns) = (0, Vec::new(), Vec::new());
    loop {
        let path = format!("/v1/history/changes?after={after}&limit=1");
        let page: HistoryChanges = studio.get(&path).await;
        assert_eq!(page.conversations.len() + page.turns.len(), 1);
        conversations.extend(page.conversations);
        turns.extend(page.turns);
        after = page.revision;
        if !page.more {
            break;
        }
    }
    assert_eq!(conversations, whole.conversations);
    assert_eq!(turns, whole.turns);
    assert_eq!(after, whole.revision);
    let none: HistoryChanges = studio
        .get(&format!("/v1/history/changes?after={after}"))
        .await;
    assert_eq!((none.conversations.len(), none.turns.len()), (0, 0));
    assert_eq!(none.revision, after, "the cursor stays");
    studio.finish().await;
}

#[tokio::test]
async fn a_long_poll_wakes_when_a_turn_starts_and_waits_no_longer_than_asked() {
    let studio = TestStudio::new().await;
    let ledger: LedgerChanges = studio.get("/v1/ledger/changes").await;
    let post = studio.draft(MODEL, "[[pause:after=1]] Hi").await;
    let ledger_path = format!(
        "/v1/ledger/changes?after={}&wait_ms=20000",
        ledger.head_sequence
    );
    let started = Instant::now();
    let (ledger, history, record) = tokio::join!(
        studio.get::<LedgerChanges>(&ledger_path),
        studio.get::<HistoryChanges>("/v1/history/changes?wait_ms=20000"),
        async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            studio.post(&post).await.ok::<TurnRecord>()
        },
    );
    assert!(started.elapsed() < Duration::from_secs(10), "both woke");
    assert_eq!(ledger.entries[0].kind, "hold");
    assert_eq!(ledger.entries[0].turn_id, Some(post.id));
    let TurnPhase::Running { held, .. } = record.phase else {
        panic!("{:?}", record.phase)
    };
    assert_eq!(ledger.balance.pending, held);
    assert!(!history.conversations.is_empty() || !history.turns.is_empty());

    let head = studio
        .get::<LedgerChanges>("/v1/ledger/changes")
        .await
        .head_sequence;
    let started = Instant::now();
    let path = format!("/v1/ledger/changes?after={head}&wait_ms=150");
    let nothing: LedgerChanges = studio.get(&path).await;
    assert!(nothing.entries.is_empty());
    assert!(started.elapsed() >= Duration::from_millis(140));
    studio.simulator.until_paused(1).await;
    studio.simulator.resume();
    studio.events(post.id, 0).await;
    studio.finish().await;
}

/// The change is queued behind the poll's own reading of the head, and both are done before the
/// poll goes on: exactly the moment in which nobody was listening once.
#[tokio::test]
async fn a_change_right_after_the_head_was_read_wakes_the_poll() {
    let studio = TestStudio::new().await;
    let head = studio
        .get::<LedgerChanges>("/v1/ledger/changes")
        .await
        .head_sequence;
    let path = format!("/v1/ledger/changes?after={head}&wait_ms=20000");
    let choice = serde_json::json!({"plan_id": "max"});
    let queue = rusqlite::Connection::open(studio.ledger_path()).unwrap();
    queue.execute_batch("BEGIN IMMEDIATE").unwrap();
    let started = Instant::now();
    let (changes, chosen, ()) = tokio::join!(
        studio.get::<LedgerChanges>(&path),
        async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            studio.json(http::Method::PUT, "/v1/plan", &choice).await
        },
        async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            queue.execute_batch("ROLLBACK").unwrap();
            std::thread::sleep(Duration::from_millis(500));
        },
    );
    let _: anyai_wire::Balance = chosen.ok();
    assert!(started.elapsed() < Duration::from_secs(10), "it woke");
    assert!(changes.head_sequence > head);
    studio.finish().await;
}

#[tokio::test]
async fn a_new_month_is_told_and_grants_the_plan_again() {
    let studio = TestStudio::with_plan("free").await;
    studio
        .complete(&studio.draft(MODEL, "[[say:Hi.]] Hi").await)
        .await;
    let before = studio.balance().await;
    assert!(before.posted > Credits::ZERO);
    studio
        .now
        .store(before.resets_at.millis(), Ordering::SeqCst);
    let after = studio.balance().await;
    assert_eq!(after.posted, Credits::ZERO);
    assert_eq!(after.available, after.granted);
    assert_eq!(after.period_starts_at, before.resets_at);
    studio.now.store(crate::harness::START, Ordering::SeqCst);
    let earlier = studio.balance().await;
    assert_eq!(
        earlier.period_starts_at, after.period_starts_at,
        "time does not run backwards"
    );
    studio.finish_across_months().await;
}

#[tokio::test]
async fn prices_and_offers_are_the_servers_own() {
    let studio = TestStudio::new().await;
    let documents: RateCardDocuments = studio.get("/v1/rate-card").await;
    let catalogue = anyai_catalog::Catalogue::parse(anyai_catalog::Documents {
        models: documents.models,
        rate_card: documents.rate_card,
        plans: documents.plans,
    })
    .unwrap();
    let offers: Offers = studio.get("/v1/offers").await;
    assert_eq!(offers.rate_card_version, catalogue.rate_card().id.version);
    for provider in ["openai", "anthropic", "google", "xai"] {
        assert_eq!(offers.by_provider[provider], Offer::Simulated);
    }
    studio.finish().await;
}
