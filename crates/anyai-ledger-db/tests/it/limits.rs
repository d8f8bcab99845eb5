//! Limits through the handle: what a member may spend, who is taken out, and envelopes around a hold.

use anyai_ledger::{Action, Bound, EnvelopeScope, HoldState, Refusal, RoomQuery, WorkKind};
use anyai_ledger_db::{Held, HoldRef};
use anyai_units::ConversationId;
use uuid::Uuid;

use crate::fixture::{
    Fixture, HOUR_MS, NOW, Store, mc, on_every_store, order, pool_id, refusal, reported, request,
    turn,
};
use crate::orders::{me, member};

on_every_store![
    a_member_spends_within_their_limit,
    a_removed_member_holds_nothing_and_what_was_sent_runs_on,
    a_removed_member_who_is_taken_in_again_keeps_new_holds,
    an_envelope_only_lowers_what_can_be_spent,
    an_envelope_around_a_conversation_follows_it,
    what_binds_is_said,
];

async fn a_member_spends_within_their_limit(store: Store) {
    let f = Fixture::new(store).await;
    let limit = |member, limit: Option<i64>| Action::SetMember {
        member,
        limit: limit.map(mc),
    };
    f.order("limit", limit(me(), Some(30_000))).await;
    let dispatch = f.dispatch(1, mc(20_000)).await;
    let refused = refusal(f.ledger.hold(request(f.pool, 2, mc(10_001)), NOW).await);
    assert!(
        matches!(refused, Refusal::MemberLimit { .. }),
        "{refused:?}"
    );
    f.ledger
        .settle(&dispatch, reported(mc(5_000)), NOW)
        .await
        .unwrap();
    let _fits = f.hold(2, mc(25_000)).await;
    refusal(f.ledger.hold(request(f.pool, 3, mc(1)), NOW).await);
    let mut others = request(f.pool, 4, mc(60_000));
    others.member = member(78);
    let held = f.ledger.hold(others, NOW).await.unwrap();
    assert!(
        matches!(held, Held::New(_)),
        "the limit is one member's own"
    );
    f.order("lower", limit(me(), Some(1))).await;
    refusal(f.ledger.hold(request(f.pool, 5, mc(1)), NOW).await);
    f.order("none", limit(me(), None)).await;
    let _fits = f.hold(5, mc(1)).await;
    let members = f.ledger.members(f.pool).await.unwrap();
    assert_eq!((members.len(), members[0].limit), (1, None));
    f.reopen().verify();
}

async fn a_removed_member_holds_nothing_and_what_was_sent_runs_on(store: Store) {
    let f = Fixture::new(store).await;
    let held = f.hold(1, mc(10_000)).await;
    let sent = f.dispatch(2, mc(20_000)).await;
    let mut others = request(f.pool, 3, mc(5_000));
    others.member = member(78);
    let Held::New(others) = f.ledger.hold(others, NOW).await.unwrap() else {
        panic!("held before")
    };
    let removed = f
        .ledger
        .remove_member(f.pool, me(), order("leave"), NOW)
        .await
        .unwrap();
    assert_eq!(removed.voided, [HoldRef::from(&held)]);
    assert_eq!(f.sums().await, (75_000, 0, 25_000));
    let record = f.ledger.hold_of(f.pool, turn(1)).await.unwrap().unwrap();
    assert_eq!(record.state, HoldState::Voided);
    assert_eq!(record.reason.as_deref(), Some("the member was removed"));
    let refused = refusal(f.ledger.hold(request(f.pool, 4, mc(1)), NOW).await);
    assert_eq!(refused, Refusal::MemberRemoved { member: me() });
    f.ledger
        .settle(&sent, reported(mc(7_000)), NOW)
        .await
        .unwrap();
    let again = f
        .ledger
        .remove_member(f.pool, me(), order("leave"), NOW)
        .await
        .unwrap();
    assert_eq!(
        (again.ordered.entries, again.voided),
        (removed.ordered.entries, vec![])
    );
    let _sent = f.ledger.dispatch(others, None, NOW).await.unwrap();
    assert_eq!(f.sums().await, (88_000, 7_000, 5_000));
    f.verify();
}

async fn a_removed_member_who_is_taken_in_again_keeps_new_holds(store: Store) {
    let f = Fixture::new(store).await;
    let leave = || f.ledger.remove_member(f.pool, me(), order("leave"), NOW);
    leave().await.unwrap();
    let limit = Some(mc(50_000));
    let back = Action::SetMember {
        member: me(),
        limit,
    };
    f.order("back", back).await;
    let hold = f.hold(1, mc(10_000)).await;
    assert_eq!(
        leave().await.unwrap().voided,
        [],
        "that order was carried out before"
    );
    let _sent = f.ledger.dispatch(hold, None, NOW).await.unwrap();
    f.verify();
}

