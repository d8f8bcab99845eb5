//! Members and envelopes: limits inside a pool, which can only lower what may be spent.

use anyai_ledger::{
    Action, Bound, EntryKind, EnvelopeScope, HoldRequest, MemoryError, Placed, Refusal, Room,
    RoomQuery, WorkKind,
};
use anyai_units::{ConversationId, MemberId, UtcMillis};
use proptest::prelude::*;

use crate::fixture::{ANCHOR, DAY_MS, HOUR_MS, World, conversation, mc, member, refusal};

const DAY: EnvelopeScope = EnvelopeScope::Day {
    utc_offset_minutes: 0,
};

fn set_member(number: u128, limit: Option<i64>) -> Action {
    Action::SetMember {
        member: member(number),
        limit: limit.map(mc),
    }
}

fn set_envelope(scope: EnvelopeScope, cap: i64) -> Action {
    Action::SetEnvelope {
        member: None,
        scope,
        cap: mc(cap),
    }
}

fn hold_for(
    world: &mut World,
    number: u128,
    ceiling: i64,
    about: impl FnOnce(&mut HoldRequest),
) -> Result<Placed, MemoryError> {
    let mut request = world.request(number, ceiling);
    about(&mut request);
    anyai_ledger::hold(&mut world.store, &request, world.now)
}

fn room_of(
    world: &mut World,
    who: MemberId,
    conversation: Option<ConversationId>,
    kind: WorkKind,
) -> Room {
    let query = RoomQuery {
        pool: world.pool,
        member: who,
        conversation,
        kind,
    };
    anyai_ledger::room(&mut world.store, &query, world.now).unwrap()
}

fn room(world: &mut World) -> Room {
    room_of(world, member(77), None, WorkKind::Chat)
}

#[test]
fn a_member_spends_up_to_their_limit_and_others_are_not_touched() {
    let mut world = World::new(100_000);
    let resets_at = world.balance().period.bounds.ends_at;
    let id = world.send(1, 10_000);
    world.settle(id, 4_000).unwrap();
    world.order(&set_member(77, Some(10_000))).unwrap();
    world.hold(2, 5_999).unwrap();
    let refused = Refusal::MemberLimit {
        member: member(77),
        needed: mc(2),
        available: mc(1),
        resets_at,
    };
    assert_eq!(refusal(world.hold(3, 2)), refused);
    let expected = Room {
        left: mc(1),
        bound: Bound::Member,
        resets_at: Some(resets_at),
    };
    assert_eq!(room(&mut world), expected);
    world.hold(3, 1).unwrap();
    hold_for(&mut world, 4, 50_000, |request| request.member = member(2)).unwrap();
    world.audit();
    world.now = resets_at;
    assert_eq!(room(&mut world).left, mc(10_000), "a month of their own");
    world.hold(5, 10_000).unwrap();
    world.audit();
}

#[test]
fn a_limit_below_what_is_spent_lets_what_runs_finish() {
    let mut world = World::new(100_000);
    let id = world.send(1, 10_000);
    world.order(&set_member(77, Some(3_000))).unwrap();
    assert_eq!(room(&mut world).left, mc(0));
    world.settle(id, 10_000).unwrap();
    assert_eq!(refusal(world.hold(2, 1)), {
        let resets_at = world.balance().period.bounds.ends_at;
        Refusal::MemberLimit {
            member: member(77),
            needed: mc(1),
            available: mc(0),
            resets_at,
        }
    });
    world.hold(2, 0).unwrap();
    world.order(&set_member(77, None)).unwrap();
    world.hold(3, 90_000).unwrap();
    let refused = refusal(world.order(&set_member(77, Some(-1))));
    assert_eq!(refused, Refusal::InvalidAmount { amount: mc(-1) });
    world.audit();
}

