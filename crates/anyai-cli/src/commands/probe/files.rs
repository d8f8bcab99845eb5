//! The files a probe sends: pictures and clips, told by their first bytes.

use std::path::{Path, PathBuf};

use anyai_providers::{Document, Image, VideoSource, media_type_of};
use bytes::Bytes;

use crate::commands::probe::ProbeError;

/// The largest picture sent.
const IMAGE_BYTES_MAX: u64 = 30 * 1024 * 1024;
/// The largest document sent.
const DOCUMENT_BYTES_MAX: u64 = 30 * 1024 * 1024;
/// The largest clip sent.
const CLIP_BYTES_MAX: u64 = 100 * 1024 * 1024;

pub(super) fn image(path: &Path) -> Result<Image, ProbeError> {
    let bytes = read(path, IMAGE_BYTES_MAX)?;
    let image = bytes.and_then(Image::recognised);
    image.ok_or_else(|| ProbeError::NotAnImage(path.to_owned()))
}

pub(super) fn images<'a>(
    paths: impl IntoIterator<Item = &'a PathBuf>,
) -> Result<Vec<Image>, ProbeError> {
    paths.into_iter().map(|path| image(path)).collect()
}

pub(super) fn documents(paths: &[PathBuf]) -> Result<Vec<Document>, ProbeError> {
    let document = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let bytes = read(path, DOCUMENT_BYTES_MAX)?;
        let document = bytes.and_then(|bytes| Document::recognised(name, bytes));
        document.ok_or_else(|| ProbeError::NotADocument(path.clone()))
    };
    paths.iter().map(document).collect()
}

pub(super) fn clip(at: &str) -> Result<VideoSource, ProbeError> {
    if at.starts_with("https://") || at.starts_with("http://") {
        return Ok(VideoSource::Url(at.to_owned()));
    }
    let path = Path::new(at);
    let bytes = read(path, CLIP_BYTES_MAX)?;
    let mime = |bytes: &Bytes| media_type_of(bytes).filter(|mime| mime.starts_with("video/"));
    match bytes.as_ref().and_then(mime).zip(bytes.clone()) {
        Some((mime, bytes)) => Ok(VideoSource::Bytes {
            mime: mime.to_owned(),
            bytes,
        }),
        None => Err(ProbeError::NotAClip(path.to_owned())),
    }
}

/// `None` when there is more of it than is sent.
fn read(path: &Path, bytes_max: u64) -> Result<Option<Bytes>, ProbeError> {
    let unreadable = |source| ProbeError::File {
        path: path.to_owned(),
        source,
    };
    let length = std::fs::metadata(path).map_err(unreadable)?.len();
    if length > bytes_max {
        return Ok(None);
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    Ok(Some(Bytes::from(bytes)))
}
