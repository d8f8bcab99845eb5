//! Each `WHERE` guard on its own: the tables' CHECKs and triggers are switched off, so that only
//! the guard of the statement can refuse.

use anyai_ledger::{
    Allocation, Batch, Changes, Checkpoint, Command, CostBasis, Digest, Entry, Envelope,
    EnvelopeMove, EnvelopeScope, Grant, GrantMove, HoldChange, HoldRecord, HoldRequest, HoldState,
    Member, MemberMove, Order, OrderRecord, Period, PeriodBounds, PeriodMove, PlanGrant,
    PoolChange, PoolState, Rows, SeqRange, WorkKind, hold_id,
};
use anyai_units::{ConversationId, Credits, MemberId, PoolId, TurnId, UtcMillis};
use uuid::Uuid;

use super::{SqliteBacking, SqliteRows, write};
use crate::backing::{Backing, Open};
use crate::{LedgerError, LedgerOptions};

const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);
const WINDOW: i64 = 0;

const fn mc(millicredits: i64) -> Credits {
    Credits::from_millicredits(millicredits)
}

const fn pool() -> PoolId {
    PoolId::from_uuid(Uuid::from_u128(1))
}

const fn member() -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(3))
}

/// A pool of 100 credits with 40 held for a member, without the tables' own guards.
struct Unguarded {
    _folder: tempfile::TempDir,
    backing: SqliteBacking,
}

impl Unguarded {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let backing = SqliteBacking::open(&path, LedgerOptions::default()).unwrap();
        let mut file = Self {
            _folder: folder,
            backing,
        };
        let plan = PlanGrant {
            plan: "free".to_owned(),
            amount: mc(100_000),
        };
        let (pool, anchor) = (pool(), NOW);
        file.run(&Command::EnsurePool { pool, plan, anchor });
        let request = HoldRequest {
            pool,
            member: member(),
            turn: TurnId::from_uuid(Uuid::from_u128(2)),
            fingerprint: [0; 32],
            estimate: mc(1),
            ceiling: mc(40_000),
            price_version: 1,
            model: "m".to_owned(),
            kind: WorkKind::Chat,
            conversation: None,
            expires_at: NOW,
        };
        file.run(&Command::Hold(request));
        let off = "PRAGMA ignore_check_constraints=on; PRAGMA foreign_keys=off; \
                   DROP TRIGGER hold_final; DROP TRIGGER entry_no_update;";
        file.backing.connection.execute_batch(off).unwrap();
        file
    }

    fn run(&mut self, command: &Command) {
        let mut open = self.backing.begin(&[command]).unwrap();
        let mut batch = Batch::new(&mut open);
        batch.run(command, NOW).unwrap();
        let changes = batch.into_changes();
        open.write(&changes).unwrap();
        open.commit().unwrap();
    }

    fn read<T>(
        &mut self,
        read: impl FnOnce(&mut SqliteRows<rusqlite::Transaction<'_>>) -> Result<T, LedgerError>,
    ) -> T {
        read(&mut self.backing.begin(&[]).unwrap()).unwrap()
    }

    fn pool(&mut self) -> PoolState {
        self.read(|rows| rows.pool(pool())).unwrap()
    }

    fn hold(&mut self) -> HoldRecord {
        let id = hold_id(pool(), TurnId::from_uuid(Uuid::from_u128(2)));
        self.read(|rows| rows.hold(id)).unwrap()
    }

    fn grant(&mut self) -> Grant {
        self.read(|rows| rows.grant(pool(), 1)).unwrap()
    }

    fn entry(&mut self) -> Entry {
        self.read(|rows| rows.entry(pool(), 2)).unwrap()
    }

    fn write(&self, changes: &Changes) -> Result<(), LedgerError> {
        write::write(&self.backing.connection, changes)
    }

    #[track_caller]
    fn accepts(&self, changes: &Changes) {
        self.write(changes).unwrap();
    }

    #[track_caller]
    fn refuses(&self, changes: &Changes, expected: &str) {
        match self.write(changes) {
            Err(LedgerError::GuardBroken { guard }) => assert_eq!(guard, expected, "{changes:?}"),
            other => panic!("{changes:?}: {other:?}"),
        }
    }

    fn limit(&self, limit: Option<i64>, is_removed: bool) {
        self.accepts(&Changes {
            members: vec![Member {
                pool: pool(),
                member: member(),
                limit: limit.map(mc),
                is_removed,
            }],
            ..Changes::default()
        });
    }

    fn cap(&self, cap: i64) {
        self.accepts(&Changes {
            envelopes: vec![Envelope {
                pool: pool(),
                no: 1,
                member: None,
                scope: EnvelopeScope::Conversation(ConversationId::from_uuid(Uuid::from_u128(4))),
                cap: mc(cap),
                is_removed: false,
            }],
            ..Changes::default()
        });
    }
}

