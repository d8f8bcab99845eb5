//! The guards in the statements themselves, each on its own: without the tables' CHECKs and triggers
//! only the `WHERE` can refuse.

use anyai_ledger::{
    Allocation, Batch, Changes, Checkpoint, Command, CostBasis, Digest, Entry, Envelope,
    EnvelopeMove, EnvelopeScope, Grant, GrantMove, HoldChange, HoldRecord, HoldRequest, HoldState,
    Member, MemberMove, Order, OrderRecord, Period, PeriodBounds, PeriodMove, PlanGrant,
    PoolChange, PoolState, Rows, SeqRange, WorkKind, hold_id,
};
use anyai_units::{ConversationId, Credits, MemberId, PoolId, TurnId, UtcMillis};
use uuid::Uuid;

use super::{Backing, Open};
use crate::LedgerError;

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

/// Makes each of the cases below a test on a shelf.
macro_rules! guards_hold_on {
    ($shelf:ty) => {
        $crate::backing::tests::guards_hold_on!($shelf, [
            the_cap_is_in_the_update,
            a_grants_limit_is_in_the_update,
            a_members_limit_is_in_the_update,
            a_members_limit_is_in_the_insert,
            nothing_is_held_for_a_removed_member,
            an_envelopes_cap_is_in_the_update_and_in_the_insert,
            a_pool_that_moved_meanwhile_is_not_overwritten,
            a_hold_moves_from_the_state_it_is_in_and_ends_once,
            a_hold_keeps_its_terms,
            rows_are_made_once,
        ]);
    };
    ($shelf:ty, [$($case:ident,)+]) => {
        $(#[test]
        fn $case() {
            $crate::backing::tests::$case::<$shelf>();
        })+
    };
}
pub(crate) use guards_hold_on;

/// A database whose own guards can be taken away.
pub(crate) trait Shelf: Sized {
    /// What writes to it.
    type Backing: Backing;

    /// An empty one.
    fn new() -> Self;

    /// What writes to it.
    fn backing(&mut self) -> &mut Self::Backing;

    /// Takes the tables' CHECKs, keys to other tables and triggers away.
    fn unguard(&mut self);

    /// Runs SQL.
    fn execute(&mut self, sql: &str);

    /// Whether the error says that there is such a row already.
    fn is_made_twice(error: &LedgerError) -> bool;
}

/// A pool of 100 credits with 40 held for a member, without the tables' own guards.
struct Unguarded<S>(S);

impl<S: Shelf> Unguarded<S> {
    fn new() -> Self {
        let mut shelf = Self(S::new());
        let plan = PlanGrant {
            plan: "free".to_owned(),
            amount: mc(100_000),
        };
        let (pool, anchor) = (pool(), NOW);
        shelf.run(&Command::EnsurePool { pool, plan, anchor });
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
        shelf.run(&Command::Hold(request));
        shelf.0.unguard();
        shelf
    }

    fn run(&mut self, command: &Command) {
        let mut open = self.0.backing().begin(&[command]).unwrap();
        let mut batch = Batch::new(&mut open);
        batch.run(command, NOW).unwrap();
        let changes = batch.into_changes();
        open.write(&changes).unwrap();
        open.commit().unwrap();
    }

    fn open(&mut self) -> <S::Backing as Backing>::Open<'_> {
        let reading = Command::Balance { pool: pool() };
        self.0.backing().begin(&[&reading]).unwrap()
    }

    fn pool(&mut self) -> PoolState {
        self.open().pool(pool()).unwrap().unwrap()
    }

    fn hold(&mut self) -> HoldRecord {
        let id = hold_id(pool(), TurnId::from_uuid(Uuid::from_u128(2)));
        self.open().hold(id).unwrap().unwrap()
    }

    fn grant(&mut self) -> Grant {
        self.open().grant(pool(), 1).unwrap().unwrap()
    }

    fn entry(&mut self) -> Entry {
        self.open().entry(pool(), 2).unwrap().unwrap()
    }

    fn write(&mut self, changes: &Changes) -> Result<(), LedgerError> {
        let mut open = self.open();
        open.write(changes)?;
        open.commit()
    }

    #[track_caller]
    fn accepts(&mut self, changes: &Changes) {
        self.write(changes).unwrap();
    }

    #[track_caller]
    fn refuses(&mut self, changes: &Changes, expected: &str) {
        match self.write(changes) {
            Err(LedgerError::GuardBroken { guard }) => assert_eq!(guard, expected, "{changes:?}"),
            other => panic!("{changes:?}: {other:?}"),
        }
    }

    fn limit(&mut self, limit: Option<i64>, is_removed: bool) {
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

    fn cap(&mut self, cap: i64) {
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

pub(crate) fn the_cap_is_in_the_update<S: Shelf>() {
    let mut file = Unguarded::<S>::new();
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

pub(crate) fn a_grants_limit_is_in_the_update<S: Shelf>() {
    let mut file = Unguarded::<S>::new();
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

pub(crate) fn a_members_limit_is_in_the_update<S: Shelf>() {
    let guard = "a member's posted + pending <= limit";
    let mut file = Unguarded::<S>::new();
    file.accepts(&of_member(0, 0, 10_000));
    file.limit(Some(60_000), false);
    file.refuses(&of_member(0, 0, 10_001), guard);
    file.refuses(&of_member(0, 10_000, 1), guard);
    file.accepts(&of_member(0, 5_000, 5_000));
    file.limit(Some(1), false);
    file.refuses(&of_member(0, 0, 1), guard);
    // A batch that charges one hold and takes another holds no more, and uses more all the same.
    file.refuses(&of_member(0, 1, 0), guard);
    file.accepts(&of_member(0, 55_000, -55_000));
    file.limit(None, false);
    file.accepts(&of_member(0, 0, 1));
}

/// The first hold of a month makes the row: the limit holds there too.
pub(crate) fn a_members_limit_is_in_the_insert<S: Shelf>() {
    let guard = "a member's posted + pending <= limit";
    let mut file = Unguarded::<S>::new();
    file.limit(Some(60_000), false);
    file.refuses(&of_member(1, 0, 60_001), guard);
    file.refuses(&of_member(1, 60_000, 1), guard);
    file.accepts(&of_member(1, 0, 60_000));
    file.limit(None, false);
    file.accepts(&of_member(2, 0, 60_001));
}

pub(crate) fn nothing_is_held_for_a_removed_member<S: Shelf>() {
    let guard = "a member's posted + pending <= limit";
    let mut file = Unguarded::<S>::new();
    file.limit(None, true);
    file.refuses(&of_member(0, 0, 1), guard);
    file.refuses(&of_member(1, 0, 1), guard);
    file.accepts(&of_member(0, 40_000, -40_000));
    file.limit(None, false);
    file.accepts(&of_member(0, 0, 1));
}

pub(crate) fn an_envelopes_cap_is_in_the_update_and_in_the_insert<S: Shelf>() {
    let guard = "an envelope's posted + pending <= cap";
    let mut file = Unguarded::<S>::new();
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
    file.refuses(&of_envelope(1, 1, 0), guard);
    file.accepts(&of_envelope(1, 50_000, -50_000));
    file.refuses(&of_envelope(2, 0, 1), guard);
}

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
        match file.write(&changes) {
            Err(error) if S::is_made_twice(&error) => {}
            other => panic!("{changes:?}: {other:?}"),
        }
    }
}
