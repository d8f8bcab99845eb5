//! The change feed: every entry once, in order, with the holds and the balance that belong to it.

use std::time::Duration;

use anyai_ledger::{EntryKind, Head, HoldState, verify_chain};

use crate::fixture::{Fixture, NOW, Store, mc, on_every_store, pool_id, refusal, reported};

on_every_store![
    pages_of_every_size_make_the_same_chain,
    a_page_brings_the_holds_of_its_entries,
    after_the_head_there_is_nothing_and_a_page_is_never_endless,
    a_watcher_wakes_when_its_pool_moves_and_only_then,
];

async fn busy(store: Store) -> Fixture {
    let f = Fixture::new(store).await;
    for number in 0..5 {
        let dispatch = f.dispatch(number, mc(1_000)).await;
        f.ledger
            .settle(&dispatch, reported(mc(400)), NOW)
            .await
            .unwrap();
    }
    f
}

async fn pages_of_every_size_make_the_same_chain(store: Store) {
    let f = busy(store).await;
    let balance = f.balance().await;
    let start = Head {
        seq: 0,
        hash: balance.epoch,
    };
    for page in [1, 2, 3, 5, 100] {
        let mut head = start;
        loop {
            let changes = f.ledger.changes(f.pool, head.seq, page).await.unwrap();
            assert_eq!(changes.balance, balance);
            if changes.entries.is_empty() {
                break;
            }
            assert!(changes.entries.len() <= usize::try_from(page).unwrap());
            head = verify_chain(f.pool, head, &changes.entries).unwrap();
        }
        assert_eq!(
            head,
            Head {
                seq: balance.head_seq,
                hash: balance.head_hash
            }
        );
    }
}

async fn a_page_brings_the_holds_of_its_entries(store: Store) {
    let f = busy(store).await;
    let changes = f.ledger.changes(f.pool, 5, 3).await.unwrap();
    let seqs: Vec<_> = changes.entries.iter().map(|entry| entry.seq).collect();
    assert_eq!(seqs, [6, 7, 8]);
    assert_eq!(changes.entries[0].kind, EntryKind::Hold);
    assert_eq!(changes.holds.len(), 1);
    let hold = &changes.holds[0];
    assert_eq!(
        (Some(hold.id), hold.state),
        (changes.entries[0].hold, HoldState::Settled)
    );
    assert_eq!(hold.charged, Some(mc(400)));
}

async fn after_the_head_there_is_nothing_and_a_page_is_never_endless(store: Store) {
    let f = busy(store).await;
    let head = f.balance().await.head_seq;
    for after in [head, head + 100] {
        let changes = f.ledger.changes(f.pool, after, 10).await.unwrap();
        assert!(changes.entries.is_empty() && changes.holds.is_empty());
    }
    let none = f.ledger.changes(f.pool, 0, 0).await.unwrap();
    assert!(none.entries.is_empty());
    for number in 100..700 {
        let hold = f.hold(number, mc(1)).await;
        f.ledger.void(&hold, "no", NOW).await.unwrap();
    }
    let page = f.ledger.changes(f.pool, 0, u32::MAX).await.unwrap();
    assert_eq!(page.entries.len(), 1_000);
    refusal(f.ledger.changes(pool_id(9), 0, 10).await);
}

async fn a_watcher_wakes_when_its_pool_moves_and_only_then(store: Store) {
    let f = Fixture::new(store).await;
    let mut mine = f.ledger.watch(f.pool);
    let mut others = f.ledger.watch(pool_id(2));
    let _hold = f.hold(1, mc(10)).await;
    tokio::time::timeout(Duration::from_secs(5), mine.changed())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(*mine.borrow_and_update(), 3);
    assert!(!others.has_changed().unwrap());

    f.balance().await;
    let refused = f
        .ledger
        .hold(crate::fixture::request(f.pool, 2, mc(999_999)), NOW)
        .await;
    refusal(refused);
    assert!(!mine.has_changed().unwrap(), "nothing moved");
    assert!(!others.has_changed().unwrap());
    let clone = f.ledger.clone();
    let hold = f.hold(3, mc(10)).await;
    clone.void(&hold, "no", NOW).await.unwrap();
    mine.changed().await.unwrap();
    assert_eq!(*mine.borrow(), 5);
    let _ = others.borrow_and_update();
}
