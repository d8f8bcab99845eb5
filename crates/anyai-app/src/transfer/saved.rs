//! A stored file where its person wants it, and showing it there. Only what this run wrote is shown:
//! the window names no path of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyai_wire::{AssetSave, Code, Reveal, SavedFile, WireError};

use super::{Stop, media};
use crate::error::internal;
use crate::host::Pick;
use crate::json_file::file_error;
use crate::studio::Studio;

/// The folder among the person's pictures.
const PICTURES: &str = "Any AI Studio";

/// The folder in the studio's own of what is dragged out.
const DRAGGED: &str = "dragged";

/// As many of an id tell two files of a name apart: its end is chance.
const ID_SIGNS: usize = 8;

/// Asks where to, and writes it there.
pub(crate) async fn save(studio: &Arc<Studio>, request: AssetSave) -> Result<SavedFile, WireError> {
    let host = &studio.desk.host;
    if !host.picks_files() {
        let message = "this window saves files itself";
        return Err(WireError::new(Code::BadRequest, message));
    }
    let name = media::plain(&request.name);
    let Some(path) = host.pick(Pick::SaveAs { name }).await else {
        return Ok(SavedFile { path: None });
    };
    write(studio, &request, &path).await?;
    let shown = path.display().to_string();
    studio.transfers.written().insert(path);
    Ok(SavedFile { path: Some(shown) })
}

/// Shows a copy of it among the person's pictures, written there the first time.
pub(crate) async fn show(studio: &Studio, request: AssetSave) -> Result<SavedFile, WireError> {
    let host = &studio.desk.host;
    let Some(pictures) = host.pictures() else {
        let message = "this window has no folder of pictures";
        return Err(WireError::new(Code::BadRequest, message));
    };
    let path = copy(studio, &request, &pictures.join(PICTURES)).await?;
    let path = path.display().to_string();
    reveal(studio, &Reveal { path: path.clone() })?;
    Ok(SavedFile { path: Some(path) })
}

/// A copy to be dragged out of the window; it stays until the studio is opened again.
pub(crate) async fn to_drag(studio: &Studio, request: AssetSave) -> Result<PathBuf, WireError> {
    copy(studio, &request, &studio.folder().join(DRAGGED)).await
}

/// Drops what was dragged out before: whoever took it has their own.
pub(crate) fn forget_dragged(folder: &Path) {
    // Mostly there is none; one that stays only takes room.
    let _ = std::fs::remove_dir_all(folder.join(DRAGGED));
}

/// A file under its own name, made apart from others of that name by the end of its id.
async fn copy(studio: &Studio, request: &AssetSave, folder: &Path) -> Result<PathBuf, WireError> {
    let path = folder.join(name_apart(request));
    let there = tokio::fs::metadata(&path).await;
    if !there.is_ok_and(|there| there.len() == request.bytes) {
        let made = tokio::fs::create_dir_all(folder).await;
        made.map_err(|error| file_error(folder, &error))?;
        write(studio, request, &path).await?;
    }
    studio.transfers.written().insert(path.clone());
    Ok(path)
}

/// Some who take a dragged file read a percent or number sign in its name as part of an address.
fn name_apart(request: &AssetSave) -> String {
    let name = media::plain(&request.name.replace(['%', '#'], " "));
    let id = request.asset_id.to_string();
    let end = &id[id.len() - ID_SIGNS..];
    match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem} {end}.{ending}"),
        None => format!("{name} {end}"),
    }
}

async fn write(studio: &Studio, request: &AssetSave, path: &Path) -> Result<(), WireError> {
    let file = (request.asset_id, request.bytes);
    let written = media::write(studio, file, path, &Stop::default()).await;
    // Nobody stops it.
    written.map_err(|ended| {
        ended
            .error()
            .unwrap_or_else(|| internal("saving was stopped"))
    })
}

/// Shows what was written in the system's own window of files.
pub(crate) fn reveal(studio: &Studio, request: &Reveal) -> Result<(), WireError> {
    let path = PathBuf::from(&request.path);
    if !studio.transfers.written().contains(&path) {
        let message = "only what was written since the studio opened can be shown";
        return Err(WireError::new(Code::BadRequest, message));
    }
    match studio.desk.host.reveal(&path) {
        true => Ok(()),
        false => {
            let message = "this window cannot show folders";
            Err(WireError::new(Code::BadRequest, message))
        }
    }
}
