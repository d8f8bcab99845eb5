//! Orders through the handle: who wanted what, once for each key.

use anyai_ledger::{
    Action, Bound, EntryKind, EnvelopeScope, GrantKind, Order, Refusal, Room, RoomQuery,
    TakeBackCause, WorkKind,
};
use anyai_units::MemberId;
use uuid::Uuid;

use crate::fixture::{
    Fixture, NOW, Store, budget, mc, on_every_store, order, plan, refusal, reported, request,
    settlement,
};

on_every_store![
    an_order_is_carried_out_once_for_its_key,
    a_large_gift_needs_two_people,
    a_correction_says_who_and_why,
    a_charge_is_reversed_once,
    a_refund_gives_back_the_room_its_charge_took,
    a_refund_taken_back_takes_the_room_it_gave,
    credits_of_a_refund_that_are_taken_otherwise_leave_its_room,
    a_payment_that_went_back_takes_its_credits,
    orders_survive_a_restart_and_read_back,
];

pub(crate) fn member(number: u128) -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(number))
}

/// The member of every [`request`].
pub(crate) fn me() -> MemberId {
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
    pub(crate) async fn order(&self, key: &str, action: Action) -> anyai_ledger::Ordered {
        let ordered = self.ledger.order(self.pool, order(key), action, NOW).await;
        ordered.unwrap()
    }

    async fn refused_order(&self, order: Order, action: Action) -> Refusal {
        let head = self.balance().await.head_seq;
        let refused = refusal(self.ledger.order(self.pool, order, action, NOW).await);
        assert_eq!(self.balance().await.head_seq, head, "nothing was written");
        refused
    }

    pub(crate) async fn room(&self, member: MemberId) -> Room {
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
    f.order("later", day(8_500)).await;
    assert_eq!(f.room(member(5)).await.left, mc(500), "8,000 were charged");
    f.verify();
}

/// Also where the member has spent that room meanwhile: then nothing is left, and the next one is refused.
async fn a_refund_taken_back_takes_the_room_it_gave(store: Store) {
    let f = Fixture::new(store).await;
    let limit = Action::SetMember {
        member: me(),
        limit: Some(mc(9_000)),
    };
    f.order("limit", limit).await;
    let day = EnvelopeScope::Day {
        utc_offset_minutes: 0,
    };
    let set = |cap| Action::SetEnvelope {
        member: None,
        scope: day,
        cap: mc(cap),
    };
    f.order("day", set(9_500)).await;
    let dispatch = f.dispatch(1, mc(8_000)).await;
    let settled = f.ledger.settle(&dispatch, reported(mc(8_000)), NOW).await;
    let seq = settlement(&settled.unwrap()).entries.first;
    let reverse = |seq, amount| Action::Reverse {
        seq,
        amount: Some(mc(amount)),
    };
    let last = async |key, action| f.order(key, action).await.entries.pop().unwrap();
    let refund = last("sorry", reverse(seq, 5_000)).await;
    let lefts = async |f: &Fixture| {
        let (mine, theirs) = (f.room(me()).await, f.room(member(5)).await);
        [mine.left, theirs.left]
    };
    assert_eq!(lefts(&f).await, [mc(6_000), mc(6_500)]);
    let back = last("not so", reverse(refund.seq, 2_000)).await;
    assert_eq!((back.kind, back.hold), (EntryKind::Revoke, refund.hold));
    assert_eq!(lefts(&f).await, [mc(4_000), mc(4_500)]);
    let again = last("after all", reverse(back.seq, 500)).await;
    assert_eq!((again.kind, again.hold), (EntryKind::Grant, refund.hold));
    assert_eq!(lefts(&f).await, [mc(4_500), mc(5_000)]);
    let gone = last("and back", reverse(again.seq, 500)).await;
    assert_eq!(gone.hold, refund.hold);
    assert_eq!(lefts(&f).await, [mc(4_000), mc(4_500)]);

    let f = f.reopen();
    let dispatch = f.dispatch(2, mc(4_000)).await;
    let settled = f.ledger.settle(&dispatch, reported(mc(4_000)), NOW).await;
    settled.unwrap();
    f.order("now", reverse(refund.seq, 3_000)).await;
    let room = f.room(me()).await;
    assert_eq!((room.left, room.bound), (mc(0), Bound::Member));
    let refused = refusal(f.ledger.hold(request(f.pool, 3, mc(1)), NOW).await);
    assert!(
        matches!(refused, Refusal::MemberLimit { .. }),
        "{refused:?}"
    );
    f.order("none", Action::RemoveEnvelope { no: 1 }).await;
    f.order("later", set(12_500)).await;
    assert_eq!(f.room(member(5)).await.left, mc(500), "12,000 were charged");
    f.reopen().verify();
}

/// What is taken of a refund's credits by another order says nothing of its charge.
async fn credits_of_a_refund_that_are_taken_otherwise_leave_its_room(store: Store) {
    let f = Fixture::new(store).await;
    f.order(
        "all",
        Action::Adjust {
            change: mc(-92_000),
            expires_at: None,
        },
    )
    .await;
    let limit = Action::SetMember {
        member: me(),
        limit: Some(mc(9_000)),
    };
    f.order("limit", limit).await;
    let dispatch = f.dispatch(1, mc(8_000)).await;
    let settled = f.ledger.settle(&dispatch, reported(mc(8_000)), NOW).await;
    let seq = settlement(&settled.unwrap()).entries.first;
    f.order(
        "sorry",
        Action::Reverse {
            seq,
            amount: Some(mc(5_000)),
        },
    )
    .await;
    let taken = Action::Adjust {
        change: mc(-2_000),
        expires_at: None,
    };
    let taken = f.order("taken", taken).await.entries.pop().unwrap();
    assert_eq!((taken.kind, taken.hold), (EntryKind::Revoke, None));
    let more = top_up(50_000);
    f.order("more", more).await;
    assert_eq!(f.room(me()).await.left, mc(6_000));
    let back = Action::Reverse {
        seq: taken.seq,
        amount: None,
    };
    let back = f.order("back", back).await.entries.pop().unwrap();
    assert_eq!((back.kind, back.hold), (EntryKind::Grant, None));
    assert_eq!(f.room(me()).await.left, mc(6_000));
    f.reopen().verify();
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
