//! A file that a browser hands over piece by piece, because it has no path to give.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyai_wire::{Code, Detail, ImportUpload, ImportUploaded, WireError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::io::AsyncWriteExt;

use crate::json_file::file_error;
use crate::studio::Studio;

/// Where pieces are put together.
const FOLDER: &str = "incoming";

/// The largest export that is taken.
const UPLOAD_BYTES_MAX: u64 = 8 * 1024 * 1024 * 1024;

/// Files that may be on their way at once.
const UPLOADS_MAX: usize = 4;

/// A file on its way in. It goes away with its owner.
pub(crate) struct Upload {
    path: PathBuf,
    bytes: u64,
}

impl Upload {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        // What stays behind is removed before the next one begins.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Takes one more piece.
pub(crate) async fn add(
    studio: &Arc<Studio>,
    request: ImportUpload,
) -> Result<ImportUploaded, WireError> {
    let broken = |_| WireError::new(Code::BadRequest, "the piece did not arrive whole");
    let piece = STANDARD.decode(&request.base64).map_err(broken)?;
    let (name, mut upload) = match request.upload {
        Some(ImportUploaded { id }) => {
            let upload = take(studio, &id)?;
            (id, upload)
        }
        None => begin(studio).await?,
    };
    upload.bytes = upload.bytes.saturating_add(piece.len() as u64);
    if upload.bytes > UPLOAD_BYTES_MAX {
        let message = "an export larger than 8 GiB is brought in by the command line";
        let error = WireError::new(Code::DraftTooLarge, message);
        return Err(error.with_detail(Detail::Limit {
            asked: upload.bytes,
            limit: UPLOAD_BYTES_MAX,
        }));
    }
    append(&upload.path, &piece).await?;
    studio.transfers.uploads().insert(name.clone(), upload);
    Ok(ImportUploaded { id: name })
}

/// Takes a file out of what is on its way. One that fails is not there any more.
pub(crate) fn take(studio: &Studio, id: &str) -> Result<Upload, WireError> {
    let found = studio.transfers.uploads().remove(id);
    found.ok_or_else(|| WireError::new(Code::BadRequest, "no such file was handed over here"))
}

async fn begin(studio: &Studio) -> Result<(String, Upload), WireError> {
    let on_their_way = studio.transfers.uploads().len();
    if on_their_way >= UPLOADS_MAX {
        let message = "too many files are handed over at once";
        return Err(WireError::new(Code::BadRequest, message));
    }
    let folder = studio.folder().join(FOLDER);
    if on_their_way == 0 {
        // What an earlier run left behind.
        let _ = tokio::fs::remove_dir_all(&folder).await;
    }
    let made = tokio::fs::create_dir_all(&folder).await;
    made.map_err(|error| file_error(&folder, &error))?;
    let name = studio.desk.host.mint_uuid().to_string();
    let path = folder.join(&name);
    let made = tokio::fs::File::create_new(&path).await;
    made.map_err(|error| file_error(&path, &error))?;
    Ok((name, Upload { path, bytes: 0 }))
}

async fn append(path: &Path, piece: &[u8]) -> Result<(), WireError> {
    let written = async {
        let mut file = tokio::fs::OpenOptions::new()
            .append(true)
            .open(path)
            .await?;
        file.write_all(piece).await?;
        file.flush().await
    };
    written.await.map_err(|error| file_error(path, &error))
}