#[test]
fn a_removed_member_begins_nothing_and_finishes_what_was_sent() {
    let mut world = World::new(100_000);
    world.order(&set_member(77, Some(50_000))).unwrap();
    let sent = world.send(1, 10_000);
    world.hold(2, 10_000).unwrap();
    let gone = member(77);
    world.order(&Action::RemoveMember { member: gone }).unwrap();
    let removed = Refusal::MemberRemoved { member: gone };
    assert_eq!(refusal(world.hold(3, 0)), removed);
    let (held, now) = (world.id(2), world.now);
    let answer = anyai_ledger::dispatch(&mut world.store, held, None, now);
    assert_eq!(refusal(answer), removed);
    let expected = Room {
        left: mc(0),
        bound: Bound::Removed,
        resets_at: None,
    };
    assert_eq!(room(&mut world), expected);
    world.settle(sent, 9_000).unwrap();
    world.void(held).unwrap();
    let row = world.book().members[0];
    assert_eq!((row.limit, row.is_removed), (Some(mc(50_000)), true));
    let entry = world.store.entries(world.pool).iter().rev();
    let mut entry = entry.filter(|entry| entry.kind == EntryKind::Member);
    assert_eq!(entry.next().unwrap().detail, Some(row.digest()));
    world.order(&set_member(77, None)).unwrap();
    world.hold(3, 60_000).unwrap();
    world.audit();
}

#[test]
fn a_frozen_pool_has_no_room_and_says_why() {
    let mut world = World::new(100_000);
    world.freeze(true);
    let expected = Room {
        left: mc(0),
        bound: Bound::Frozen,
        resets_at: None,
    };
    assert_eq!(room(&mut world), expected);
    let gone = Action::RemoveMember { member: member(77) };
    world.order(&gone).unwrap();
    assert_eq!(room(&mut world).bound, Bound::Frozen, "the first of both");
}

/// Room reads the month that begins at `now` without opening it.
#[test]
fn room_writes_nothing() {
    let mut world = World::new(100_000);
    world.hold(1, 90_000).unwrap();
    let before = world.book();
    let resets_at = world.balance().period.bounds.ends_at;
    world.now = resets_at;
    let next = room(&mut world);
    assert_eq!((next.left, next.bound), (mc(100_000), Bound::Pool));
    assert!(next.resets_at > Some(resets_at));
    assert_eq!(world.book(), before);
}

#[test]
fn an_envelope_is_around_its_own_day() {
    let mut world = World::new(100_000);
    world.order(&set_envelope(DAY, 10_000)).unwrap();
    let id = world.send(1, 8_000);
    world.settle(id, 6_000).unwrap();
    let midnight = ANCHOR.plus_millis(14 * HOUR_MS);
    let refused = Refusal::EnvelopeFull {
        envelope: 1,
        needed: mc(4_001),
        available: mc(4_000),
        resets_at: Some(midnight),
    };
    assert_eq!(refusal(world.hold(2, 4_001)), refused);
    world.hold(2, 4_000).unwrap();
    world.now = midnight.plus_millis(-1);
    assert_eq!(room(&mut world).left, mc(0));
    world.now = midnight;
    let expected = Room {
        left: mc(10_000),
        bound: Bound::Envelope(1),
        resets_at: Some(midnight.plus_millis(DAY_MS)),
    };
    assert_eq!(room(&mut world), expected);
    world.settle_late(2);
    assert_eq!(room(&mut world).left, mc(10_000), "yesterday's charge");
    world.audit();
}

impl World {
    /// Dispatches a held turn and settles it whole.
    fn settle_late(&mut self, number: u128) {
        let (id, now) = (self.id(number), self.now);
        anyai_ledger::dispatch(&mut self.store, id, None, now).unwrap();
        self.settle(id, 4_000).unwrap();
    }
}