async fn an_envelope_only_lowers_what_can_be_spent(store: Store) {
    let f = Fixture::new(store).await;
    let day = EnvelopeScope::Day {
        utc_offset_minutes: 60,
    };
    let set = |cap| Action::SetEnvelope {
        member: Some(me()),
        scope: day,
        cap: mc(cap),
    };
    let no = f.order("day", set(15_000)).await.envelope().unwrap();
    let dispatch = f.dispatch(1, mc(10_000)).await;
    let refused = refusal(f.ledger.hold(request(f.pool, 2, mc(5_001)), NOW).await);
    assert!(
        matches!(refused, Refusal::EnvelopeFull { .. }),
        "{refused:?}"
    );
    f.ledger
        .settle(&dispatch, reported(mc(4_000)), NOW)
        .await
        .unwrap();
    let _fits = f.hold(2, mc(11_000)).await;
    let tomorrow = NOW.plus_millis(24 * HOUR_MS);
    let mut next_day = request(f.pool, 3, mc(15_000));
    next_day.expires_at = tomorrow.plus_millis(HOUR_MS);
    assert!(matches!(
        f.ledger.hold(next_day, tomorrow).await.unwrap(),
        Held::New(_)
    ));
    assert_eq!(f.order("higher", set(900_000)).await.envelope(), Some(no));
    let refused = refusal(
        f.ledger
            .hold(request(f.pool, 4, mc(70_001)), tomorrow)
            .await,
    );
    assert!(
        matches!(refused, Refusal::InsufficientCredits { .. }),
        "{refused:?}"
    );
    f.order("lower", set(1)).await;
    refusal(f.ledger.hold(request(f.pool, 4, mc(2)), tomorrow).await);
    f.order("gone", Action::RemoveEnvelope { no }).await;
    let held = f.ledger.hold(request(f.pool, 4, mc(2)), tomorrow).await;
    assert!(matches!(held.unwrap(), Held::New(_)));
    let envelopes = f.ledger.envelopes(f.pool).await.unwrap();
    assert!(envelopes.len() == 1 && envelopes[0].is_removed);
    f.reopen().verify();
}

async fn an_envelope_around_a_conversation_follows_it(store: Store) {
    let f = Fixture::new(store).await;
    let inside = ConversationId::from_uuid(Uuid::from_u128(5));
    let ask = |number, millicredits| {
        let mut request = request(f.pool, number, mc(millicredits));
        request.conversation = Some(inside);
        f.ledger.hold_dispatched(request, NOW)
    };
    let anyai_ledger_db::Sent::New(before) = ask(1, 3_000).await.unwrap() else {
        panic!("held before")
    };
    f.ledger
        .settle(&before, reported(mc(2_000)), NOW)
        .await
        .unwrap();
    let scope = EnvelopeScope::Conversation(inside);
    let (member, cap) = (None, mc(5_000));
    let set = Action::SetEnvelope { member, scope, cap };
    f.order("chat", set).await;
    let refused = refusal(ask(2, 3_001).await);
    assert!(
        matches!(refused, Refusal::EnvelopeFull { .. }),
        "what was spent before counts"
    );
    assert!(matches!(
        ask(2, 3_000).await.unwrap(),
        anyai_ledger_db::Sent::New(_)
    ));
    let _outside = f.hold(3, mc(50_000)).await;
    f.reopen().verify();
}

async fn what_binds_is_said(store: Store) {
    let f = Fixture::new(store).await;
    let ends_at = f.balance().await.period.bounds.ends_at;
    let room = f.room(me()).await;
    assert_eq!(
        (room.left, room.bound, room.resets_at),
        (mc(100_000), Bound::Pool, Some(ends_at))
    );
    let limit = Some(mc(60_000));
    f.order(
        "limit",
        Action::SetMember {
            member: me(),
            limit,
        },
    )
    .await;
    let room = f.room(me()).await;
    assert_eq!((room.left, room.bound), (mc(60_000), Bound::Member));
    let scope = EnvelopeScope::Modality(WorkKind::Chat);
    let (member_of, cap) = (None, mc(20_000));
    let set = Action::SetEnvelope {
        member: member_of,
        scope,
        cap,
    };
    let no = f.order("chat", set).await.envelope().unwrap();
    let _open = f.hold(1, mc(1_000)).await;
    let room = f.room(me()).await;
    assert_eq!((room.left, room.bound), (mc(19_000), Bound::Envelope(no)));
    refusal(f.ledger.hold(request(f.pool, 2, mc(19_001)), NOW).await);
    let _exactly = f.hold(2, mc(19_000)).await;
    f.order("freeze", Action::SetFrozen { frozen: true }).await;
    assert_eq!(f.room(me()).await.bound, Bound::Frozen);
    f.order("thaw", Action::SetFrozen { frozen: false }).await;
    f.ledger
        .remove_member(f.pool, me(), order("leave"), NOW)
        .await
        .unwrap();
    let room = f.room(me()).await;
    assert_eq!((room.left, room.bound), (mc(0), Bound::Removed));
    let head = f.balance().await.head_seq;
    let query = RoomQuery {
        pool: f.pool,
        member: member(78),
        conversation: None,
        kind: WorkKind::Image,
    };
    let next_month = f.ledger.room(query, ends_at).await.unwrap();
    assert_eq!(next_month.left, mc(100_000));
    assert_eq!(f.balance().await.head_seq, head, "asking writes nothing");
    let nobodys = RoomQuery {
        pool: pool_id(9),
        ..query
    };
    let refused = refusal(f.ledger.room(nobodys, NOW).await);
    assert_eq!(refused, Refusal::UnknownPool { pool: pool_id(9) });
}
