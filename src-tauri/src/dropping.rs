//! Files dropped on the window, where its engine keeps them from the page: WebKitGTK tells a page of a dropped
//! file no more than its address. The toolkit tells the shell, and the page asks for what was dropped.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use tauri::{AppHandle, Manager, WebviewWindow};

/// As many files and bytes go in at once; an attachment may be smaller than that.
const FILES_MAX: usize = 20;
const BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What was dragged over a window last.
#[derive(Default)]
pub(crate) struct Dropped(Mutex<Vec<PathBuf>>);

/// A file on its way into the page.
#[derive(Serialize)]
pub(crate) struct DroppedFile {
    name: String,
    base64: String,
}

/// The files that were dropped, once. The page names none: only what the toolkit told of is read.
#[tauri::command]
pub(crate) async fn dropped(app: AppHandle) -> Vec<DroppedFile> {
    let paths = {
        let state = app.state::<Dropped>();
        let mut paths = state.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *paths)
    };
    let reading = move || {
        paths
            .iter()
            .take(FILES_MAX)
            .filter_map(|path| read(path))
            .collect()
    };
    tauri::async_runtime::spawn_blocking(reading)
        .await
        .unwrap_or_default()
}

fn read(path: &Path) -> Option<DroppedFile> {
    let about = std::fs::metadata(path).ok()?;
    if !about.is_file() || about.len() > BYTES_MAX {
        return None;
    }
    Some(DroppedFile {
        name: path.file_name()?.to_string_lossy().into_owned(),
        base64: STANDARD.encode(std::fs::read(path).ok()?),
    })
}

/// Notes the files that are dragged over the window.
#[cfg(target_os = "linux")]
pub(crate) fn hear(window: &WebviewWindow) -> tauri::Result<()> {
    use gtk::prelude::WidgetExt;
    let app = window.app_handle().clone();
    window.with_webview(move |view| {
        view.inner()
            .connect_drag_data_received(move |_, _, _, _, data, _, _| {
                let addresses = data.uris();
                let files = addresses.iter().filter_map(|address| {
                    let address = tauri::Url::parse(address).ok()?;
                    address.to_file_path().ok()
                });
                let files: Vec<PathBuf> = files.collect();
                if !addresses.is_empty() {
                    let state = app.state::<Dropped>();
                    *state.0.lock().unwrap_or_else(PoisonError::into_inner) = files;
                }
            });
    })
}

/// The other systems' engines hand dropped files to the page.
#[cfg(not(target_os = "linux"))]
pub(crate) fn hear(_window: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}
