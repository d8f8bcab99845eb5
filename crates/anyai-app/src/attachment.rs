//! Attached files: stored by the server, pictures kept here as well when the server is elsewhere.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyai_units::AssetId;
use anyai_wire::{Attachment, AttachmentAdd, AttachmentBytes, Code, Detail, Door, WireError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use crate::studio::Studio;

const MIB: usize = 1024 * 1024;

/// What a file is by its first bytes, and how large such a one may be, in bytes. The server looks
/// closer; this keeps what it will not take from being sent at all.
fn limit_of(base64: &str) -> (&'static str, usize) {
    let head = base64.as_bytes().get(..16).unwrap_or_default();
    let head = STANDARD.decode(head).unwrap_or_default();
    let is_clip = head.get(4..8) == Some(b"ftyp") || head.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]);
    let is_picture = [&b"\x89PNG"[..], b"\xff\xd8", b"GIF8", b"RIFF"]
        .iter()
        .any(|start| head.starts_with(start));
    match (is_clip, is_picture) {
        (true, _) => ("clip", 512 * MIB),
        (_, true) => ("picture", 20 * MIB),
        _ if head.starts_with(b"%PDF") => ("PDF", 32 * MIB),
        _ => ("text file", MIB),
    }
}

pub(crate) async fn add(
    studio: &Arc<Studio>,
    request: AttachmentAdd,
) -> Result<Attachment, WireError> {
    let rejected = |message: &str| WireError::new(Code::AttachmentRejected, message.to_owned());
    // Four characters for three bytes, so the size is known before anything is decoded.
    let (what, limit) = limit_of(&request.base64);
    if request.base64.len() / 4 > limit.div_ceil(3) {
        return Err(
            rejected(&format!("the {what} is larger than {} MiB", limit / MIB)).with_detail(
                Detail::Limit {
                    asked: (request.base64.len() / 4 * 3) as u64,
                    limit: limit as u64,
                },
            ),
        );
    }
    let bytes = STANDARD
        .decode(request.base64.as_bytes())
        .map_err(|_| rejected("the file did not arrive whole"))?;
    let bytes = Bytes::from(bytes);
    let id = AssetId::from_uuid(studio.desk.host.mint_uuid());
    let put = studio
        .client
        .put_asset(id, &request.name, bytes.clone())
        .await;
    let attachment = put.map_err(WireError::from)?;
    keep(studio, attachment.asset_id, &attachment.mime, &bytes).await;
    Ok(attachment)
}

pub(crate) async fn read(studio: &Arc<Studio>, id: AssetId) -> Result<AttachmentBytes, WireError> {
    if let Some((mime, bytes)) = kept(studio, id).await {
        return Ok(in_base64(mime, &bytes));
    }
    let (mime, bytes) = studio.client.asset(id).await.map_err(WireError::from)?;
    keep(studio, id, &mime, &bytes).await;
    Ok(in_base64(mime, &bytes))
}

fn in_base64(mime: String, bytes: &[u8]) -> AttachmentBytes {
    AttachmentBytes {
        mime,
        base64: STANDARD.encode(bytes),
    }
}

/// The four types there are, and how their files end.
const TYPES: [(&str, &str); 4] = [
    ("image/png", "png"),
    ("image/jpeg", "jpg"),
    ("image/webp", "webp"),
    ("image/gif", "gif"),
];

/// An embedded studio has the picture on this disk already.
fn kept_file(studio: &Studio, id: AssetId, ending: &str) -> Option<PathBuf> {
    matches!(studio.door(), Door::Remote { .. }).then(|| {
        studio
            .folder()
            .join("pictures")
            .join(format!("{id}.{ending}"))
    })
}

async fn keep(studio: &Studio, id: AssetId, mime: &str, bytes: &[u8]) {
    let ending = TYPES
        .iter()
        .find(|(known, _)| *known == mime)
        .map(|(_, ending)| ending);
    let Some(path) = ending.and_then(|ending| kept_file(studio, id, ending)) else {
        return;
    };
    keep_at(&path, bytes).await;
}

/// Writes a copy for offline use, whole or not at all.
pub(crate) async fn keep_at(path: &Path, bytes: &[u8]) {
    let fresh = path.with_extension("new");
    let written = async {
        if let Some(folder) = path.parent() {
            tokio::fs::create_dir_all(folder).await?;
        }
        tokio::fs::write(&fresh, bytes).await?;
        tokio::fs::rename(&fresh, path).await
    };
    if let Err(error) = written.await {
        tracing::warn!(file = %path.display(), %error, "a picture was not kept for offline use");
    }
}

async fn kept(studio: &Studio, id: AssetId) -> Option<(String, Vec<u8>)> {
    for (mime, ending) in TYPES {
        let path = kept_file(studio, id, ending)?;
        if let Ok(bytes) = tokio::fs::read(path).await {
            return Some((mime.to_owned(), bytes));
        }
    }
    None
}
