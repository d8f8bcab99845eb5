//! Each `WHERE` guard on its own: the tables' CHECKs and triggers are switched off, so that only
//! the guard of the statement can refuse.

use anyai_ledger::{
    Effect, Entry, GrantMove, HoldEnd, HoldRequest, PeriodMove, PlanGrant, SeqRange, Store,
    WorkKind, hold_id,
};
use anyai_units::{Credits, HoldId, MemberId, PoolId, TurnId, UtcMillis};
use rusqlite::Connection;
use uuid::Uuid;

use super::SqliteStore;
use crate::{LedgerError, LedgerOptions, file};

const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);

fn mc(millicredits: i64) -> Credits {
    Credits::from_millicredits(millicredits)
}

fn pool() -> PoolId {
    PoolId::from_uuid(Uuid::from_u128(1))
}

fn turn() -> TurnId {
    TurnId::from_uuid(Uuid::from_u128(2))
}

fn hold() -> HoldId {
    hold_id(pool(), turn())
}

/// A pool of 100 credits with 40 held, without the tables' own guards.
fn unguarded() -> (tempfile::TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let connection = file::open_writer(&path, LedgerOptions::default()).unwrap();
    let mut store = SqliteStore::new(&connection);
    let plan = PlanGrant {
        plan: "free".to_owned(),
        amount: mc(100_000),
    };
    anyai_ledger::ensure_pool(&mut store, pool(), plan, NOW, NOW).unwrap();
    let request = HoldRequest {
        pool: pool(),
        member: MemberId::from_uuid(Uuid::from_u128(3)),
        turn: turn(),
        fingerprint: [0; 32],
        estimate: mc(1),
        ceiling: mc(40_000),
        price_version: 1,
        model: "m".to_owned(),
        kind: WorkKind::Chat,
        expires_at: NOW,
    };
    anyai_ledger::hold(&mut store, &request, NOW).unwrap();
    connection
        .execute_batch(
            "PRAGMA ignore_check_constraints=on; DROP TRIGGER hold_final; \
             DROP TRIGGER entry_no_update;",
        )
        .unwrap();
    (folder, connection)
}

#[track_caller]
fn assert_refused(connection: &Connection, effect: Effect, expected: &str) {
    let mut store = SqliteStore::new(connection);
    match store.apply(std::slice::from_ref(&effect)) {
        Err(LedgerError::GuardBroken { guard }) => assert_eq!(guard, expected, "{effect:?}"),
        other => panic!("{effect:?}: {other:?}"),
    }
    assert!(
        store.moved.is_empty(),
        "nobody is woken for what was refused"
    );
}

#[test]
fn the_cap_is_in_the_update() {
    let (_folder, connection) = unguarded();
    let zero = mc(0);
    let base = PeriodMove {
        pool: pool(),
        no: 0,
        granted: zero,
        posted: zero,
        pending: zero,
        expired: zero,
    };
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
        PeriodMove { no: 1, ..base },
    ] {
        let expected = "posted + pending + expired <= granted";
        assert_refused(&connection, Effect::MovePeriod(change), expected);
    }
    let exact = Effect::MovePeriod(PeriodMove {
        pending: mc(60_000),
        ..base
    });
    SqliteStore::new(&connection).apply(&[exact]).unwrap();
}

#[test]
fn a_grants_limit_is_in_the_update() {
    let (_folder, connection) = unguarded();
    let zero = mc(0);
    let base = GrantMove {
        pool: pool(),
        no: 1,
        used: zero,
        held: zero,
        revoked: zero,
        expired: zero,
    };
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
        GrantMove { no: 2, ..base },
    ] {
        let expected = "used + held + revoked + expired <= amount";
        assert_refused(&connection, Effect::MoveGrant(change), expected);
    }
}

#[test]
fn a_pool_that_moved_meanwhile_is_not_overwritten() {
    let (_folder, connection) = unguarded();
    let to = SqliteStore::new(&connection).pool(pool()).unwrap().unwrap();
    let expected = "nobody moved the pool meanwhile";
    let stale = Effect::Advance {
        from_seq: to.seq - 1,
        to: to.clone(),
    };
    assert_refused(&connection, stale, expected);
    let back_in_time = anyai_ledger::PoolState {
        last_at: to.last_at.plus_millis(-1),
        ..to.clone()
    };
    assert_refused(
        &connection,
        Effect::Advance {
            from_seq: to.seq,
            to: back_in_time,
        },
        expected,
    );
}

