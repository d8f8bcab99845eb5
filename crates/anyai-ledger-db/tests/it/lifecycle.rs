//! One paid turn from hold to settlement, and every way it can end.

use anyai_ledger::{HoldState, Refusal};

use crate::fixture::{Fixture, NOW, mc, refusal, reported, request, settlement, turn};

#[tokio::test]
async fn a_turn_is_held_dispatched_and_settled() {
    let f = Fixture::new().await;
    assert_eq!(f.sums().await, (100_000, 0, 0));
    let dispatch = f.dispatch(1, mc(30_000)).await;
    assert_eq!(f.sums().await, (70_000, 0, 30_000));
    assert!(!dispatch.is_recovered());
    f.ledger
        .note_provider_op(&dispatch, "msg_01".to_owned())
        .await
        .unwrap();

    let resolution = f
        .ledger
        .settle(&dispatch, reported(mc(12_340)), NOW)
        .await
        .unwrap();
    let settlement = settlement(&resolution);
    assert_eq!(
        (settlement.charged, settlement.returned, settlement.overrun),
        (mc(12_340), mc(17_660), mc(0))
    );
    assert_eq!(f.sums().await, (87_660, 12_340, 0));

    let record = f.ledger.hold_of(f.pool, turn(1)).await.unwrap().unwrap();
    assert_eq!(record.state, HoldState::Settled);
    assert_eq!(record.provider_op.as_deref(), Some("msg_01"));
    assert_eq!(record.resolved_by, Some(settlement.entries));
    assert_eq!(f.verify().entries, 4, "grant, hold, settle, release");
}

#[tokio::test]
async fn a_turn_that_does_not_fit_is_refused_with_the_numbers() {
    let f = Fixture::new().await;
    let _open = f.hold(1, mc(60_000)).await;
    let refused = refusal(f.ledger.hold(request(f.pool, 2, mc(40_001)), NOW).await);
    let resets_at = f.balance().await.period.bounds.ends_at;
    let expected = Refusal::InsufficientCredits {
        needed: mc(40_001),
        available: mc(40_000),
        resets_at,
    };
    assert_eq!(refused, expected);
    assert_eq!(
        f.ledger.hold_of(f.pool, turn(2)).await.unwrap(),
        None,
        "nothing was stored"
    );
    let _fits = f.hold(2, mc(40_000)).await;
    assert_eq!(f.sums().await, (0, 0, 100_000));
}
