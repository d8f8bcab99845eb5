//! Orders through the handle: who wanted what, once for each key.

use anyai_ledger::{
    Action, Bound, EntryKind, EnvelopeScope, GrantKind, HoldState, Order, Refusal, Room, RoomQuery,
    TakeBackCause, WorkKind,
};
use anyai_ledger_db::{Held, HoldRef};
use anyai_units::{ConversationId, MemberId};
use uuid::Uuid;

use crate::fixture::{
    Fixture, HOUR_MS, NOW, Store, budget, mc, on_every_store, order, plan, pool_id, refusal,
    reported, request, settlement, turn,
};

on_every_store![
    an_order_is_carried_out_once_for_its_key,
    a_large_gift_needs_two_people,
    a_correction_says_who_and_why,
    a_charge_is_reversed_once,
    a_refund_gives_back_the_room_its_charge_took,
    a_payment_that_went_back_takes_its_credits,
    a_member_spends_within_their_limit,
    a_removed_member_holds_nothing_and_what_was_sent_runs_on,
    a_removed_member_who_is_taken_in_again_keeps_new_holds,
    an_envelope_only_lowers_what_can_be_spent,
    an_envelope_around_a_conversation_follows_it,
    what_binds_is_said,
    orders_survive_a_restart_and_read_back,
];

fn member(number: u128) -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(number))
}

/// The member of every [`request`].
fn me() -> MemberId {
    member(77)
}

fn top_up(millicredits: i64) -> Action {
    Action::Grant {
        kind: GrantKind::TopUp,
        amount: mc(millicredits),
        priority: 50,
        expires_at: None,
    }
}

impl Fixture {
    async fn order(&self, key: &str, action: Action) -> anyai_ledger::Ordered {
        let ordered = self.ledger.order(self.pool, order(key), action, NOW).await;
        ordered.unwrap()
    }

    async fn refused_order(&self, order: Order, action: Action) -> Refusal {
        let head = self.balance().await.head_seq;
        let refused = refusal(self.ledger.order(self.pool, order, action, NOW).await);
        assert_eq!(self.balance().await.head_seq, head, "nothing was written");
        refused
    }

    async fn room(&self, member: MemberId) -> Room {
        let query = RoomQuery {
            pool: self.pool,
            member,
            conversation: None,
            kind: WorkKind::Chat,
        };
        self.ledger.room(query, NOW).await.unwrap()
    }
}

async fn an_order_is_carried_out_once_for_its_key(store: Store) {
    let f = Fixture::new(store).await;
    let first = f.order("a", top_up(50_000)).await;
    assert_eq!(first.granted(), mc(50_000));
    let kinds: Vec<_> = first.entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [EntryKind::Order, EntryKind::Grant]);
    let again = f.order("a", top_up(50_000)).await;
    assert_eq!(again, first);
    let f = f.reopen();
    assert_eq!(
        f.order("a", top_up(50_000)).await,
        first,
        "also after a restart"
    );
    let key = "a".to_owned();
    let conflict = Refusal::OrderConflict { key };
    assert_eq!(f.refused_order(order("a"), top_up(50_001)).await, conflict);
    let freeze = Action::SetFrozen { frozen: true };
    assert_eq!(f.refused_order(order("a"), freeze).await, conflict);
    let mut others = order("a");
    others.actor = "somebody else".to_owned();
    assert_eq!(f.refused_order(others, top_up(50_000)).await, conflict);
    assert_eq!(f.sums().await, (150_000, 0, 0));
    f.verify();
}

async fn a_large_gift_needs_two_people(store: Store) {
    let f = Fixture::new(store).await;
    let gift = Action::Grant {
        kind: GrantKind::Admin,
        amount: mc(10_000_001),
        priority: 50,
        expires_at: None,
    };
    let refused = f.refused_order(order("gift"), gift.clone()).await;
    assert!(
        matches!(refused, Refusal::NeedsApproval { .. }),
        "{refused:?}"
    );
    let mut alone = order("gift");
    alone.approved_by = Some(alone.actor.clone());
    let refused = f.refused_order(alone, gift.clone()).await;
    assert!(
        matches!(refused, Refusal::NeedsApproval { .. }),
        "{refused:?}"
    );
    let mut agreed = order("gift");
    agreed.approved_by = Some("a second person".to_owned());
    let ordered = f.ledger.order(f.pool, agreed.clone(), gift, NOW).await;
    assert_eq!(ordered.unwrap().granted(), mc(10_000_001));
    let orders = f.ledger.orders(f.pool).await.unwrap();
    assert_eq!(orders.len(), 1, "refused ones are not stored");
    assert_eq!(orders[0].order, agreed);
    f.verify();
}

async fn a_correction_says_who_and_why(store: Store) {
    let f = Fixture::new(store).await;
    let adjust = |change| Action::Adjust {
        change: mc(change),
        expires_at: None,
    };
    let more = f.order("more", adjust(5_000)).await;
    assert_eq!(more.balance.available, mc(105_000));
    let less = f.order("less", adjust(-25_000)).await;
    assert_eq!(
        (less.revoked(), less.balance.available),
        (mc(25_000), mc(80_000))
    );
    let refused = f.refused_order(order("too much"), adjust(-80_001)).await;
    assert!(matches!(refused, Refusal::NotUnused { .. }), "{refused:?}");
    let refused = f.refused_order(order("nothing"), adjust(0)).await;
    assert!(
        matches!(refused, Refusal::InvalidAmount { .. }),
        "{refused:?}"
    );
    for ordered in [more, less] {
        let first = &ordered.entries[0];
        assert_eq!(first.kind, EntryKind::Order);
        assert_eq!(
            (first.actor.as_str(), first.reason.as_deref()),
            ("me", Some("why"))
        );
    }
    f.verify();
}

