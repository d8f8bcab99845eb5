//! A window of files for tests: what a desktop would show when a program asks it to.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use zbus::{Connection, interface};

type Shown = Arc<Mutex<Vec<String>>>;

struct Files {
    shown: Shown,
}

#[interface(name = "org.freedesktop.FileManager1")]
impl Files {
    fn show_items(&self, addresses: Vec<String>, _startup_id: &str) {
        let mut shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.extend(addresses);
    }
}

/// The desktop's window of files, which notes what it is asked to show.
pub struct FileWindow {
    _connection: Connection,
    shown: Shown,
}

impl FileWindow {
    /// Takes its name on the session bus.
    ///
    /// # Errors
    /// When there is no session bus, or it has one already.
    pub async fn start() -> Result<Self> {
        let shown = Shown::default();
        let files = Files {
            shown: Arc::clone(&shown),
        };
        let connection = zbus::connection::Builder::session()
            .serve_at("/org/freedesktop/FileManager1", files)
            .name("org.freedesktop.FileManager1")
            .build()
            .await
            .context("the session bus gave no name for files")?;
        Ok(Self {
            _connection: connection,
            shown,
        })
    }

    /// The addresses it was asked to show, in order.
    #[must_use]
    pub fn shown(&self) -> Vec<String> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.clone()
    }
}
