//! Who waits for which pool to move.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyai_units::PoolId;
use tokio::sync::watch;

/// Clones share the list.
#[derive(Clone, Default)]
pub(crate) struct Watchers(Arc<Mutex<HashMap<PoolId, watch::Sender<u64>>>>);

impl Watchers {
    /// The pool's head as it moves from here, 0 before the first time.
    pub(crate) fn subscribe(&self, pool: PoolId) -> watch::Receiver<u64> {
        let mut senders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        senders.retain(|_, sender| sender.receiver_count() > 0);
        senders
            .entry(pool)
            .or_insert_with(|| watch::channel(0).0)
            .subscribe()
    }

    /// Wakes whoever waits for one of these pools.
    pub(crate) fn announce(&self, moved: impl Iterator<Item = (PoolId, u64)>) {
        let senders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (pool, seq) in moved {
            if let Some(sender) = senders.get(&pool) {
                sender.send_replace(seq);
            }
        }
    }
}