async fn a_charge_is_reversed_once(store: Store) {
    let f = Fixture::new(store).await;
    let dispatch = f.dispatch(1, mc(30_000)).await;
    let settled = f.ledger.settle(&dispatch, reported(mc(20_000)), NOW).await;
    let seq = crate::fixture::settlement(&settled.unwrap()).entries.first;
    let reverse = |amount: Option<i64>| Action::Reverse {
        seq,
        amount: amount.map(mc),
    };
    let part = f.order("part", reverse(Some(5_000))).await;
    assert_eq!(
        (part.granted(), part.balance.available),
        (mc(5_000), mc(85_000))
    );
    let written = part.entries.iter().any(|entry| entry.reverses == Some(seq));
    assert!(written, "{part:?}");
    let refused = f.refused_order(order("more"), reverse(Some(15_001))).await;
    assert!(
        matches!(refused, Refusal::AlreadyReversed { .. }),
        "{refused:?}"
    );
    let rest = f.order("rest", reverse(None)).await;
    assert_eq!(
        (rest.granted(), rest.balance.available),
        (mc(15_000), mc(100_000))
    );
    let refused = f.refused_order(order("again"), reverse(Some(1))).await;
    assert!(
        matches!(refused, Refusal::AlreadyReversed { .. }),
        "{refused:?}"
    );
    f.reopen().verify();
}

async fn a_refund_gives_back_the_room_its_charge_took(store: Store) {
    let f = Fixture::new(store).await;
    let limit = Action::SetMember {
        member: me(),
        limit: Some(mc(9_000)),
    };
    f.order("limit", limit).await;
    let day = |cap| Action::SetEnvelope {
        member: None,
        scope: EnvelopeScope::Day {
            utc_offset_minutes: 0,
        },
        cap: mc(cap),
    };
    f.order("day", day(9_500)).await;
    let dispatch = f.dispatch(1, mc(8_000)).await;
    let settled = f.ledger.settle(&dispatch, reported(mc(8_000)), NOW).await;
    let seq = settlement(&settled.unwrap()).entries.first;
    assert_eq!(f.room(me()).await.left, mc(1_000));
    let amount = Some(mc(3_000));
    f.order("sorry", Action::Reverse { seq, amount }).await;
    let f = f.reopen();
    let room = f.room(me()).await;
    assert_eq!((room.left, room.bound), (mc(4_000), Bound::Member));
    assert_eq!(f.room(member(5)).await.left, mc(4_500), "of the envelope");
    f.order("none", Action::RemoveEnvelope { no: 1 }).await;
    f.order("later", day(6_000)).await;
    assert_eq!(f.room(me()).await.left, mc(1_000), "5,000 were kept");
    f.verify();
}

async fn a_payment_that_went_back_takes_its_credits(store: Store) {
    let f = Fixture::new(store).await;
    f.order("shop-1", top_up(40_000)).await;
    f.order("shop-2", top_up(40_000)).await;
    let _open = f.hold(1, mc(30_000)).await;
    let take_back = |source: &str, cause| Action::TakeBack {
        source: source.to_owned(),
        cause,
    };
    let refund = take_back("shop-2", TakeBackCause::Refund);
    let refunded = f.order("refund", refund).await;
    assert_eq!(refunded.revoked(), mc(40_000));
    assert!(!refunded.balance.frozen);
    let chargeback = take_back("shop-1", TakeBackCause::Chargeback);
    let charged_back = f.order("chargeback", chargeback).await;
    assert_eq!(charged_back.revoked(), mc(10_000), "what is held is kept");
    assert!(charged_back.balance.frozen, "not all could be taken");
    let unknown = take_back("shop-3", TakeBackCause::Refund);
    let refused = f.refused_order(order("unknown"), unknown).await;
    assert!(
        matches!(refused, Refusal::UnknownGrant { .. }),
        "{refused:?}"
    );
    f.verify();
}

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

async fn orders_survive_a_restart_and_read_back(store: Store) {
    let f = Fixture::new(store).await;
    f.order("one", top_up(10)).await;
    f.order("two", budget(plan("max", 200))).await;
    f.order(
        "three",
        Action::SetMember {
            member: me(),
            limit: Some(mc(9)),
        },
    )
    .await;
    let before = f.ledger.orders(f.pool).await.unwrap();
    let keys: Vec<_> = before
        .iter()
        .map(|record| record.order.key.as_str())
        .collect();
    assert_eq!(keys, ["one", "two", "three"]);
    for pair in before.windows(2) {
        assert_eq!(pair[0].entries.last + 1, pair[1].entries.first);
    }
    let f = f.reopen();
    assert_eq!(f.ledger.orders(f.pool).await.unwrap(), before);
    f.verify();
}
