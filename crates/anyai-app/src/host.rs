//! What a host provides, and nothing more.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyai_units::UtcMillis;
use anyai_wire::AppEvent;
use futures_util::future::BoxFuture;
use uuid::Uuid;

/// What a person is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// Another program's export, to read.
    Export,
    /// A folder, to write into.
    Folder,
    /// A new file, to write.
    SaveAs {
        /// What it is called unless they say otherwise.
        name: String,
    },
}

/// The program around the app: a window shell, a loopback server, a test.
pub trait Host: Send + Sync + 'static {
    /// Hands an event to every window. Called in order, sometimes under a lock: it must neither
    /// block nor call a command.
    fn emit(&self, event: AppEvent);

    /// The instant.
    fn now(&self) -> UtcMillis {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let millis = since_epoch.map_or(0, |elapsed| elapsed.as_millis());
        UtcMillis::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    /// Whether it can ask its person for files and folders.
    fn picks_files(&self) -> bool {
        false
    }

    /// Asks for a file or a folder; `None` when its person thought better of it.
    fn pick(&self, _what: Pick) -> BoxFuture<'static, Option<PathBuf>> {
        Box::pin(std::future::ready(None))
    }

    /// Where its person keeps pictures.
    fn pictures(&self) -> Option<PathBuf> {
        None
    }

    /// Shows a file or a folder where the system shows files; whether it can.
    fn reveal(&self, _path: &Path) -> bool {
        false
    }

    /// A fresh id that sorts by time.
    fn mint_uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}
