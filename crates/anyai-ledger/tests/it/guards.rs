//! The store's guards hold by themselves, whatever a command computed.

use anyai_ledger::{
    Checkpoint, Digest, Effect, Entry, Envelope, EnvelopeMove, EnvelopeScope, GrantMove, HoldEnd,
    Member, MemberMove, MemoryError, PeriodMove, Refusal, Rows, SeqRange, Store, WorkKind,
};
use anyai_units::UtcMillis;

use crate::fixture::{World, mc, member, pool_id, refusal, top_up};

fn held_world() -> World {
    let mut world = World::new(100_000);
    world.hold(1, 40_000).unwrap();
    world
}

#[track_caller]
fn assert_guarded(world: &mut World, effect: Effect) {
    let answer = world.store.apply(vec![effect.clone()]);
    assert!(
        matches!(answer, Err(MemoryError::Guard(_))),
        "{effect:?}: {answer:?}"
    );
}

fn period_move(world: &World) -> PeriodMove {
    let zero = mc(0);
    PeriodMove {
        pool: world.pool,
        no: 0,
        granted: zero,
        posted: zero,
        pending: zero,
        expired: zero,
    }
}

fn grant_move(world: &World) -> GrantMove {
    let zero = mc(0);
    GrantMove {
        pool: world.pool,
        no: 1,
        used: zero,
        held: zero,
        revoked: zero,
        expired: zero,
    }
}

#[test]
fn a_period_never_owes_more_than_it_was_granted() {
    let world = held_world();
    let base = period_move(&world);
    for change in [
        PeriodMove {
            pending: mc(60_001),
            ..base
        },
        PeriodMove {
            posted: mc(60_001),
            ..base
        },
        PeriodMove {
            expired: mc(60_001),
            ..base
        },
        PeriodMove {
            granted: mc(-60_001),
            ..base
        },
        PeriodMove {
            pending: mc(-40_001),
            ..base
        },
        PeriodMove {
            posted: mc(-1),
            ..base
        },
        PeriodMove { no: 1, ..base },
    ] {
        let mut copy = World {
            store: world.store.clone(),
            ..held_world()
        };
        assert_guarded(&mut copy, Effect::MovePeriod(change));
    }
    let mut exact = held_world();
    let change = PeriodMove {
        pending: mc(60_000),
        ..base
    };
    exact.store.apply(vec![Effect::MovePeriod(change)]).unwrap();
}

#[test]
fn a_grant_never_gives_more_than_it_has() {
    let world = held_world();
    let base = grant_move(&world);
    for change in [
        GrantMove {
            used: mc(60_001),
            ..base
        },
        GrantMove {
            held: mc(60_001),
            ..base
        },
        GrantMove {
            revoked: mc(60_001),
            ..base
        },
        GrantMove {
            expired: mc(60_001),
            ..base
        },
        GrantMove {
            held: mc(-40_001),
            ..base
        },
        GrantMove { no: 2, ..base },
    ] {
        let mut copy = World {
            store: world.store.clone(),
            ..held_world()
        };
        assert_guarded(&mut copy, Effect::MoveGrant(change));
    }
}

#[test]
fn rows_are_made_once() {
    let mut world = held_world();
    let state = world.store.pool(world.pool).unwrap().unwrap();
    let period = world.store.period(world.pool, 0).unwrap().unwrap();
    let grant = world.store.all_grants(world.pool).next().unwrap().clone();
    let record = world.record(1);
    let other_source = anyai_ledger::Grant {
        source: "x".to_owned(),
        ..grant.clone()
    };
    let other_number = anyai_ledger::Grant { no: 2, ..grant };
    for effect in [
        Effect::OpenPool(state.clone()),
        Effect::OpenPeriod(period),
        Effect::AddGrant(other_source),
        Effect::AddGrant(other_number),
        Effect::PutHold(record),
        Effect::Advance {
            from_seq: state.seq - 1,
            to: state,
        },
    ] {
        let mut copy = held_world();
        assert_guarded(&mut copy, effect);
    }
}

#[test]
fn a_hold_moves_along_its_states_only() {
    let hold = held_world().id(1);
    let at = held_world().now;
    let end = HoldEnd {
        hold,
        charged: Some(mc(40_001)),
        used: vec![mc(40_001)],
        overrun: mc(0),
        basis: None,
        reason: None,
        at,
        entries: SeqRange { first: 1, last: 1 },
    };
    let dispatch = Effect::Dispatch {
        hold,
        provider_op: None,
        at,
    };
    assert_guarded(&mut held_world(), Effect::Resolve(end.clone()));
    assert_guarded(&mut held_world(), Effect::MarkUnknown { hold, at });
    let provider_op = "op".to_owned();
    assert_guarded(
        &mut held_world(),
        Effect::NoteProviderOp { hold, provider_op },
    );

    let mut ended = held_world();
    let within = HoldEnd {
        charged: Some(mc(40_000)),
        used: vec![mc(40_000)],
        ..end
    };
    for used in [
        vec![],
        vec![mc(39_999)],
        vec![mc(40_000), mc(0)],
        vec![mc(40_001)],
    ] {
        let end = HoldEnd {
            used,
            ..within.clone()
        };
        assert_guarded(&mut held_world(), Effect::Resolve(end));
    }
    ended
        .store
        .apply(vec![dispatch.clone(), Effect::Resolve(within.clone())])
        .unwrap();
    assert_guarded(&mut ended.clone(), dispatch);
    assert_guarded(&mut ended.clone(), Effect::Resolve(within));
}

