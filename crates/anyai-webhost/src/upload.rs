//! `POST /upload`: another program's export, streamed from the browser's file into the app piece by
//! piece. A browser has no path to give, and a file of half a gigabyte is no JSON.

use std::sync::Arc;

use anyai_wire::{Code, Commands, ImportUpload, ImportUploaded, WireError};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;

use crate::serve::Shared;

/// Bytes that are handed on at once.
const PIECE_BYTES: usize = 4_000_000;

pub(crate) async fn upload<C: Commands + Send + Sync + 'static>(
    State(shared): State<Arc<Shared<C>>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if !shared.guard.has_bearer(&headers) {
        let message = "this page does not hold the studio's token";
        let error = WireError::new(Code::TokenRejected, message);
        return (StatusCode::UNAUTHORIZED, Json(error)).into_response();
    }
    match taken(&*shared.commands, body).await {
        Ok(uploaded) => Json(uploaded).into_response(),
        Err(error) => (StatusCode::UNPROCESSABLE_ENTITY, Json(error)).into_response(),
    }
}

async fn taken<C: Commands>(commands: &C, body: Body) -> Result<ImportUploaded, WireError> {
    let mut coming = body.into_data_stream();
    let (mut upload, mut piece) = (None, Vec::new());
    while let Some(more) = coming.next().await {
        let more = more.map_err(|_| WireError::new(Code::BadRequest, "the file broke off"))?;
        piece.extend_from_slice(&more);
        if piece.len() >= PIECE_BYTES {
            upload = Some(handed_on(commands, upload, std::mem::take(&mut piece)).await?);
        }
    }
    handed_on(commands, upload, piece).await
}

async fn handed_on<C: Commands>(
    commands: &C,
    upload: Option<ImportUploaded>,
    piece: Vec<u8>,
) -> Result<ImportUploaded, WireError> {
    let base64 = STANDARD.encode(piece);
    commands
        .import_upload(ImportUpload { upload, base64 })
        .await
}
