//! Commands on a pool: make it, change its plan, add to it, freeze it, read it.

use anyai_units::{Credits, PoolId, UtcMillis};

use crate::amount::{above_zero, add, at_least_zero, negate, subtract};
use crate::books::{Books, Draft, NewGrant};
use crate::chain::epoch;
use crate::effect::{GrantMove, PeriodMove};
use crate::refusal::check_text;
use crate::{
    Account, Balance, EntryKind, Grant, GrantKind, GrantRequest, PlanGrant, PlanTerms, PoolState,
    Refusal, Rows, Store,
};

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
    check_plan(&plan)?;
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

/// Changes the plan on the given terms. Repeating the command changes nothing, except that a
/// smaller budget takes back what holds have returned since.
///
/// # Errors
/// Refused when there is no such pool, and when the plan's amount is negative.
pub fn change_plan<S: Store>(
    store: &mut S,
    pool: PoolId,
    plan: PlanGrant,
    terms: PlanTerms,
    actor: &str,
    now: UtcMillis,
) -> Result<Balance, S::Error> {
    check_plan(&plan)?;
    check_text("actor", actor)?;
    let mut books = Books::open(store, pool, now)?;
    match terms {
        PlanTerms::Budget => change_budget(&mut books, plan, actor)?,
        PlanTerms::Subscription => change_subscription(&mut books, plan, actor)?,
    }
    books.close(store)
}

/// The plan grants of the period come to exactly the new amount, or to what is spent and held.
fn change_budget(books: &mut Books, plan: PlanGrant, actor: &str) -> Result<(), Refusal> {
    let granted = plan_granted(books)?;
    let wanted = plan.amount;
    if wanted > granted {
        grant_extra(books, subtract(wanted, granted)?, actor)?;
    } else {
        revoke_unused(books, subtract(granted, wanted)?, actor)?;
    }
    set_plan(books, plan, None);
    Ok(())
}

/// More comes at once, for the rest of the period; less waits for the next one.
fn change_subscription(books: &mut Books, plan: PlanGrant, actor: &str) -> Result<(), Refusal> {
    let current = books.pool.plan.clone();
    if plan.amount < current.amount {
        set_plan(books, current, Some(plan));
        return Ok(());
    }
    let extra = prorated(books, subtract(plan.amount, current.amount)?)?;
    if extra > Credits::ZERO {
        grant_extra(books, extra, actor)?;
    }
    set_plan(books, plan, None);
    Ok(())
}

fn set_plan(books: &mut Books, plan: PlanGrant, next_plan: Option<PlanGrant>) {
    if books.pool.plan != plan || books.pool.next_plan != next_plan {
        books.pool.plan = plan;
        books.pool.next_plan = next_plan;
        books.touch();
    }
}

/// What the period's plan grants come to, without what was revoked.
fn plan_granted(books: &Books) -> Result<Credits, Refusal> {
    let no = books.period.bounds.no;
    books
        .grants
        .iter()
        .filter(|grant| grant.kind == GrantKind::Plan && grant.period == no)
        .try_fold(Credits::ZERO, |sum, grant| {
            add(sum, subtract(grant.amount, grant.revoked)?)
        })
}

fn grant_extra(books: &mut Books, amount: Credits, actor: &str) -> Result<(), Refusal> {
    let next_seq = books.pool.seq.saturating_add(1);
    let source = format!("plan:{}:{next_seq}", books.period.bounds.no);
    books.add_plan_grant(amount, source, actor.to_owned())
}

