//! POST `/v1/turns`

use std::sync::Arc;

use anyai_wire::api::{TurnPost, TurnRecord};
use axum::Json;
use axum::extract::State;

use crate::access::Caller;
use crate::answer::Failure;
use crate::extract::JsonBody;
use crate::studio::Studio;
use crate::turns;

pub(in crate::routes) async fn post(
    State(studio): State<Arc<Studio>>,
    caller: Caller,
    JsonBody(post): JsonBody<TurnPost>,
) -> Result<Json<TurnRecord>, Failure> {
    Ok(Json(turns::post(&studio, caller, post).await?))
}
