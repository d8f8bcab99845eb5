//! Envelopes by the day: a turn counts in the day it was held on, however late it ends, and what was
//! spent before there was an envelope counts in it too.

use anyai_ledger::{Action, EnvelopeScope, Refusal, WorkKind};
use anyai_ledger_db::Dispatch;
use anyai_units::{ConversationId, Credits};
use uuid::Uuid;

use crate::fixture::{
    Fixture, HOUR_MS, NOW, Store, mc, on_every_store, order, refusal, reported, request, settlement,
};

on_every_store![
    turns_that_end_days_later_count_in_their_own_day,
    an_envelope_below_what_is_spent_already_starts_full,
    an_envelope_set_before_a_refund_is_taken_back_is_not_overspent,
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

/// Around a day, a conversation and a kind of work; and set anew when the refund is given again.
async fn an_envelope_set_before_a_refund_is_taken_back_is_not_overspent(store: Store) {
    let inside = ConversationId::from_uuid(Uuid::from_u128(5));
    let day = EnvelopeScope::Day {
        utc_offset_minutes: 0,
    };
    let chat = EnvelopeScope::Modality(WorkKind::Chat);
    for scope in [day, EnvelopeScope::Conversation(inside), chat] {
        let f = Fixture::new(store).await;
        let ask = |number, ceiling| {
            let mut wanted = request(f.pool, number, ceiling);
            wanted.conversation = Some(inside);
            f.ledger.hold_dispatched(wanted, NOW)
        };
        let anyai_ledger_db::Sent::New(dispatch) = ask(1, mc(8_000)).await.unwrap() else {
            panic!("held before")
        };
        let settled = f.ledger.settle(&dispatch, reported(mc(8_000)), NOW).await;
        let charge = settlement(&settled.unwrap()).entries.first;
        let last = async |key, action| f.order(key, action).await.entries.pop().unwrap();
        let amount = Some(mc(5_000));
        let reverse = |seq| Action::Reverse { seq, amount };
        let (member, cap) = (None, mc(8_000));
        let set = || Action::SetEnvelope { member, scope, cap };
        let refund = last("sorry", reverse(charge)).await;
        assert_eq!(last("set", set()).await.amount, mc(8_000), "{scope:?}");
        let full = |refused: Refusal| assert!(matches!(refused, Refusal::EnvelopeFull { .. }));
        full(refusal(ask(2, mc(1)).await));
        let back = last("not so", reverse(refund.seq)).await;
        full(refusal(ask(2, mc(5_000)).await));
        last("after all", reverse(back.seq)).await;
        f.order("none", Action::RemoveEnvelope { no: 1 }).await;
        assert_eq!(last("anew", set()).await.amount, mc(8_000), "{scope:?}");
        full(refusal(ask(2, mc(1)).await));
        f.reopen().verify();
    }
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
