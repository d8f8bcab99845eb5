//! Commands on a pool that nobody orders: make it, read it.

use anyai_units::{PoolId, UtcMillis};

use crate::books::Books;
use crate::chain::epoch;
use crate::{Balance, PlanGrant, PoolState, Rows, Store, plans};

/// Finds the pool, or makes it with its first period's grant. A pool that exists keeps its plan
/// and its anchor.
///
/// # Errors
/// Refused when the anchor is after `now` or outside the calendar, and when the plan's amount is
/// negative.
pub fn ensure_pool<S: Store>(
    store: &mut S,
    pool: PoolId,
    plan: PlanGrant,
    anchor: UtcMillis,
    now: UtcMillis,
) -> Result<Balance, S::Error> {
    if store.pool(pool)?.is_some() {
        return balance(store, pool, now);
    }
    plans::check(&plan)?;
    let epoch = epoch(pool, anchor, now);
    let state = PoolState {
        id: pool,
        epoch,
        anchor,
        plan,
        next_plan: None,
        frozen: false,
        period: 0,
        grant_count: 0,
        seq: 0,
        head_hash: epoch,
        last_at: now,
    };
    Books::found(state, now)?.close(store)
}

/// What the pool has at `now`, after opening the period that contains it.
///
/// # Errors
/// Refused when there is no such pool.
pub fn balance<S: Store>(store: &mut S, pool: PoolId, now: UtcMillis) -> Result<Balance, S::Error> {
    Books::open(store, pool, now)?.close(store)
}

/// What the pool has as of its last command. It changes nothing.
///
/// # Errors
/// Refused when there is no such pool.
pub fn standing<R: Rows + ?Sized>(rows: &mut R, pool: PoolId) -> Result<Balance, R::Error> {
    let books = Books::open(rows, pool, UtcMillis::from_millis(i64::MIN))?;
    Ok(books.balance()?)
}