#[test]
fn a_hold_moves_along_its_states_only() {
    let (_folder, connection) = unguarded();
    let (hold, at) = (hold(), NOW);
    let dispatch = Effect::Dispatch {
        hold,
        provider_op: None,
        at,
    };
    let unknown = Effect::MarkUnknown { hold, at };
    let note = Effect::NoteProviderOp {
        hold,
        provider_op: "op".to_owned(),
    };
    let settle = |charged| {
        Effect::Resolve(HoldEnd {
            hold,
            charged: Some(mc(charged)),
            overrun: mc(0),
            basis: Some(anyai_ledger::CostBasis::Reported),
            reason: None,
            at,
            entries: SeqRange { first: 3, last: 3 },
        })
    };
    let only_held = "only a held hold is dispatched";
    let only_sent = "only sent work has a provider's name";
    let only_dispatched = "only a dispatched hold becomes unknown";
    let once = "a hold ends once, charged at most its ceiling";
    assert_refused(&connection, unknown.clone(), only_dispatched);
    assert_refused(&connection, note.clone(), only_sent);
    SqliteStore::new(&connection)
        .apply(std::slice::from_ref(&dispatch))
        .unwrap();
    assert_refused(&connection, dispatch.clone(), only_held);
    assert_refused(&connection, settle(40_001), once);
    SqliteStore::new(&connection)
        .apply(&[settle(40_000)])
        .unwrap();
    assert_refused(&connection, settle(40_000), once);
    assert_refused(&connection, dispatch, only_held);
    assert_refused(&connection, unknown, only_dispatched);
    assert_refused(&connection, note, only_sent);
}

#[test]
fn no_more_is_used_than_was_allocated_and_only_once() {
    let (_folder, connection) = unguarded();
    let hold = hold();
    let expected = "no more is used than was allocated";
    let take = |used| Effect::UseAllocation {
        hold,
        grant: 1,
        used: mc(used),
    };
    assert_refused(&connection, take(40_001), expected);
    SqliteStore::new(&connection)
        .apply(&[take(40_000)])
        .unwrap();
    assert_refused(&connection, take(1), expected);
}

#[test]
fn rows_are_made_once() {
    let (_folder, connection) = unguarded();
    let mut store = SqliteStore::new(&connection);
    let state = store.pool(pool()).unwrap().unwrap();
    let period = store.period(pool(), 0).unwrap().unwrap();
    let grant = store.grants(pool(), 0).unwrap().remove(0);
    let record = store.hold(hold()).unwrap().unwrap();
    let entry = store.entries(pool(), 1, 1).unwrap().remove(0);
    let other_number = anyai_ledger::Grant {
        no: 2,
        ..grant.clone()
    };
    let gap = Entry {
        seq: entry.seq + 2,
        ..entry.clone()
    };
    for effect in [
        Effect::OpenPool(state),
        Effect::OpenPeriod(period),
        Effect::AddGrant(grant),
        Effect::AddGrant(other_number),
        Effect::PutHold(record),
        Effect::Append(entry),
        Effect::Append(gap),
    ] {
        let answer = store.apply(std::slice::from_ref(&effect));
        let Err(LedgerError::Database(error)) = answer else {
            panic!("{effect:?}: {answer:?}")
        };
        let code = error.sqlite_error_code();
        assert_eq!(
            code,
            Some(rusqlite::ErrorCode::ConstraintViolation),
            "{effect:?}"
        );
    }
}

/// What the driver calls a busy or damaged file gets the name that tells the caller what to do.
#[test]
fn errors_are_named_for_the_caller() {
    let named = |code| {
        let error = rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), None);
        crate::error::classify(error, std::path::Path::new("l.db"))
    };
    assert!(matches!(
        named(rusqlite::ffi::SQLITE_FULL),
        LedgerError::DiskFull
    ));
    assert!(matches!(
        named(rusqlite::ffi::SQLITE_BUSY),
        LedgerError::Busy
    ));
    assert!(matches!(
        named(rusqlite::ffi::SQLITE_CORRUPT),
        LedgerError::Damaged { .. }
    ));
    assert!(matches!(
        named(rusqlite::ffi::SQLITE_NOTADB),
        LedgerError::NotALedger { .. }
    ));
    assert!(matches!(
        named(rusqlite::ffi::SQLITE_CANTOPEN),
        LedgerError::File { .. }
    ));
    assert!(matches!(
        named(rusqlite::ffi::SQLITE_CONSTRAINT),
        LedgerError::GuardBroken { .. }
    ));
    assert!(matches!(
        named(rusqlite::ffi::SQLITE_IOERR),
        LedgerError::Database(_)
    ));
}
