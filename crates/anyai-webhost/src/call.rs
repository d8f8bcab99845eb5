//! `POST /call/{command}`: forwards a JSON request to the app's own dispatch.

use std::sync::Arc;

use anyai_wire::{Code, Commands, WireError, dispatch};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::serve::Shared;

pub(crate) async fn call<C: Commands + Send + Sync + 'static>(
    State(shared): State<Arc<Shared<C>>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Result<Json<serde_json::Value>, JsonRejection>,
) -> Response {
    if !shared.guard.has_bearer(&headers) {
        let error = WireError::new(
            Code::TokenRejected,
            "this page does not hold the studio's token",
        );
        return (StatusCode::UNAUTHORIZED, Json(error)).into_response();
    }
    let request = match body {
        Ok(Json(request)) => request,
        Err(rejection) => {
            let error = WireError::new(Code::BadRequest, rejection.body_text());
            return (rejection.status(), Json(error)).into_response();
        }
    };
    match dispatch(shared.commands.as_ref(), &name, request).await {
        Ok(response) => Json(response).into_response(),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, Json(error)).into_response(),
    }
}
