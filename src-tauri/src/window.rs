//! The studio window. It may show our own pages and nothing else.

use std::time::Duration;

use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager, Url, WebviewUrl, WebviewWindowBuilder};
use tauri_plugin_opener::OpenerExt;

/// The label of the one window; capabilities name it.
const MAIN: &str = "main";

/// Shown by then even if its page never says it is ready, so that a fault is seen and not hidden.
const SHOWN_AT_LATEST: Duration = Duration::from_secs(4);

/// Builds the window, hidden until its page has painted.
pub(crate) fn build(app: &AppHandle) -> tauri::Result<()> {
    let opener = app.clone();
    let elsewhere = app.clone();
    WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("Any AI Studio")
        .inner_size(1280.0, 800.0)
        .min_inner_size(800.0, 560.0)
        .visible(false)
        // The page takes dropped pictures itself; the shell's own handler would keep them from it.
        .disable_drag_drop_handler()
        .on_navigation(move |url| stays_inside(url) || open_outside(&opener, url))
        .on_new_window(move |url, _| {
            open_outside(&elsewhere, &url);
            NewWindowResponse::Deny
        })
        .build()?;
    let late = app.clone();
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(SHOWN_AT_LATEST).await;
        show(&late);
    });
    Ok(())
}

/// Brings the window to the front, wherever it was.
pub(crate) fn show(app: &AppHandle) {
    if let Some(window) = app.get_webview_window(MAIN) {
        let shown = window
            .show()
            .and_then(|()| window.unminimize())
            .and_then(|()| window.set_focus());
        if let Err(error) = shown {
            tracing::warn!(%error, "the window could not be brought to the front");
        }
    }
}

fn stays_inside(url: &Url) -> bool {
    url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost")
}

/// Web links open in the person's browser; anything else opens nowhere. Always `false`: the window stays.
fn open_outside(app: &AppHandle, url: &Url) -> bool {
    if matches!(url.scheme(), "https" | "http" | "mailto")
        && let Err(error) = app.opener().open_url(url.as_str(), None::<&str>)
    {
        tracing::warn!(%error, "a link could not be opened in the browser");
    }
    false
}
