//! Many callers, two handles with a connection each, one hold's worth left.

use anyai_ledger::{Refusal, Resolution};
use anyai_ledger_db::{Held, HoldRef, Ledger, LedgerError, LedgerOptions};
use tokio::task::JoinSet;

use crate::fixture::{Fixture, NOW, Store, mc, on_every_store, plan, pool_id, reported, request};

on_every_store![
    concurrent_requests_on_the_last_credits_succeed_once,
    the_same_turn_sent_many_times_gets_one_permission,
    settle_and_void_at_once_end_a_hold_once,
];

/// open-saas #727, LiteLLM #34732: concurrent requests on the last credit.
async fn concurrent_requests_on_the_last_credits_succeed_once(store: Store) {
    let f = Fixture::new(store).await;
    let other = f.other_handle();
    for round in 0..20_u128 {
        let pool = pool_id(100 + round);
        f.ledger
            .ensure_pool(pool, plan("free", 100), NOW, NOW)
            .await
            .unwrap();
        let mut callers = JoinSet::new();
        for caller in 0..16_u128 {
            let ledger = if caller % 2 == 0 {
                f.ledger.clone()
            } else {
                other.clone()
            };
            let request = request(pool, caller, mc(60_000));
            callers.spawn(async move { ledger.hold(request, NOW).await });
        }
        let mut won = 0;
        while let Some(answer) = callers.join_next().await {
            match answer.unwrap() {
                Ok(Held::New(_)) => won += 1,
                Err(LedgerError::Refused(Refusal::InsufficientCredits { available, .. })) => {
                    assert!(
                        available == mc(40_000),
                        "refused although {available} were left"
                    );
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(won, 1);
        let balance = other.balance(pool, NOW).await.unwrap();
        assert_eq!(
            (balance.available, balance.period.pending),
            (mc(40_000), mc(60_000))
        );
    }
    f.verify();
}

async fn the_same_turn_sent_many_times_gets_one_permission(store: Store) {
    let f = Fixture::new(store).await;
    let other = f.other_handle();
    for turn in 0..20 {
        let mut callers = JoinSet::new();
        for caller in 0..8 {
            let ledger = if caller % 2 == 0 {
                f.ledger.clone()
            } else {
                other.clone()
            };
            let request = request(f.pool, turn, mc(1_000));
            callers.spawn(async move { ledger.hold(request, NOW).await.unwrap() });
        }
        let answers = callers.join_all().await;
        let new = answers
            .iter()
            .filter(|answer| matches!(answer, Held::New(_)))
            .count();
        assert_eq!(new, 1);
    }
    assert_eq!(f.sums().await, (80_000, 0, 20_000));
    f.verify();
}

async fn settle_and_void_at_once_end_a_hold_once(store: Store) {
    let f = Fixture::new(store).await;
    let other = f.other_handle();
    for turn in 0..20 {
        let id = HoldRef::from(&f.dispatch(turn, mc(1_000)).await);
        let (settling, voiding) = (f.ledger.clone(), other.clone());
        let (settled, voided) = tokio::join!(
            tokio::task::spawn_blocking(move || {
                tokio::runtime::Handle::current().block_on(settling.settle(
                    id,
                    reported(mc(600)),
                    NOW,
                ))
            }),
            tokio::task::spawn_blocking(move || {
                tokio::runtime::Handle::current().block_on(voiding.void(id, "stop", NOW))
            }),
        );
        let (settled, voided) = (settled.unwrap().unwrap(), voided.unwrap().unwrap());
        match (&settled, &voided) {
            (Resolution::Settled(_), Resolution::AlreadySettled(_))
            | (Resolution::AlreadyVoided(_), Resolution::Voided(_)) => {}
            both => panic!("ended twice: {both:?}"),
        }
        assert_eq!(settled.charged(), voided.charged());
    }
    f.verify();
}

/// Everybody begins at once, on a file nobody has made yet.
#[test]
fn many_programs_can_make_one_ledger() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/ledger.db");
        let openers: Vec<_> = (0..8)
            .map(|_| {
                let path = path.clone();
                std::thread::spawn(move || Ledger::open(&path))
            })
            .collect();
        for opener in openers {
            opener.join().unwrap().unwrap();
        }
    }
}

/// Somebody else keeps the file for longer than a command waits: it is refused by name, and works
/// when tried again.
#[tokio::test]
async fn a_file_that_stays_locked_is_busy_and_then_free() {
    let f = Fixture::on_file().await;
    let options = LedgerOptions {
        busy_timeout_ms: 50,
        ..LedgerOptions::default()
    };
    let hurried = Ledger::open_with(f.path(), options).unwrap();
    let connection = rusqlite::Connection::open(f.path()).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    let answer = hurried.hold(request(f.pool, 1, mc(10)), NOW).await;
    assert!(matches!(answer, Err(LedgerError::Busy)), "{answer:?}");
    let read = hurried.changes(f.pool, 0, 10).await.unwrap();
    assert_eq!(read.entries.len(), 2, "reading does not wait for a writer");
    connection.execute_batch("ROLLBACK").unwrap();
    let answer = hurried.hold(request(f.pool, 1, mc(10)), NOW).await;
    assert!(matches!(answer, Ok(Held::New(_))), "{answer:?}");
    f.verify();
}