#[test]
fn a_day_begins_by_the_clock_of_the_place() {
    for (offset, hours) in [(0, 14), (60, 13), (-300, 19), (840, 0), (-840, 4)] {
        let mut world = World::new(100_000);
        let scope = EnvelopeScope::Day {
            utc_offset_minutes: offset,
        };
        world.order(&set_envelope(scope, 10)).unwrap();
        let hours = if hours == 0 { 24 } else { hours };
        let expected = ANCHOR.plus_millis(hours * HOUR_MS);
        assert_eq!(room(&mut world).resets_at, Some(expected), "{offset}");
    }
    for offset in [841, -841] {
        let scope = EnvelopeScope::Day {
            utc_offset_minutes: offset,
        };
        let refused = World::new(1).order(&set_envelope(scope, 10));
        assert_eq!(refusal(refused), Refusal::InvalidEnvelope);
    }
    let refused = World::new(1).order(&set_envelope(DAY, -1));
    assert_eq!(refusal(refused), Refusal::InvalidAmount { amount: mc(-1) });
}

#[test]
fn an_envelope_starts_with_what_its_window_spent() {
    let mut world = World::new(100_000);
    let id = world.send(1, 5_000);
    world.settle(id, 5_000).unwrap();
    world.now = ANCHOR.plus_millis(DAY_MS);
    let id = world.send(2, 3_000);
    world.settle(id, 2_000).unwrap();
    hold_for(&mut world, 3, 7_000, |request| {
        request.kind = WorkKind::Image
    })
    .unwrap();
    let day = world.order(&set_envelope(DAY, 10_000)).unwrap();
    assert_eq!(day.envelope(), Some(1));
    let last = day.entries.last().unwrap();
    assert_eq!((last.kind, last.amount), (EntryKind::Envelope, mc(2_000)));
    assert_eq!(room(&mut world).left, mc(8_000), "today's alone");
    let chat = EnvelopeScope::Modality(WorkKind::Chat);
    let chat = world.order(&set_envelope(chat, 7_500)).unwrap();
    assert_eq!(
        chat.entries.last().unwrap().amount,
        mc(7_000),
        "this month's"
    );
    let image = EnvelopeScope::Modality(WorkKind::Image);
    let image = world.order(&set_envelope(image, 7_500)).unwrap();
    assert_eq!(image.entries.last().unwrap().amount, mc(0), "held before");
    assert_eq!(
        room(&mut world),
        Room {
            left: mc(500),
            bound: Bound::Envelope(2),
            resets_at: Some(world.balance().period.bounds.ends_at),
        }
    );
    world.audit();
}

#[test]
fn an_envelope_is_around_its_own_conversation_member_and_kind() {
    let mut world = World::new(100_000);
    let inside = conversation(1);
    let scope = EnvelopeScope::Conversation(inside);
    let set = Action::SetEnvelope {
        member: Some(member(77)),
        scope,
        cap: mc(10),
    };
    world.order(&set).unwrap();
    let expected = Room {
        left: mc(10),
        bound: Bound::Envelope(1),
        resets_at: None,
    };
    let chat = WorkKind::Chat;
    assert_eq!(
        room_of(&mut world, member(77), Some(inside), chat),
        expected
    );
    for (who, about) in [
        (member(77), None),
        (member(77), Some(conversation(2))),
        (member(78), Some(inside)),
    ] {
        let room = room_of(&mut world, who, about, chat);
        assert_eq!(room.bound, Bound::Pool, "{who} {about:?}");
    }
    hold_for(&mut world, 1, 10, |request| {
        request.conversation = Some(inside);
    })
    .unwrap();
    world.now = world.now.plus_millis(400 * DAY_MS);
    assert_eq!(
        room_of(&mut world, member(77), Some(inside), chat).left,
        mc(0),
        "for as long as it lives"
    );
    world.audit();
}

