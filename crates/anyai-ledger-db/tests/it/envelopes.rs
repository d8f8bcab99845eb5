//! Envelopes by the day: a turn counts in the day it was held on, however late it ends.

use anyai_ledger::{Action, EnvelopeScope, Refusal};
use anyai_ledger_db::Dispatch;
use anyai_units::Credits;

use crate::fixture::{
    Fixture, HOUR_MS, NOW, Store, mc, on_every_store, order, refusal, reported, request,
};

on_every_store![turns_that_end_days_later_count_in_their_own_day];

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

async fn turns_that_end_days_later_count_in_their_own_day(store: Store) {
    let f = Fixture::new(store).await;
    let set = Action::SetEnvelope {
        member: None,
        scope: EnvelopeScope::Day {
            utc_offset_minutes: 0,
        },
        cap: CAP,
    };
    f.ledger
        .order(f.pool, order("days"), set, NOW)
        .await
        .unwrap();
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
