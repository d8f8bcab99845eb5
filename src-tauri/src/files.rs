//! Asks for files and shows them, with the system's own dialogs. The window has no right to either: it
//! gives a command, and what is picked never passes through it.

use std::path::{Path, PathBuf};

use anyai_app::Pick;
use tauri::AppHandle;
use tauri_plugin_dialog::{DialogExt, FilePath};
use tauri_plugin_opener::OpenerExt;
use tokio::sync::oneshot;

/// How exports end.
const EXPORTS: [&str; 2] = ["zip", "json"];

/// Waits for what the person picks.
pub(crate) async fn pick(app: AppHandle, what: Pick) -> Option<PathBuf> {
    let (answer, picked) = oneshot::channel();
    let answer = move |picked: Option<FilePath>| {
        // The command may have gone; then nobody wants to know.
        let _ = answer.send(picked);
    };
    let dialog = app.dialog().file();
    match what {
        Pick::Export => dialog.add_filter("ZIP, JSON", &EXPORTS).pick_file(answer),
        Pick::Folder => dialog.pick_folder(answer),
        Pick::SaveAs { name } => dialog.set_file_name(name).save_file(answer),
    }
    picked.await.ok()??.into_path().ok()
}

/// Whether the system's window of files shows it.
pub(crate) fn reveal(app: &AppHandle, path: &Path) -> bool {
    match app.opener().reveal_item_in_dir(path) {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "a file could not be shown in its folder");
            false
        }
    }
}
