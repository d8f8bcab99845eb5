//! Rows by themselves: a pool that moves, a hold on its way, and what is made once.

use anyai_ledger::{
    Allocation, Changes, Checkpoint, CostBasis, Digest, Grant, HoldRecord, HoldState, Order,
    OrderRecord, Period, PeriodBounds, PoolChange, PoolState, Refusal, SeqRange, WorkKind,
};
use anyai_units::{PoolId, TurnId};
use uuid::Uuid;

use super::changes::{of_hold, of_pool};
use super::{NOW, Shelf, Unguarded, mc, pool};
use crate::LedgerError;

pub(crate) fn a_pool_that_moved_meanwhile_is_not_overwritten<S: Shelf>() {
    let guard = "nobody moved the pool meanwhile";
    let mut file = Unguarded::<S>::new();
    let to = file.pool();
    file.refuses(&of_pool(to.seq - 1, to.clone()), guard);
    file.refuses(&of_pool(to.seq + 1, to.clone()), guard);
    let back_in_time = PoolState {
        last_at: to.last_at.plus_millis(-1),
        ..to.clone()
    };
    file.refuses(&of_pool(to.seq, back_in_time), guard);
    let nobodys = PoolState {
        id: PoolId::from_uuid(Uuid::from_u128(9)),
        ..to.clone()
    };
    file.refuses(&of_pool(to.seq, nobodys), guard);
    file.accepts(&of_pool(to.seq, to));
}

pub(crate) fn a_hold_moves_from_the_state_it_is_in_and_ends_once<S: Shelf>() {
    let guard = "a hold moves along its states, and ends once, charged at most its ceiling";
    let mut file = Unguarded::<S>::new();
    let held = file.hold();
    let in_state = |state| HoldRecord {
        state,
        ..held.clone()
    };
    let settled = |charged| HoldRecord {
        state: HoldState::Settled,
        charged: Some(mc(charged)),
        basis: Some(CostBasis::Reported),
        resolved_at: Some(NOW),
        resolved_by: Some(SeqRange { first: 3, last: 3 }),
        ..held.clone()
    };
    let dispatched = in_state(HoldState::Dispatched);
    for from in [
        HoldState::Dispatched,
        HoldState::Unknown,
        HoldState::Settled,
        HoldState::Voided,
    ] {
        file.refuses(&of_hold(from, dispatched.clone()), guard);
    }
    file.accepts(&of_hold(HoldState::Held, dispatched.clone()));
    file.refuses(&of_hold(HoldState::Held, dispatched), guard);
    file.refuses(&of_hold(HoldState::Dispatched, settled(40_001)), guard);
    file.accepts(&of_hold(HoldState::Dispatched, settled(40_000)));
    for from in [
        HoldState::Held,
        HoldState::Dispatched,
        HoldState::Unknown,
        HoldState::Settled,
        HoldState::Voided,
    ] {
        file.refuses(&of_hold(from, settled(1)), guard);
    }
    file.0.execute("UPDATE hold SET state='voided'");
    file.refuses(&of_hold(HoldState::Voided, settled(1)), guard);
}

/// What was agreed is not written again, whatever the program says.
pub(crate) fn a_hold_keeps_its_terms<S: Shelf>() {
    let mut file = Unguarded::<S>::new();
    let held = file.hold();
    let changed = HoldRecord {
        state: HoldState::Dispatched,
        turn: TurnId::from_uuid(Uuid::from_u128(8)),
        fingerprint: [9; 32],
        period: 7,
        estimate: mc(2),
        ceiling: mc(99_000),
        price_version: 2,
        model: "dear".to_owned(),
        kind: WorkKind::Video,
        created_at: NOW.plus_millis(5),
        allocations: vec![Allocation {
            grant: 1,
            amount: mc(40_000),
            used: mc(3),
        }],
        ..held.clone()
    };
    file.accepts(&of_hold(HoldState::Held, changed.clone()));
    let expected = HoldRecord {
        state: changed.state,
        allocations: changed.allocations,
        ..held
    };
    assert_eq!(file.hold(), expected);
}

pub(crate) fn rows_are_made_once<S: Shelf>() {
    let mut file = Unguarded::<S>::new();
    let (to, grant, hold, entry) = (file.pool(), file.grant(), file.hold(), file.entry());
    let from_seq = None;
    let order = order(1, 1);
    let checkpoint = Checkpoint {
        pool: pool(),
        seq: 2,
        hash: entry.hash,
        at: NOW,
        key: [1; 32],
        signature: [2; 64],
    };
    let period = Period {
        pool: pool(),
        bounds: PeriodBounds::containing(NOW, NOW).unwrap(),
        granted: mc(0),
        posted: mc(0),
        pending: mc(0),
        expired: mc(0),
    };
    let same_source = Grant {
        no: 2,
        ..grant.clone()
    };
    let none = Changes::default;
    file.accepts(&Changes {
        orders: vec![order.clone()],
        checkpoints: vec![checkpoint],
        ..none()
    });
    for changes in [
        Changes {
            pools: vec![PoolChange { from_seq, to }],
            ..none()
        },
        Changes {
            new_periods: vec![period],
            ..none()
        },
        Changes {
            new_grants: vec![grant],
            ..none()
        },
        Changes {
            new_grants: vec![same_source],
            ..none()
        },
        Changes {
            new_holds: vec![hold],
            ..none()
        },
        Changes {
            entries: vec![entry],
            ..none()
        },
        Changes {
            orders: vec![order],
            ..none()
        },
        Changes {
            checkpoints: vec![checkpoint],
            ..none()
        },
    ] {
        match file.write(&changes) {
            Err(error) if S::is_made_twice(&changes, &error) => {}
            other => panic!("{changes:?}: {other:?}"),
        }
    }
}

/// Neither database counts as far as the program does.
pub(crate) fn a_number_that_does_not_fit_is_refused<S: Shelf>() {
    let mut file = Unguarded::<S>::new();
    for (first, last) in [(u64::MAX, 1), (1, u64::MAX)] {
        let refused = file.write(&Changes {
            orders: vec![order(first, last)],
            ..Changes::default()
        });
        let too_large = LedgerError::Refused(Refusal::AmountTooLarge).to_string();
        assert_eq!(refused.unwrap_err().to_string(), too_large);
    }
}

fn order(first: u64, last: u64) -> OrderRecord {
    OrderRecord {
        pool: pool(),
        order: Order {
            key: "k".to_owned(),
            actor: "a".to_owned(),
            reason: "r".to_owned(),
            approved_by: None,
        },
        digest: Digest::default(),
        entries: SeqRange { first, last },
    }
}