/// Takes back up to `amount` of what plan grants have left, the newest grant first.
fn revoke_unused(books: &mut Books, amount: Credits, actor: &str) -> Result<(), Refusal> {
    let no = books.period.bounds.no;
    let mut wanted = amount;
    let mut grants: Vec<Grant> = books
        .grants
        .iter()
        .filter(|grant| grant.kind == GrantKind::Plan)
        .cloned()
        .collect();
    grants.sort_by_key(|grant| std::cmp::Reverse(grant.no));
    for grant in grants {
        let revoked = grant.left().ok_or(books.disagree())?.min(wanted);
        if revoked == Credits::ZERO {
            continue;
        }
        wanted = subtract(wanted, revoked)?;
        books.move_grant(GrantMove {
            revoked,
            ..books.grant_move(grant.no)
        })?;
        books.move_period(PeriodMove {
            granted: negate(revoked)?,
            ..books.period_move(no)
        })?;
        books.append(Draft {
            actor: actor.to_owned(),
            reason: Some(grant.source),
            ..Draft::new(
                EntryKind::Revoke,
                Account::Available(no),
                Account::HouseGrants,
                revoked,
            )
        })?;
    }
    Ok(())
}

/// The part of `amount` for what is left of the period, rounded down.
fn prorated(books: &Books, amount: Credits) -> Result<Credits, Refusal> {
    let bounds = books.period.bounds;
    let whole_ms = i128::from(bounds.ends_at.millis()) - i128::from(bounds.starts_at.millis());
    let left_ms = i128::from(bounds.ends_at.millis()) - i128::from(books.at.millis());
    let exact = i128::from(amount.millicredits()) * left_ms;
    let floored = exact
        .checked_div_euclid(whole_ms)
        .ok_or(Refusal::OutsideCalendar)?;
    let millicredits = i64::try_from(floored).map_err(|_| Refusal::AmountTooLarge)?;
    Ok(Credits::from_millicredits(millicredits))
}

/// Adds credits besides the plan. The same source with the same terms changes nothing.
///
/// # Errors
/// Refused when the source was used with other terms, when the grant claims to be a plan's, and
/// when it would expire at once.
pub fn grant<S: Store>(
    store: &mut S,
    request: &GrantRequest,
    now: UtcMillis,
) -> Result<Balance, S::Error> {
    above_zero(request.amount)?;
    check_text("source", &request.source)?;
    check_text("actor", &request.actor)?;
    let source_key = request.source.clone();
    if request.kind == GrantKind::Plan || source_key.starts_with("plan:") {
        return Err(Refusal::InvalidGrant { source_key }.into());
    }
    if let Some(stored) = store.grant_by_source(request.pool, &source_key)? {
        if !is_same_grant(&stored, request) {
            return Err(Refusal::GrantConflict { source_key }.into());
        }
        return balance(store, request.pool, now);
    }
    let mut books = Books::open(store, request.pool, now)?;
    if request.expires_at.is_some_and(|end| end <= books.at) {
        return Err(Refusal::InvalidGrant { source_key }.into());
    }
    books.add_grant(NewGrant {
        kind: request.kind,
        amount: request.amount,
        priority: request.priority,
        expires_at: request.expires_at,
        source: source_key,
        actor: request.actor.clone(),
    })?;
    books.close(store)
}

fn is_same_grant(stored: &Grant, request: &GrantRequest) -> bool {
    stored.kind == request.kind
        && stored.amount == request.amount
        && stored.priority == request.priority
        && stored.expires_at == request.expires_at
}

/// Refuses new holds, or accepts them again. Open holds run to their end either way.
///
/// # Errors
/// Refused when there is no such pool.
pub fn set_frozen<S: Store>(
    store: &mut S,
    pool: PoolId,
    frozen: bool,
    actor: &str,
    reason: &str,
    now: UtcMillis,
) -> Result<Balance, S::Error> {
    check_text("actor", actor)?;
    check_text("reason", reason)?;
    let mut books = Books::open(store, pool, now)?;
    if books.pool.frozen != frozen {
        books.pool.frozen = frozen;
        let kind = if frozen {
            EntryKind::Freeze
        } else {
            EntryKind::Thaw
        };
        let account = Account::Available(books.period.bounds.no);
        books.append(Draft {
            actor: actor.to_owned(),
            reason: Some(reason.to_owned()),
            ..Draft::new(kind, account, account, Credits::ZERO)
        })?;
    }
    books.close(store)
}

fn check_plan(plan: &PlanGrant) -> Result<(), Refusal> {
    check_text("plan", &plan.plan)?;
    at_least_zero(plan.amount).map(|_| ())
}