fn of_period(no: u32, granted: i64, posted: i64, pending: i64, expired: i64) -> Changes {
    Changes {
        period_moves: vec![PeriodMove {
            pool: pool(),
            no,
            granted: mc(granted),
            posted: mc(posted),
            pending: mc(pending),
            expired: mc(expired),
        }],
        ..Changes::default()
    }
}

fn of_grant(no: u64, used: i64, held: i64, revoked: i64, expired: i64) -> Changes {
    Changes {
        grant_moves: vec![GrantMove {
            pool: pool(),
            no,
            used: mc(used),
            held: mc(held),
            revoked: mc(revoked),
            expired: mc(expired),
        }],
        ..Changes::default()
    }
}

fn of_member(period: u32, posted: i64, pending: i64) -> Changes {
    Changes {
        member_moves: vec![MemberMove {
            pool: pool(),
            member: member(),
            period,
            posted: mc(posted),
            pending: mc(pending),
        }],
        ..Changes::default()
    }
}

fn of_envelope(envelope: u64, posted: i64, pending: i64) -> Changes {
    Changes {
        envelope_moves: vec![EnvelopeMove {
            pool: pool(),
            envelope,
            window: WINDOW,
            posted: mc(posted),
            pending: mc(pending),
        }],
        ..Changes::default()
    }
}

fn of_hold(from: HoldState, to: HoldRecord) -> Changes {
    Changes {
        moved_holds: vec![HoldChange { from, to }],
        ..Changes::default()
    }
}

fn of_pool(from_seq: u64, to: PoolState) -> Changes {
    Changes {
        pools: vec![PoolChange {
            from_seq: Some(from_seq),
            to,
        }],
        ..Changes::default()
    }
}

#[test]
fn the_cap_is_in_the_update() {
    let file = Unguarded::new();
    for changes in [
        of_period(0, 0, 0, 60_001, 0),
        of_period(0, 0, 60_001, 0, 0),
        of_period(0, 0, 0, 0, 60_001),
        of_period(0, -60_001, 0, 0, 0),
        of_period(0, 0, 60_000, 1, 0),
        of_period(1, 0, 0, 0, 0),
    ] {
        file.refuses(&changes, "posted + pending + expired <= granted");
    }
    file.accepts(&of_period(0, 0, 0, 60_000, 0));
    file.refuses(
        &of_period(0, 0, 0, 1, 0),
        "posted + pending + expired <= granted",
    );
    file.accepts(&of_period(0, 1, 0, 1, 0));
}

#[test]
fn a_grants_limit_is_in_the_update() {
    let file = Unguarded::new();
    for changes in [
        of_grant(1, 60_001, 0, 0, 0),
        of_grant(1, 0, 60_001, 0, 0),
        of_grant(1, 0, 0, 60_001, 0),
        of_grant(1, 0, 0, 0, 60_001),
        of_grant(2, 0, 0, 0, 0),
    ] {
        file.refuses(&changes, "used + held + revoked + expired <= amount");
    }
    file.accepts(&of_grant(1, 40_000, -40_000, 60_000, 0));
    file.refuses(
        &of_grant(1, 0, 0, 0, 1),
        "used + held + revoked + expired <= amount",
    );
}

#[test]
fn a_members_limit_is_in_the_update() {
    let guard = "a member's posted + pending <= limit";
    let file = Unguarded::new();
    file.accepts(&of_member(0, 0, 10_000));
    file.limit(Some(60_000), false);
    file.refuses(&of_member(0, 0, 10_001), guard);
    file.refuses(&of_member(0, 10_000, 1), guard);
    file.accepts(&of_member(0, 5_000, 5_000));
    file.limit(Some(1), false);
    file.refuses(&of_member(0, 0, 1), guard);
    file.accepts(&of_member(0, 55_000, -55_000));
    file.limit(None, false);
    file.accepts(&of_member(0, 0, 1));
}

/// The first hold of a month makes the row: the limit holds there too.
#[test]
fn a_members_limit_is_in_the_insert() {
    let guard = "a member's posted + pending <= limit";
    let file = Unguarded::new();
    file.limit(Some(60_000), false);
    file.refuses(&of_member(1, 0, 60_001), guard);
    file.refuses(&of_member(1, 60_000, 1), guard);
    file.accepts(&of_member(1, 0, 60_000));
    file.limit(None, false);
    file.accepts(&of_member(2, 0, 60_001));
}

