//! The store's guards hold by themselves, whatever a command computed.

use anyai_ledger::{
    Effect, Entry, GrantMove, HoldEnd, MemoryError, PeriodMove, Rows, SeqRange, Store,
};

use crate::fixture::{World, mc};

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
