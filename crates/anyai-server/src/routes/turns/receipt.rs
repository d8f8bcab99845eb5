//! GET `/v1/turns/{id}/receipt`

use std::sync::Arc;

use anyai_units::TurnId;
use anyai_wire::Receipt;
use axum::Json;
use axum::extract::State;

use super::find;
use crate::access::Caller;
use crate::answer::Failure;
use crate::extract::PathId;
use crate::studio::Studio;
use crate::turns;

pub(in crate::routes) async fn receipt(
    State(studio): State<Arc<Studio>>,
    caller: Caller,
    PathId(id): PathId<TurnId>,
) -> Result<Json<Receipt>, Failure> {
    let turn = find(&studio, caller, id).await?;
    Ok(Json(turns::receipt(&studio, turn).await?))
}
