//! The window's one door: every command of the app, by name.

use std::time::Instant;

use anyai_wire::{WireError, dispatch};
use serde_json::Value;
use tauri::{AppHandle, State};

use crate::run::Shell;
use crate::window;

/// Forwards a command to the app.
#[tauri::command]
pub(crate) async fn call(
    shell: State<'_, Shell>,
    name: String,
    request: Value,
) -> Result<Value, WireError> {
    dispatch(shell.studio.app().as_ref(), &name, request).await
}

/// The window has painted and answers to keys: show it, and note how long that took.
#[tauri::command]
pub(crate) fn ready(app: AppHandle, shell: State<'_, Shell>) {
    window::show(&app);
    let startup_ms =
        u64::try_from(Instant::now().duration_since(shell.started).as_millis()).unwrap_or(u64::MAX);
    tracing::info!(
        startup_ms,
        "the window is interactive {startup_ms} ms after the program started"
    );
}