#[test]
fn the_same_envelope_again_changes_its_cap() {
    let mut world = World::new(100_000);
    let id = world.send(1, 5_000);
    world.settle(id, 5_000).unwrap();
    let first = world.order(&set_envelope(DAY, 10_000)).unwrap();
    let again = world.order(&set_envelope(DAY, 7_000)).unwrap();
    assert_eq!((first.envelope(), again.envelope()), (Some(1), Some(1)));
    assert_eq!(again.entries.last().unwrap().amount, mc(0), "once");
    assert_eq!(room(&mut world).left, mc(2_000));
    world.order(&Action::RemoveEnvelope { no: 1 }).unwrap();
    assert_eq!(room(&mut world).bound, Bound::Pool);
    for no in [1, 2, 0] {
        let refused = refusal(world.order(&Action::RemoveEnvelope { no }));
        assert_eq!(refused, Refusal::UnknownEnvelope { envelope: no });
    }
    let anew = world.order(&set_envelope(DAY, 7_000)).unwrap();
    assert_eq!(anew.envelope(), Some(2));
    assert_eq!(room(&mut world).left, mc(2_000));
    world.audit();
}

#[test]
fn a_pool_has_at_most_sixty_four_envelopes_at_a_time() {
    let mut world = World::new(100_000);
    let about = |number: u128| EnvelopeScope::Conversation(conversation(number));
    for number in 0..64 {
        world.order(&set_envelope(about(number), 10)).unwrap();
    }
    let refused = refusal(world.order(&set_envelope(about(64), 10)));
    assert_eq!(refused, Refusal::TooManyEnvelopes { limit: 64 });
    world.order(&set_envelope(about(63), 11)).unwrap();
    world.order(&Action::RemoveEnvelope { no: 5 }).unwrap();
    let done = world.order(&set_envelope(about(64), 10)).unwrap();
    assert_eq!(done.envelope(), Some(65), "a number is used once");
    world.audit();
}

#[derive(Clone, Copy, Debug)]
struct Attempt {
    ceiling: i64,
    who: u128,
    about: Option<u128>,
    kind: usize,
    passes: i64,
}

fn attempts() -> impl Strategy<Value = Vec<Attempt>> {
    let about = proptest::option::of(0..2_u128);
    let attempt = (0..30_000_i64, 0..2_u128, about, 0..3_usize, 0..DAY_MS);
    let attempt = attempt.prop_map(|(ceiling, who, about, kind, passes)| Attempt {
        ceiling,
        who,
        about,
        kind,
        passes,
    });
    proptest::collection::vec(attempt, 1..25)
}

fn accepted(world: &mut World, number: u128, attempt: Attempt, at: UtcMillis) -> bool {
    world.now = at;
    let kinds = [WorkKind::Chat, WorkKind::Image, WorkKind::Video];
    let placed = hold_for(world, number, attempt.ceiling, |request| {
        request.member = member(attempt.who);
        request.conversation = attempt.about.map(conversation);
        request.kind = kinds[attempt.kind];
    });
    placed.is_ok()
}

proptest! {
    /// Where the world without limits accepted the same holds so far, whatever is accepted with
    /// limits is accepted without them.
    #[test]
    fn limits_only_ever_refuse(
        tries in attempts(),
        caps in proptest::collection::vec((0..40_000_i64, 0..3_usize), 0..4),
    ) {
        let mut free = World::new(100_000);
        let mut limited = World::new(100_000);
        limited.order(&set_member(0, Some(60_000))).unwrap();
        for (cap, kind) in caps {
            let scopes = [
                DAY,
                EnvelopeScope::Conversation(conversation(0)),
                EnvelopeScope::Modality(WorkKind::Image),
            ];
            limited.order(&set_envelope(scopes[kind], cap)).unwrap();
        }
        let mut at = ANCHOR;
        for (number, attempt) in (1_u128..).zip(tries) {
            at = at.plus_millis(attempt.passes);
            if accepted(&mut limited, number, attempt, at) {
                prop_assert!(accepted(&mut free, number, attempt, at), "{attempt:?}");
            }
        }
        limited.audit();
    }
}
