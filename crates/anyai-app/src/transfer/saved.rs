//! A stored file where its person wants it, and showing it there. Only what this run wrote is shown:
//! the window names no path of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyai_wire::{AssetSave, Code, Reveal, SavedFile, WireError};
use uuid::Uuid;

use super::{Stop, media};
use crate::error::internal;
use crate::host::Pick;
use crate::json_file::file_error;
use crate::studio::Studio;

/// The folder among the person's pictures.
const PICTURES: &str = "Any AI Studio";

/// The folder in the studio's own of what is dragged out.
const DRAGGED: &str = "dragged";

/// So long is it kept: editors go on with the file that was dragged into them, where it lies.
const DRAGGED_KEPT: Duration = Duration::from_hours(30 * 24);

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

/// A copy to be dragged out of the window, where it stays for some weeks.
pub(crate) async fn to_drag(studio: &Studio, request: AssetSave) -> Result<PathBuf, WireError> {
    copy(studio, &request, &studio.folder().join(DRAGGED)).await
}

/// Drops what was dragged out long ago.
pub(crate) fn forget_dragged(folder: &Path) {
    let files = std::fs::read_dir(folder.join(DRAGGED));
    for file in files.into_iter().flatten().flatten() {
        let written = file.metadata().and_then(|about| about.modified());
        let age = written.ok().and_then(|written| written.elapsed().ok());
        if age.is_some_and(|age| age > DRAGGED_KEPT) {
            // One that stays only takes room.
            let _ = std::fs::remove_file(file.path());
        }
    }
}

/// A file under its own name, made apart from others of that name by the end of its id. One that is there stays as
/// it is: it may have been edited since.
async fn copy(studio: &Studio, request: &AssetSave, folder: &Path) -> Result<PathBuf, WireError> {
    let path = folder.join(name_apart(request));
    if tokio::fs::symlink_metadata(&path).await.is_err() {
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

/// Writes it beside its place first: what stands there is whole, the old file or the new one.
async fn write(studio: &Studio, request: &AssetSave, path: &Path) -> Result<(), WireError> {
    let file = (request.asset_id, request.bytes);
    let part = path.with_file_name(format!(".{}.part", Uuid::now_v7()));
    let written = media::write(studio, file, &part, &Stop::default()).await;
    // Nobody stops it.
    let written = written.map_err(|ended| {
        ended
            .error()
            .unwrap_or_else(|| internal("saving was stopped"))
    });
    let put = match written {
        Ok(()) => tokio::fs::rename(&part, path)
            .await
            .map_err(|error| file_error(path, &error)),
        Err(error) => Err(error),
    };
    if put.is_err() {
        // Without its name it is of no use; one that stays only takes room.
        let _ = tokio::fs::remove_file(&part).await;
    }
    put
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
