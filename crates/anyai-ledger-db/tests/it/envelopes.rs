//! Envelopes by the day: a turn counts in the day it was held on, however late it ends, and what was
//! spent before there was an envelope counts in it too.

use anyai_ledger::{Action, EnvelopeScope, Refusal};
use anyai_ledger_db::Dispatch;
use anyai_units::Credits;

use crate::fixture::{
    Fixture, HOUR_MS, NOW, Store, mc, on_every_store, order, refusal, reported, request,
};

on_every_store![
    turns_that_end_days_later_count_in_their_own_day,
    an_envelope_below_what_is_spent_already_starts_full,
];

const DAYS: u8 = 5;
const CAP: Credits = Credits::from_millicredits(10_000);

async fn sent(f: &Fixture, number: u128, day: u8, ceiling: Credits) -> Result<Dispatch, Refusal> {
    let now = NOW.plus_millis(i64::from(day) * 24 * HOUR_MS);
    let mut wanted = request(f.pool, number, ceiling);
    wanted.expires_at = now.plus_millis(HOUR_MS);
    match f.ledger.hold_dispatched(wanted, now).await {
        Ok(anyai_ledger_db::Sent::New(dispatch)) => Ok(dispatch),
        Ok(sent) => panic!("{sent:?}"),
        refused => Err(refusal(refused)),
    }
}

async fn set_day(f: &Fixture, key: &str, cap: Credits) {
    let scope = EnvelopeScope::Day {
        utc_offset_minutes: 0,
    };
    let member = None;
    let set = Action::SetEnvelope { member, scope, cap };
    let done = f.ledger.order(f.pool, order(key), set, NOW).await;
    done.unwrap();
}

async fn an_envelope_below_what_is_spent_already_starts_full(store: Store) {
    let f = Fixture::new(store).await;
    let dispatch = sent(&f, 1, 0, CAP).await.unwrap();
    let settled = f.ledger.settle(&dispatch, reported(CAP), NOW).await;
    settled.unwrap();
    set_day(&f, "half", mc(5_000)).await;
    assert!(sent(&f, 2, 0, mc(1)).await.is_err());
    f.verify();
    set_day(&f, "more", mc(12_000)).await;
    let fits = sent(&f, 3, 0, mc(2_000)).await.unwrap();
    assert!(sent(&f, 4, 0, mc(1)).await.is_err());
    let settled = f.ledger.settle(&fits, reported(mc(1_000)), NOW).await;
    settled.unwrap();
    f.verify();
}

async fn turns_that_end_days_later_count_in_their_own_day(store: Store) {
    let f = Fixture::new(store).await;
    set_day(&f, "days", CAP).await;
    let mut open = Vec::new();
    for day in 0..DAYS {
        open.push(sent(&f, u128::from(day), day, CAP).await.unwrap());
        let full = sent(&f, 100 + u128::from(day), day, mc(1)).await;
        assert!(full.is_err(), "day {day}: {full:?}");
    }
    let last = NOW.plus_millis(i64::from(DAYS - 1) * 24 * HOUR_MS);
    for dispatch in open {
        let settled = f.ledger.settle(&dispatch, reported(mc(4_000)), last).await;
        assert_eq!(settled.unwrap().charged(), mc(4_000));
        f.verify();
    }
    assert!(sent(&f, 200, DAYS - 1, mc(6_001)).await.is_err());
    let _last = sent(&f, 201, DAYS - 1, mc(6_000)).await.unwrap();
    f.verify();
}
