//! Stored files in parts: a clip of fifty megabytes is never one answer, and small pictures are kept
//! here when the server is elsewhere, so that the library can be looked through offline.

use std::path::PathBuf;
use std::sync::Arc;

use anyai_units::AssetId;
use anyai_wire::{AssetForm, AssetPart, AssetRead, Door, WireError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use crate::client::FilePart;
use crate::studio::Studio;

/// Bytes of one answer.
const PART_BYTES_MAX: u64 = 4_000_000;

pub(crate) async fn read(studio: &Arc<Studio>, request: AssetRead) -> Result<AssetPart, WireError> {
    let length = request.length.clamp(1, PART_BYTES_MAX);
    match request.form {
        AssetForm::Whole => {
            let part = studio
                .client
                .asset_part(request.asset_id, request.from, length);
            Ok(on_the_wire(part.await.map_err(WireError::from)?))
        }
        AssetForm::Thumbnail => {
            let (mime, bytes) = thumbnail(studio, request.asset_id).await?;
            let total = bytes.len() as u64;
            let from = usize::try_from(request.from.min(total)).unwrap_or(bytes.len());
            let to = usize::try_from(request.from.saturating_add(length).min(total));
            let bytes = bytes.slice(from..to.unwrap_or(bytes.len()));
            Ok(on_the_wire(FilePart { mime, total, bytes }))
        }
    }
}

fn on_the_wire(part: FilePart) -> AssetPart {
    AssetPart {
        mime: part.mime,
        total: part.total,
        base64: STANDARD.encode(&part.bytes),
    }
}

async fn thumbnail(studio: &Studio, id: AssetId) -> Result<(String, Bytes), WireError> {
    let kept = kept_file(studio, id);
    if let Some(path) = &kept
        && let Ok(bytes) = tokio::fs::read(path).await
    {
        return Ok((mime_of(&bytes).to_owned(), bytes.into()));
    }
    let fetched = studio.client.thumbnail(id).await;
    let (mime, bytes) = fetched.map_err(WireError::from)?;
    if let Some(path) = kept {
        crate::attachment::keep_at(&path, &bytes).await;
    }
    Ok((mime, bytes))
}

/// An embedded studio has them on this disk already.
fn kept_file(studio: &Studio, id: AssetId) -> Option<PathBuf> {
    let elsewhere = matches!(studio.door(), Door::Remote { .. });
    elsewhere.then(|| studio.folder().join("thumbnails").join(id.to_string()))
}

/// A server's small pictures are one of two kinds.
fn mime_of(bytes: &[u8]) -> &'static str {
    match bytes.starts_with(b"\x89PNG") {
        true => "image/png",
        false => "image/jpeg",
    }
}
