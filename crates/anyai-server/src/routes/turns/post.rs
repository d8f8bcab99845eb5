//! POST `/v1/turns`

use std::sync::Arc;

use anyai_wire::api::{TurnPost, TurnRecord};
use anyai_wire::{Code, WireError};
use axum::Json;
use axum::extract::State;
use http::StatusCode;

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
    let taken = turns::post(&studio, caller, post).await;
    Ok(Json(taken.map_err(refused)?))
}

/// Once a turn is held its provider's failure is the turn's own and comes with its events. What is said
/// of a provider here was said before anything was held, and the status says that nothing was done.
fn refused(error: WireError) -> Failure {
    match error.code {
        Code::ProviderQuotaExhausted
        | Code::ProviderOverloaded
        | Code::ProviderFailed
        | Code::ProviderUnreachable
        | Code::ProviderMalformed
        | Code::ProviderTimeout => Failure::with_status(StatusCode::CONFLICT, error),
        _ => error.into(),
    }
}