/// The sum is right, and one grant pays what another had set aside.
#[test]
fn a_grant_pays_no_more_of_a_hold_than_it_covers() {
    let mut world = World::new(10);
    world.grant(&top_up("bought", 10)).unwrap();
    let hold = world.send(1, 20);
    for used in [[mc(11), mc(9)], [mc(-1), mc(21)], [mc(21), mc(-1)]] {
        let end = HoldEnd {
            hold,
            charged: Some(mc(20)),
            used: used.to_vec(),
            overrun: mc(0),
            basis: None,
            reason: None,
            at: world.now,
            entries: SeqRange { first: 1, last: 1 },
        };
        assert_guarded(&mut world.clone(), Effect::Resolve(end));
    }
}

#[test]
fn entries_are_appended_without_gaps() {
    let world = held_world();
    let last = world.store.entries(world.pool).last().unwrap().clone();
    for seq in [last.seq, last.seq + 2] {
        let entry = Entry {
            seq,
            ..last.clone()
        };
        assert_guarded(&mut held_world(), Effect::Append(entry));
    }
}

fn member_row(limit: Option<i64>, is_removed: bool) -> Member {
    Member {
        pool: pool_id(1),
        member: member(77),
        limit: limit.map(mc),
        is_removed,
    }
}

fn member_move(posted: i64, pending: i64) -> Effect {
    Effect::MoveMember(MemberMove {
        pool: pool_id(1),
        member: member(77),
        period: 0,
        posted: mc(posted),
        pending: mc(pending),
        unasked: mc(0),
    })
}

#[test]
fn a_member_never_holds_more_than_the_limit() {
    let with = |row| {
        let mut world = held_world();
        world.store.apply(vec![Effect::PutMember(row)]).unwrap();
        world
    };
    let mut world = with(member_row(Some(50_000), false));
    world.store.apply(vec![member_move(0, 10_000)]).unwrap();
    assert_guarded(&mut world, member_move(0, 1));
    let mut world = with(member_row(Some(10), false));
    world
        .store
        .apply(vec![member_move(40_000, -40_000)])
        .unwrap();
    assert_guarded(&mut with(member_row(None, true)), member_move(0, 1));
    assert_guarded(&mut held_world(), member_move(0, -40_001));
    assert_guarded(&mut held_world(), member_move(-1, 0));
    let mut world = with(member_row(None, false));
    world.store.apply(vec![member_move(0, 1_000_000)]).unwrap();
}

fn envelope_move(envelope: u64, posted: i64, pending: i64) -> Effect {
    Effect::MoveEnvelope(EnvelopeMove {
        pool: pool_id(1),
        envelope,
        window: 3,
        posted: mc(posted),
        pending: mc(pending),
        unasked: mc(0),
    })
}

#[test]
fn an_envelope_never_holds_more_than_its_cap() {
    let with_envelope = || {
        let mut world = held_world();
        let envelope = Envelope {
            pool: world.pool,
            no: 1,
            member: None,
            scope: EnvelopeScope::Modality(WorkKind::Chat),
            cap: mc(100),
            is_removed: false,
        };
        let put = Effect::PutEnvelope(envelope);
        world.store.apply(vec![put]).unwrap();
        world
    };
    let mut world = with_envelope();
    world.store.apply(vec![envelope_move(1, 0, 100)]).unwrap();
    assert_guarded(&mut world, envelope_move(1, 0, 1));
    let mut world = with_envelope();
    world.store.apply(vec![envelope_move(1, 200, 0)]).unwrap();
    assert_guarded(&mut world, envelope_move(1, 0, 1));
    assert_guarded(&mut with_envelope(), envelope_move(1, 0, 101));
    assert_guarded(&mut with_envelope(), envelope_move(1, -1, 0));
    assert_guarded(&mut with_envelope(), envelope_move(1, 0, -1));
    assert_guarded(&mut with_envelope(), envelope_move(2, 0, 1));
}

#[test]
fn an_order_is_carried_out_and_a_head_signed_once() {
    let mut world = held_world();
    world.freeze(true);
    let order = world.book().orders[0].clone();
    assert_guarded(&mut world, Effect::PutOrder(order));
    let (seq, hash, at) = {
        let balance = world.balance();
        (balance.head_seq, balance.head_hash, world.now)
    };
    let checkpoint = Checkpoint {
        pool: world.pool,
        seq,
        hash,
        at,
        key: [1; 32],
        signature: [2; 64],
    };
    anyai_ledger::put_checkpoint(&mut world.store, checkpoint).unwrap();
    assert_eq!(world.book().checkpoints, [checkpoint]);
    assert_guarded(&mut world.clone(), Effect::PutCheckpoint(checkpoint));
    for bad in [
        Checkpoint {
            seq: seq - 1,
            ..checkpoint
        },
        Checkpoint {
            seq: seq + 1,
            ..checkpoint
        },
    ] {
        let refused = anyai_ledger::put_checkpoint(&mut world.store, bad);
        let pool = world.pool;
        assert_eq!(refusal(refused), Refusal::BooksDisagree { pool });
    }
}

#[test]
fn a_checkpoints_bytes_are_the_documented_ones() {
    let hash = Digest([9; 32]);
    let at = UtcMillis::from_millis(0x0102);
    let bytes = Checkpoint::signed_bytes(pool_id(0x0506), 0x0304, &hash, at);
    let mut by_hand = b"anyai.checkpoint.1".to_vec();
    by_hand.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 6]);
    by_hand.extend([0, 0, 0, 0, 0, 0, 3, 4]);
    by_hand.extend([9; 32]);
    by_hand.extend([0, 0, 0, 0, 0, 0, 1, 2]);
    assert_eq!(bytes, by_hand);
}
