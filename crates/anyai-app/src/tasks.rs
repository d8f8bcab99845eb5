//! The work a studio does beside commands, stopped as one.

use std::future::Future;
use std::sync::{Mutex, PoisonError};

use tokio::task::JoinSet;

/// Tasks that end with their studio.
#[derive(Default)]
pub(crate) struct Tasks {
    running: Mutex<Option<JoinSet<()>>>,
}

impl Tasks {
    pub(crate) fn new() -> Self {
        Self {
            running: Mutex::new(Some(JoinSet::new())),
        }
    }

    /// Starts work; after [`Tasks::stop`] nothing is started any more.
    pub(crate) fn start(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running.as_mut() {
            // The set keeps what has ended until it is asked.
            while running.try_join_next().is_some() {}
            running.spawn(work);
        }
    }

    /// Stops everything without waiting.
    pub(crate) fn abort(&self) {
        drop(self.take());
    }

    /// Stops everything, and returns when nothing runs any more.
    pub(crate) async fn stop(&self) {
        if let Some(mut running) = self.take() {
            running.shutdown().await;
        }
    }

    fn take(&self) -> Option<JoinSet<()>> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.take()
    }
}
