//! The change feed: every entry once, in order, with the holds and the balance that belong to it.

use std::collections::HashMap;
use std::time::Duration;

use anyai_ledger::{EntryKind, Head, HoldState, verify_chain};
use anyai_ledger_db::Sent;
use tokio::task::JoinSet;

use crate::fixture::{
    Fixture, NOW, Store, mc, on_every_store, pool_id, refusal, reported, request,
};

on_every_store![
    pages_read_while_others_write_never_skip_or_repeat,
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
    let refused = f.ledger.hold(request(f.pool, 2, mc(999_999)), NOW).await;
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

/// Two handles write while a reader follows with small pages: the cursor is dense, so each page goes
/// on where the one before ended, and what was read is a prefix of the chain at every moment.
async fn pages_read_while_others_write_never_skip_or_repeat(store: Store) {
    const TURNS: u128 = 40;
    let f = Fixture::new(store).await;
    let epoch = f.balance().await.epoch;
    let mut writers = JoinSet::new();
    for (writer, ledger) in [f.ledger.clone(), f.other_handle()].into_iter().enumerate() {
        let pool = f.pool;
        writers.spawn(async move {
            for number in 0..TURNS {
                let number = (u128::try_from(writer).unwrap() << 32) + number;
                let request = request(pool, number, mc(10));
                let sent = ledger.hold_dispatched(request, NOW).await.unwrap();
                let Sent::New(dispatch) = sent else {
                    panic!("held before")
                };
                ledger
                    .settle(&dispatch, reported(mc(4)), NOW)
                    .await
                    .unwrap();
            }
        });
    }
    let mut head = Head {
        seq: 0,
        hash: epoch,
    };
    let end = 2 + 3 * 2 * u64::try_from(TURNS).unwrap();
    let (mut pages, mut holds) = (0, HashMap::new());
    while head.seq < end {
        let page = f.ledger.changes(f.pool, head.seq, 7).await.unwrap();
        assert_eq!(page.balance.epoch, epoch);
        assert!(page.balance.head_seq >= head.seq + page.entries.len() as u64);
        head = verify_chain(f.pool, head, &page.entries).unwrap();
        if head.seq == page.balance.head_seq {
            assert_eq!(head.hash, page.balance.head_hash, "as of one moment");
        }
        for entry in page.entries.iter().filter(|entry| entry.hold.is_some()) {
            let id = entry.hold.unwrap();
            let hold = page.holds.iter().find(|hold| hold.id == id).unwrap();
            holds.insert(id, hold.state);
        }
        pages += 1;
    }
    writers.join_all().await;
    assert!(pages >= end / 7, "{pages} pages");
    assert_eq!(holds.len(), usize::try_from(2 * TURNS).unwrap());
    assert!(holds.values().all(|state| *state == HoldState::Settled));
    let rest = f.ledger.changes(f.pool, end, 7).await.unwrap();
    assert_eq!((rest.entries.len(), rest.balance.head_seq), (0, end));
    f.verify();
}
