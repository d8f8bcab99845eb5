//! Carries the app's events to the window and the tray, in order and without a gap.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyai_app::{Host, Pick};
use anyai_wire::{AppEvent, Commands, Empty};
use futures_util::future::BoxFuture;
use tauri::{AppHandle, Emitter, Manager};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use crate::files;
use crate::run::Shell;
use crate::tray::Tray;

/// The name the window listens to.
const CHANNEL: &str = "studio";

/// The host the app sees: a queue the shell empties. It has no bound because an event must not be
/// lost, and the shell's only work on one is to pass it on.
pub(crate) struct ShellHost {
    pub(crate) events: UnboundedSender<AppEvent>,
    pub(crate) app: AppHandle,
}

impl Host for ShellHost {
    fn emit(&self, event: AppEvent) {
        // The receiver goes only when the program ends.
        let _ = self.events.send(event);
    }

    fn picks_files(&self) -> bool {
        true
    }

    fn pick(&self, what: Pick) -> BoxFuture<'static, Option<PathBuf>> {
        Box::pin(files::pick(self.app.clone(), what))
    }

    fn pictures(&self) -> Option<PathBuf> {
        let paths = self.app.path();
        paths.picture_dir().or_else(|_| paths.home_dir()).ok()
    }

    fn reveal(&self, path: &Path) -> bool {
        files::reveal(&self.app, path)
    }
}

/// Tells the tray where things stand, then forwards until the app is gone.
pub(crate) async fn forward(app: AppHandle, mut events: UnboundedReceiver<AppEvent>) {
    let commands = Arc::clone(app.state::<Shell>().studio.app());
    let tray = app.state::<Tray>();
    if let Ok(balance) = commands.balance_get(Empty {}).await {
        tray.hear(&AppEvent::Balance { balance });
    }
    while let Some(event) = events.recv().await {
        tray.hear(&event);
        if let Err(error) = app.emit(CHANNEL, &event) {
            tracing::warn!(%error, "an event could not be sent to the window");
        }
    }
}
