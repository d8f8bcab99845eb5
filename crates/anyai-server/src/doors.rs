//! One door per key: whoever is behind it is alone with that key, and others wait in front of it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// Doors that are kept before any is looked at.
const KEPT_MIN: usize = 64;

/// Doors that somebody is behind or in front of, and at most as many that nobody is at any more.
#[derive(Debug)]
pub(crate) struct Doors<K>(Mutex<Kept<K>>);

#[derive(Debug)]
struct Kept<K> {
    doors: HashMap<K, Weak<AsyncMutex<()>>>,
    /// At so many the abandoned ones go, so that each entry pays for a few of them and not for all.
    sweep_at: usize,
}

impl<K> Default for Doors<K> {
    fn default() -> Self {
        Self(Mutex::new(Kept {
            doors: HashMap::new(),
            sweep_at: KEPT_MIN,
        }))
    }
}

impl<K: Eq + Hash> Doors<K> {
    /// Waits until nobody else is behind this key's door.
    pub(crate) async fn enter(&self, key: K) -> OwnedMutexGuard<()> {
        self.door(key).lock_owned().await
    }

    fn door(&self, key: K) -> Arc<AsyncMutex<()>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.doors.len() >= kept.sweep_at {
            kept.doors.retain(|_, door| door.strong_count() > 0);
            kept.sweep_at = KEPT_MIN.max(kept.doors.len().saturating_mul(2));
        }
        let door = kept.doors.get(&key).and_then(Weak::upgrade);
        let door = door.unwrap_or_default();
        kept.doors.insert(key, Arc::downgrade(&door));
        door
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.0.lock().unwrap().doors.len()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn whoever_is_behind_a_door_is_alone_with_its_key() {
        let doors = Doors::default();
        let inside = doors.enter(1).await;
        assert!(doors.enter(1).now_or_never().is_none());
        assert!(doors.enter(2).now_or_never().is_some());
        drop(inside);
        assert!(doors.enter(1).now_or_never().is_some());
    }

    #[tokio::test]
    async fn doors_that_nobody_is_at_go_and_the_others_stay() {
        let doors = Doors::default();
        let inside = doors.enter(0).await;
        for key in 1..10 * KEPT_MIN {
            drop(doors.enter(key).await);
            assert!(doors.len() <= KEPT_MIN);
        }
        assert!(doors.enter(0).now_or_never().is_none());
        drop(inside);
    }

    #[tokio::test]
    async fn doors_in_use_are_kept_however_many_they_are() {
        let doors = Doors::default();
        let mut inside = Vec::new();
        for key in 0..5 * KEPT_MIN {
            inside.push(doors.enter(key).await);
        }
        assert_eq!(doors.len(), 5 * KEPT_MIN);
        assert!((0..5 * KEPT_MIN).all(|key| doors.enter(key).now_or_never().is_none()));
    }
}
