//! Pictures in and out.
//!
//! The app mints an asset's id; the bytes are kept once under their hash, whatever ids name them.

use std::sync::Arc;

use anyai_units::AssetId;
use anyai_wire::{Attachment, Code, WireError};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, StatusCode, header};
use serde::Deserialize;

use crate::answer::Failure;
use crate::assets::inspect;
use crate::extract::{PathId, QueryOf, RawBody};
use crate::studio::Studio;

/// What the person calls the file.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Named {
    #[serde(default)]
    name: String,
}

/// PUT `/v1/assets/{id}`
pub(super) async fn store(
    State(studio): State<Arc<Studio>>,
    PathId(id): PathId<AssetId>,
    QueryOf(Named { name }): QueryOf<Named>,
    RawBody(bytes): RawBody,
) -> Result<Json<Attachment>, Failure> {
    let asset = inspect(id, &name, &bytes)?;
    let sha256 = asset.sha256;
    let kept = match studio.history.asset(id).await? {
        Some(kept) => kept,
        None => {
            studio.assets.keep(sha256, bytes).await?;
            studio.history.put_asset(asset, studio.clock.now()).await?
        }
    };
    if kept.sha256 == sha256 {
        return Ok(Json(kept.attachment));
    }
    let error = WireError::new(Code::BadRequest, "that id names another picture already");
    Err(Failure::with_status(StatusCode::CONFLICT, error))
}

/// GET `/v1/assets/{id}`
pub(super) async fn read(
    State(studio): State<Arc<Studio>>,
    PathId(id): PathId<AssetId>,
) -> Result<Response, Failure> {
    let Some(asset) = studio.history.asset(id).await? else {
        let message = format!("the picture {id} was never stored here");
        let error = WireError::new(Code::AttachmentRejected, message);
        return Err(Failure::with_status(StatusCode::NOT_FOUND, error));
    };
    let bytes = studio.assets.read(&asset.sha256).await?;
    let headers: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, &asset.attachment.mime),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (
            header::CACHE_CONTROL,
            "private, max-age=31536000, immutable",
        ),
    ];
    Ok((headers, bytes).into_response())
}
