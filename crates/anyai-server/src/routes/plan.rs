//! The monthly budget.

use std::sync::Arc;

use anyai_ledger::{Action, Order, PlanTerms};
use anyai_wire::{Balance, PlanChoose};
use axum::Json;
use axum::extract::State;
use uuid::Uuid;

use super::orders::plan;
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
    let plan = plan(&studio, &choice.plan_id)?;
    let now = studio.clock.now();
    let order = Order {
        key: format!("budget:{}", Uuid::now_v7()),
        actor: caller.member.to_string(),
        reason: "the monthly budget".to_owned(),
        approved_by: None,
    };
    let action = Action::ChangePlan {
        plan,
        terms: PlanTerms::Budget,
    };
    let pool = studio.identity.pool;
    let ordered = studio.ledger.order(pool, order, action, now).await?;
    Ok(Json(wire_balance(&ordered.balance, now)))
}
