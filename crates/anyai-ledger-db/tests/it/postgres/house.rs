//! A ledger in a database of its own, and what its tests do to it again and again.

use anyai_ledger::{HoldRecord, HoldState, PlanGrant, hold_id};
use anyai_ledger_db::{Ledger, LedgerError, PostgresOptions, Sent, verify_postgres};
use anyai_testpostgres::PostgresCluster;
use anyai_units::{Credits, PoolId};

use crate::fixture::{NOW, mc, plan, pool_id, reported, request, turn};

pub(super) const CEILING: Credits = Credits::from_millicredits(100);
pub(super) const COST: Credits = Credits::from_millicredits(70);

/// An empty database of the server that the tests of this process share.
pub(super) fn database() -> String {
    PostgresCluster::shared().database()
}

pub(super) fn open(address: &str) -> Ledger {
    Ledger::open_postgres(address, PostgresOptions::default()).unwrap()
}

/// A plan of so many times [`CEILING`], rounded up to whole credits.
pub(super) fn room_for(holds: i64) -> PlanGrant {
    let credits = holds * CEILING.millicredits();
    plan("max", credits.div_euclid(1_000) + 1)
}

pub(super) async fn pool(ledger: &Ledger, number: u128, plan: PlanGrant) -> PoolId {
    let pool = pool_id(number);
    ledger.ensure_pool(pool, plan, NOW, NOW).await.unwrap();
    pool
}

/// Whether the same command, sent again, may get another answer.
pub(super) fn is_passing(error: &LedgerError) -> bool {
    matches!(
        error,
        LedgerError::Busy
            | LedgerError::Conflict
            | LedgerError::Disconnected { .. }
            | LedgerError::Unreachable { .. }
            | LedgerError::OutcomeUnknown
    )
}

/// Holds and settles a turn, sending each command until it is acknowledged.
pub(super) async fn settle_at_last(ledger: &Ledger, pool: PoolId, number: u128) {
    loop {
        match ledger
            .hold_dispatched(request(pool, number, CEILING), NOW)
            .await
        {
            Ok(Sent::New(_) | Sent::Existing(_)) => break,
            Err(error) => assert!(is_passing(&error), "turn {number}: {error}"),
        }
    }
    let id = hold_id(pool, turn(number));
    loop {
        let hold = anyai_ledger_db::HoldRef { pool, id };
        match ledger.settle(hold, reported(COST), NOW).await {
            Ok(resolution) => return assert_eq!(resolution.charged(), COST),
            Err(error) => assert!(is_passing(&error), "turn {number}: {error}"),
        }
    }
}

/// The hold of a turn, which is there.
pub(super) async fn hold_of(ledger: &Ledger, pool: PoolId, number: u128) -> HoldRecord {
    let found = ledger.hold_of(pool, turn(number)).await.unwrap();
    found.unwrap_or_else(|| panic!("turn {number} is not there"))
}

/// Everything that was acknowledged is there, and everything follows from the entries.
pub(super) async fn all_settled(
    address: &str,
    pool: PoolId,
    turns: impl IntoIterator<Item = u128>,
) {
    let ledger = open(address);
    let mut spent = 0;
    for number in turns {
        let record = hold_of(&ledger, pool, number).await;
        assert_eq!(record.state, HoldState::Settled, "turn {number}");
        spent += COST.millicredits();
    }
    let balance = ledger.balance(pool, NOW).await.unwrap();
    let period = balance.period;
    assert_eq!((period.posted, period.pending), (mc(spent), Credits::ZERO));
    sound(address);
}

pub(super) fn sound(address: &str) {
    let report = verify_postgres(address).unwrap();
    assert_eq!(report.first_problem, None);
    assert!(report.sound);
}
