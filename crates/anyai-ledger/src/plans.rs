//! Changing the plan in a running period.

use anyai_units::Credits;

use crate::amount::{add, at_least_zero, negate, subtract};
use crate::books::{Books, LEDGER_ACTOR};
use crate::refusal::check_text;
use crate::{Grant, GrantKind, PlanGrant, PlanTerms, Refusal};

/// Changes the plan on the given terms.
pub(crate) fn change(
    books: &mut Books,
    plan: PlanGrant,
    terms: PlanTerms,
    actor: &str,
) -> Result<(), Refusal> {
    check(&plan)?;
    match terms {
        PlanTerms::Budget => change_budget(books, plan, actor),
        PlanTerms::Subscription => change_subscription(books, plan, actor),
    }
}

pub(crate) fn check(plan: &PlanGrant) -> Result<(), Refusal> {
    check_text("plan", &plan.plan)?;
    at_least_zero(plan.amount).map(|_| ())
}

/// The difference, so that what an administrator took stays taken; never above the new amount, so that
/// what could not be taken back is not granted twice.
fn change_budget(books: &mut Books, plan: PlanGrant, actor: &str) -> Result<(), Refusal> {
    let wanted = plan.amount;
    let more = subtract(wanted, books.pool.plan.amount)?;
    set_plan(books, plan, None, actor)?;
    let extra = more.min(subtract(wanted, granted(books)?)?);
    if extra > Credits::ZERO {
        grant_extra(books, extra, actor)
    } else {
        take_back(books, negate(more)?, actor)
    }
}

/// More comes at once, for the rest of the period; less waits for the next one. Never above the new
/// amount: a budget lowered before may have left granted what was spent of it.
fn change_subscription(books: &mut Books, plan: PlanGrant, actor: &str) -> Result<(), Refusal> {
    let current = books.pool.plan.clone();
    if plan.amount < current.amount {
        return set_plan(books, current, Some(plan), actor);
    }
    let extra = prorated(books, subtract(plan.amount, current.amount)?)?;
    let extra = extra.min(subtract(plan.amount, granted(books)?)?);
    set_plan(books, plan, None, actor)?;
    if extra > Credits::ZERO {
        grant_extra(books, extra, actor)?;
    }
    Ok(())
}

fn set_plan(
    books: &mut Books,
    plan: PlanGrant,
    next_plan: Option<PlanGrant>,
    actor: &str,
) -> Result<(), Refusal> {
    if books.pool.plan == plan && books.pool.next_plan == next_plan {
        return Ok(());
    }
    books.pool.plan = plan;
    books.pool.next_plan = next_plan;
    books.append_plan(actor)
}

/// What the period's plan grants come to, without what was revoked. Those of earlier periods have
/// expired, and are not in the books.
fn granted(books: &Books) -> Result<Credits, Refusal> {
    books
        .grants
        .iter()
        .filter(|grant| grant.kind == GrantKind::Plan)
        .try_fold(Credits::ZERO, |sum, grant| {
            add(sum, subtract(grant.amount, grant.revoked)?)
        })
}

fn grant_extra(books: &mut Books, amount: Credits, actor: &str) -> Result<(), Refusal> {
    let next_seq = books.pool.seq.saturating_add(1);
    let source = format!("plan:{}:{next_seq}", books.period.bounds.no);
    books.add_plan_grant(amount, source, actor.to_owned())
}

/// What a hold gave back does not become spendable above a budget that was lowered meanwhile: the
/// plan grants never have more left than the plan allows.
pub(crate) fn revoke_returned(books: &mut Books) -> Result<(), Refusal> {
    let excess = subtract(granted(books)?, books.pool.plan.amount)?;
    take_back(books, excess, LEDGER_ACTOR)
}

/// Takes up to `amount` of what plan grants have left, the newest grant first.
fn take_back(books: &mut Books, amount: Credits, actor: &str) -> Result<(), Refusal> {
    let is_plans = |grant: &&Grant| grant.kind == GrantKind::Plan;
    let mut grants: Vec<Grant> = books.grants.iter().filter(is_plans).cloned().collect();
    grants.sort_by_key(|grant| std::cmp::Reverse(grant.no));
    books.revoke(grants, amount.max(Credits::ZERO), actor, None)
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
