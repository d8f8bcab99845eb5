//! Who waits for which pool to move.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use anyai_units::PoolId;
use tokio::sync::watch;

type Senders = Mutex<HashMap<PoolId, watch::Sender<u64>>>;

/// Clones share the list.
#[derive(Clone, Default)]
pub(crate) struct Watchers(Arc<Senders>);

/// A list that ends with its last clone.
pub(crate) struct WeakWatchers(Weak<Senders>);

impl WeakWatchers {
    /// The list, while there is one.
    pub(crate) fn upgrade(&self) -> Option<Watchers> {
        self.0.upgrade().map(Watchers)
    }
}

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

    /// Keeps no list alive.
    pub(crate) fn downgrade(&self) -> WeakWatchers {
        WeakWatchers(Arc::downgrade(&self.0))
    }

    /// The pools somebody waits for.
    pub(crate) fn watched(&self) -> Vec<PoolId> {
        let senders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let watched = senders
            .iter()
            .filter(|(_, sender)| sender.receiver_count() > 0);
        watched.map(|(pool, _)| *pool).collect()
    }

    /// Wakes whoever waits for one of these pools, when it moved.
    pub(crate) fn announce(&self, moved: impl Iterator<Item = (PoolId, u64)>) {
        let senders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (pool, seq) in moved {
            if let Some(sender) = senders.get(&pool) {
                sender.send_if_modified(|known| {
                    let is_later = *known < seq;
                    *known = seq.max(*known);
                    is_later
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn whoever_went_away_is_forgotten() {
        let [away, here] = [1, 2].map(|number| PoolId::from_uuid(Uuid::from_u128(number)));
        let watchers = Watchers::default();
        drop(watchers.subscribe(away));
        assert_eq!(watchers.watched(), []);
        let mut waits = watchers.subscribe(here);
        assert_eq!(
            watchers.0.lock().unwrap().len(),
            1,
            "no list grows for ever"
        );
        let weak = watchers.downgrade();
        assert_eq!(weak.upgrade().unwrap().watched(), [here]);
        watchers.announce([(here, 7)].into_iter());
        assert_eq!(*waits.borrow_and_update(), 7);
        watchers.announce([(here, 7), (here, 6)].into_iter());
        assert!(!waits.has_changed().unwrap(), "it has not moved");
        drop(watchers);
        assert!(weak.upgrade().is_none());
    }
}
