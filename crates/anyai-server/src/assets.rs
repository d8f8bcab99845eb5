//! Pictures on disk: content-addressed files, and what their bytes say they are.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use anyai_units::AssetId;
use anyai_wire::{Attachment, Code, Detail, WireError};
use bytes::Bytes;
use image::{ImageFormat, ImageReader};
use sha2::{Digest, Sha256};

use crate::history::AssetRow;

/// The largest picture, in bytes.
const PICTURE_BYTES_MAX: u64 = 20 * 1024 * 1024;

/// The longest edge of a picture, in pixels.
const PICTURE_EDGE_PX_MAX: u32 = 20_000;

/// The longest name that is kept, in characters.
const NAME_CHARS_MAX: usize = 200;

/// The folder of pictures.
#[derive(Clone, Debug)]
pub(crate) struct AssetFolder {
    folder: PathBuf,
}

impl AssetFolder {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Stores bytes under their hash; the same bytes are stored once.
    pub(crate) async fn keep(&self, sha256: [u8; 32], bytes: Bytes) -> Result<(), WireError> {
        let path = self.path(&sha256);
        let written = tokio::task::spawn_blocking(move || write_once(&path, &bytes)).await;
        let written = written.unwrap_or_else(|_| Err(std::io::Error::other("the write broke off")));
        written.map_err(|error| file_failure(&self.path(&sha256), &error))
    }

    /// The bytes with this hash.
    pub(crate) async fn read(&self, sha256: &[u8; 32]) -> Result<Bytes, WireError> {
        let path = self.path(sha256);
        let file = path.clone();
        let read = tokio::task::spawn_blocking(move || {
            let bytes = std::fs::read(&file)?;
            let digest: [u8; 32] = Sha256::digest(&bytes).into();
            Ok((bytes, digest))
        });
        let read = read.await;
        let read = read.unwrap_or_else(|_| Err(std::io::Error::other("the read broke off")));
        let (bytes, digest) = read.map_err(|error| file_failure(&path, &error))?;
        if digest == *sha256 {
            return Ok(bytes.into());
        }
        let message = format!("the picture {} is damaged", path.display());
        tracing::error!(path = %path.display(), "{message}");
        Err(WireError::new(Code::DataDamaged, message))
    }

    fn path(&self, sha256: &[u8; 32]) -> PathBuf {
        let name: String = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
        self.folder.join(&name[..2]).join(name)
    }
}

/// What these bytes are, if they are a picture the models can read. The name says nothing about
/// the type, and only the head is decoded.
pub(crate) fn inspect(id: AssetId, name: &str, bytes: &Bytes) -> Result<AssetRow, WireError> {
    let size = bytes.len() as u64;
    if size > PICTURE_BYTES_MAX {
        let message = format!("a picture may have at most {PICTURE_BYTES_MAX} bytes");
        return Err(
            WireError::new(Code::AttachmentRejected, message).with_detail(Detail::Limit {
                asked: size,
                limit: PICTURE_BYTES_MAX,
            }),
        );
    }
    let rejected = |message: &str| WireError::new(Code::AttachmentRejected, message);
    let reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| rejected("the file cannot be read"))?;
    let mime = match reader.format() {
        Some(ImageFormat::Png) => "image/png",
        Some(ImageFormat::Jpeg) => "image/jpeg",
        Some(ImageFormat::WebP) => "image/webp",
        Some(ImageFormat::Gif) => "image/gif",
        _ => return Err(rejected("the file is no PNG, JPEG, WebP or GIF")),
    };
    let size_px = reader.into_dimensions();
    let (width, height) = size_px.map_err(|_| rejected("the picture's head is damaged"))?;
    let longest = width.max(height);
    if width == 0 || height == 0 {
        return Err(rejected("the picture has no pixels"));
    }
    if longest > PICTURE_EDGE_PX_MAX {
        let message = format!("a picture's edge may have at most {PICTURE_EDGE_PX_MAX} pixels");
        return Err(rejected(&message).with_detail(Detail::Limit {
            asked: longest.into(),
            limit: PICTURE_EDGE_PX_MAX.into(),
        }));
    }
    Ok(AssetRow {
        sha256: Sha256::digest(bytes).into(),
        attachment: Attachment {
            asset_id: id,
            mime: mime.to_owned(),
            width,
            height,
            duration_ms: None,
            bytes: size,
            name: name.chars().take(NAME_CHARS_MAX).collect(),
        },
    })
}

/// Written aside and renamed, so that a file under its hash is always whole.
fn write_once(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if std::fs::metadata(path).is_ok_and(|found| found.len() == bytes.len() as u64) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)?;
    let aside = path.with_extension(uuid::Uuid::now_v7().simple().to_string());
    let written = std::fs::File::create_new(&aside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&aside, path)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&aside);
    }
    written
}

fn file_failure(path: &Path, error: &std::io::Error) -> WireError {
    let code = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Code::DiskFull,
        std::io::ErrorKind::NotFound => Code::DataDamaged,
        _ => Code::DataUnavailable,
    };
    tracing::error!(path = %path.display(), %error, "a picture's file failed: {error}");
    WireError::new(code, format!("the picture's file cannot be used: {error}")).with_detail(
        Detail::File {
            path: path.display().to_string(),
        },
    )
}
