//! The monthly budget.

use std::sync::Arc;

use anyai_ledger::{Action, Order, PlanGrant, PlanTerms};
use anyai_wire::{Balance, Code, PlanChoose};
use axum::Json;
use axum::extract::State;
use uuid::Uuid;

use crate::access::Owner;
use crate::answer::Failure;
use crate::credits::wire_balance;
use crate::extract::JsonBody;
use crate::studio::Studio;

/// PUT `/v1/plan`
pub(super) async fn choose(
    State(studio): State<Arc<Studio>>,
    Owner(caller): Owner,
    JsonBody(choice): JsonBody<PlanChoose>,
) -> Result<Json<Balance>, Failure> {
    let Some(plan) = studio.catalogue.plan(&choice.plan_id) else {
        let message = format!("there is no plan {:?}", choice.plan_id);
        return Err(Failure::new(Code::PlanUnknown, message));
    };
    let grant = PlanGrant {
        plan: plan.id.clone(),
        amount: plan.monthly_allowance,
    };
    let now = studio.clock.now();
    let order = Order {
        key: format!("budget:{}", Uuid::now_v7()),
        actor: caller.member.to_string(),
        reason: "the monthly budget".to_owned(),
        approved_by: None,
    };
    let action = Action::ChangePlan {
        plan: grant,
        terms: PlanTerms::Budget,
    };
    let pool = studio.identity.pool;
    let ordered = studio.ledger.order(pool, order, action, now).await?;
    Ok(Json(wire_balance(&ordered.balance, now)))
}
