//! The guards in the statements themselves, each on its own: without the tables' CHECKs and triggers
//! only the `WHERE` can refuse.

mod changes;
mod rows;
mod sums;

use anyai_ledger::{
    Batch, Changes, Command, Entry, Envelope, EnvelopeScope, Grant, HoldRecord, HoldRequest,
    Member, PlanGrant, PoolState, Rows, WorkKind, hold_id,
};
use anyai_units::{ConversationId, Credits, MemberId, PoolId, TurnId, UtcMillis};
use uuid::Uuid;

use super::{Backing, Open};
use crate::LedgerError;
pub(crate) use rows::*;
pub(crate) use sums::*;

pub(crate) const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);
const WINDOW: i64 = 0;

pub(crate) const fn mc(millicredits: i64) -> Credits {
    Credits::from_millicredits(millicredits)
}

pub(crate) const fn pool() -> PoolId {
    PoolId::from_uuid(Uuid::from_u128(1))
}

pub(crate) const fn member() -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(3))
}

pub(crate) const fn turn(number: u128) -> TurnId {
    TurnId::from_uuid(Uuid::from_u128(number))
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
            a_number_that_does_not_fit_is_refused,
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

    /// Whether the error says that one of the changes makes a row that is there already.
    fn is_made_twice(changes: &Changes, error: &LedgerError) -> bool;
}

/// The request of a turn.
pub(crate) fn request(number: u128, ceiling: Credits) -> HoldRequest {
    HoldRequest {
        pool: pool(),
        member: member(),
        turn: turn(number),
        fingerprint: [0; 32],
        estimate: mc(1),
        ceiling,
        price_version: 1,
        model: "m".to_owned(),
        kind: WorkKind::Chat,
        conversation: None,
        expires_at: NOW,
    }
}

/// Carries a command out.
pub(crate) fn run(backing: &mut impl Backing, command: &Command) {
    let mut open = backing.begin(&[command]).unwrap();
    let mut batch = Batch::new(&mut open);
    batch.run(command, NOW).unwrap();
    let changes = batch.into_changes();
    if changes != Changes::default() {
        open.write(&changes).unwrap();
        open.commit().unwrap();
    }
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
        shelf.run(&Command::Hold(request(2, mc(40_000))));
        shelf.0.unguard();
        shelf
    }

    fn run(&mut self, command: &Command) {
        run(self.0.backing(), command);
    }

    fn open(&mut self) -> <S::Backing as Backing>::Open<'_> {
        let reading = Command::Balance { pool: pool() };
        self.0.backing().begin(&[&reading]).unwrap()
    }

    fn pool(&mut self) -> PoolState {
        self.open().pool(pool()).unwrap().unwrap()
    }

    fn hold(&mut self) -> HoldRecord {
        let id = hold_id(pool(), turn(2));
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
