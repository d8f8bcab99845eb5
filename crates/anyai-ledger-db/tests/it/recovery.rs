//! A new run finds what an earlier one left open, and ends every one of it.

use anyai_ledger::{HoldState, Resolution};

use crate::fixture::{Fixture, HOUR_MS, NOW, Store, mc, on_every_store, reported, turn};

on_every_store![
    a_new_run_finds_every_open_hold_and_can_end_it,
    time_ends_what_was_never_sent_and_asks_after_the_rest,
    many_stale_holds_take_several_rounds,
];

async fn a_new_run_finds_every_open_hold_and_can_end_it(store: Store) {
    let f = Fixture::new(store).await;
    let _held = f.hold(1, mc(10_000)).await;
    let sent = f.dispatch(2, mc(20_000)).await;
    f.ledger
        .note_provider_op(&sent, "op-2".to_owned(), NOW)
        .await
        .unwrap();
    let lost = f.dispatch(3, mc(30_000)).await;
    f.ledger.mark_unknown(&lost, NOW).await.unwrap();
    let done = f.dispatch(4, mc(5_000)).await;
    f.ledger
        .settle(&done, reported(mc(5_000)), NOW)
        .await
        .unwrap();

    let f = f.reopen();
    assert_eq!(f.sums().await, (35_000, 5_000, 60_000), "nothing was lost");
    let open = f.ledger.open_holds().await.unwrap();
    let states: Vec<_> = open
        .iter()
        .map(|hold| (hold.record().turn, hold.record().state))
        .collect();
    assert_eq!(states.len(), 3);
    for (number, state) in [
        (1, HoldState::Held),
        (2, HoldState::Dispatched),
        (3, HoldState::Unknown),
    ] {
        assert!(states.contains(&(turn(number), state)), "{states:?}");
    }
    for hold in &open {
        match hold.record().state {
            HoldState::Held => {
                f.ledger
                    .void(hold, "not sent before the restart", NOW)
                    .await
                    .unwrap();
            }
            _ => {
                f.ledger
                    .settle(hold, reported(mc(1_000)), NOW)
                    .await
                    .unwrap();
            }
        }
    }
    assert!(f.ledger.open_holds().await.unwrap().is_empty());
    assert_eq!(f.sums().await, (93_000, 7_000, 0));
    f.verify();
}

async fn time_ends_what_was_never_sent_and_asks_after_the_rest(store: Store) {
    let f = Fixture::new(store).await;
    let held = f.hold(1, mc(10_000)).await;
    let sent = f.dispatch(2, mc(20_000)).await;
    let before = NOW.plus_millis(HOUR_MS - 1);
    let expired = f.ledger.expire_stale(before).await.unwrap();
    assert_eq!(
        (expired.voided.len(), expired.unknown.len()),
        (0, 0),
        "their time has not come"
    );
    let end = NOW.plus_millis(HOUR_MS);
    let expired = f.ledger.expire_stale(end).await.unwrap();
    assert_eq!(
        (expired.voided, expired.unknown),
        (vec![f.at(held.id())], vec![f.at(sent.id())])
    );
    let again = f.ledger.expire_stale(end).await.unwrap();
    assert_eq!((again.voided.len(), again.unknown.len()), (0, 0), "once");
    let record = f.ledger.hold_of(f.pool, turn(2)).await.unwrap().unwrap();
    assert_eq!(
        (record.state, record.unknown_since),
        (HoldState::Unknown, Some(end))
    );
    let done = f.ledger.settle(&sent, reported(mc(4)), end).await.unwrap();
    assert!(
        matches!(done, Resolution::Settled(_)),
        "its credits were still held"
    );
    f.verify();
}

/// More stale holds than one round looks at: the rounds get through them.
async fn many_stale_holds_take_several_rounds(store: Store) {
    let f = Fixture::new(store).await;
    for number in 0..300 {
        let _abandoned = f.hold(number, mc(10)).await;
    }
    let end = NOW.plus_millis(HOUR_MS);
    let mut voided = 0;
    while voided < 300 {
        let round = f.ledger.expire_stale(end).await.unwrap().voided.len();
        assert!(round > 0, "stuck at {voided}");
        voided += round;
    }
    assert_eq!(f.sums().await, (100_000, 0, 0));
    f.verify();
}