#[test]
fn nothing_is_held_for_a_removed_member() {
    let guard = "a member's posted + pending <= limit";
    let file = Unguarded::new();
    file.limit(None, true);
    file.refuses(&of_member(0, 0, 1), guard);
    file.refuses(&of_member(1, 0, 1), guard);
    file.accepts(&of_member(0, 40_000, -40_000));
    file.limit(None, false);
    file.accepts(&of_member(0, 0, 1));
}

#[test]
fn an_envelopes_cap_is_in_the_update_and_in_the_insert() {
    let guard = "an envelope's posted + pending <= cap";
    let file = Unguarded::new();
    file.refuses(&of_envelope(1, 0, 1), guard);
    file.cap(50_000);
    file.refuses(&of_envelope(1, 0, 50_001), guard);
    file.refuses(&of_envelope(1, 50_000, 1), guard);
    file.accepts(&of_envelope(1, 0, 20_000));
    file.refuses(&of_envelope(1, 0, 30_001), guard);
    file.refuses(&of_envelope(1, 30_000, 1), guard);
    file.accepts(&of_envelope(1, 0, 30_000));
    file.cap(1);
    file.refuses(&of_envelope(1, 0, 1), guard);
    file.accepts(&of_envelope(1, 50_000, -50_000));
    file.refuses(&of_envelope(2, 0, 1), guard);
}

#[test]
fn a_pool_that_moved_meanwhile_is_not_overwritten() {
    let guard = "nobody moved the pool meanwhile";
    let mut file = Unguarded::new();
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

#[test]
fn a_hold_moves_from_the_state_it_is_in_and_ends_once() {
    let guard = "a hold moves along its states, and ends once, charged at most its ceiling";
    let mut file = Unguarded::new();
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
    file.backing
        .connection
        .execute_batch("UPDATE hold SET state='voided'")
        .unwrap();
    file.refuses(&of_hold(HoldState::Voided, settled(1)), guard);
}

/// What was agreed is not written again, whatever the program says.
#[test]
fn a_hold_keeps_its_terms() {
    let mut file = Unguarded::new();
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

#[test]
fn rows_are_made_once() {
    let mut file = Unguarded::new();
    let (to, grant, hold, entry) = (file.pool(), file.grant(), file.hold(), file.entry());
    let from_seq = None;
    let order = OrderRecord {
        pool: pool(),
        order: Order {
            key: "k".to_owned(),
            actor: "a".to_owned(),
            reason: "r".to_owned(),
            approved_by: None,
        },
        digest: Digest::default(),
        entries: SeqRange { first: 1, last: 1 },
    };
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
        let answer = file.write(&changes);
        let Err(LedgerError::Database(error)) = answer else {
            panic!("{changes:?}: {answer:?}")
        };
        let code = error.sqlite_error_code();
        let expected = Some(rusqlite::ErrorCode::ConstraintViolation);
        assert_eq!(code, expected, "{changes:?}");
    }
}

/// What the driver calls a busy or damaged file gets the name that tells the caller what to do.
#[test]
fn errors_are_named_for_the_caller() {
    use rusqlite::ffi;
    let named = |code| {
        let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
        crate::error::classify(error, std::path::Path::new("l.db"))
    };
    assert!(matches!(named(ffi::SQLITE_FULL), LedgerError::DiskFull));
    assert!(matches!(named(ffi::SQLITE_BUSY), LedgerError::Busy));
    assert!(matches!(named(ffi::SQLITE_LOCKED), LedgerError::Busy));
    let named_damaged = named(ffi::SQLITE_CORRUPT);
    assert!(matches!(named_damaged, LedgerError::Damaged { .. }));
    let named_other = named(ffi::SQLITE_NOTADB);
    assert!(matches!(named_other, LedgerError::NotALedger { .. }));
    for code in [ffi::SQLITE_CANTOPEN, ffi::SQLITE_PERM, ffi::SQLITE_READONLY] {
        assert!(matches!(named(code), LedgerError::File { .. }), "{code}");
    }
    let named_guard = named(ffi::SQLITE_CONSTRAINT);
    assert!(matches!(named_guard, LedgerError::GuardBroken { .. }));
    assert!(matches!(named(ffi::SQLITE_IOERR), LedgerError::Database(_)));
}
