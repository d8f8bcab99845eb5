//! What every key store does, and the one that forgets when the app ends.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::error::KeyStoreError;
use crate::secret::Secret;
use crate::slot::KeySlot;

/// Whether the keychain can be used, as four stable words. There is no fifth way out: nothing
/// here falls back to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeychainState {
    /// It keeps and returns keys.
    Available,
    /// It is there, and its owner has not unlocked it (or declined to).
    Locked,
    /// This system runs none. A started one is seen after the app restarts.
    Absent,
    /// It is there and fails, or does not answer.
    Failed,
}

impl KeychainState {
    /// A stable code for the seam.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Available => "keychain_available",
            Self::Locked => "keychain_locked",
            Self::Absent => "keychain_absent",
            Self::Failed => "keychain_failed",
        }
    }

    /// Whether keys can be kept now.
    #[must_use]
    pub const fn is_available(self) -> bool {
        matches!(self, Self::Available)
    }
}

impl fmt::Display for KeychainState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Available => "available",
            Self::Locked => "locked",
            Self::Absent => "absent",
            Self::Failed => "failing",
        })
    }
}

/// A place that keeps keys, one per [`KeySlot`].
#[async_trait]
pub trait KeyStore: fmt::Debug + Send + Sync + 'static {
    /// Whether keys outlive the app here.
    fn outlives_the_app(&self) -> bool;

    /// Whether the store can be used. On a desktop with a locked keychain this may ask its owner to
    /// unlock it, so it is for the moment a person chooses to use keys, not for every start.
    async fn state(&self) -> KeychainState;

    /// The key in `slot`, or `None` when there is none.
    async fn load(&self, slot: &KeySlot) -> Result<Option<Secret>, KeyStoreError>;

    /// Keeps `key` in `slot`, replacing what was there.
    async fn save(&self, slot: &KeySlot, key: &Secret) -> Result<(), KeyStoreError>;

    /// Removes the key in `slot`; whether there was one.
    async fn forget(&self, slot: &KeySlot) -> Result<bool, KeyStoreError>;
}

/// Keys kept in memory until the app ends: what a person chooses when there is no keychain.
#[derive(Debug, Default)]
pub struct SessionKeys {
    keys: Mutex<HashMap<KeySlot, Secret>>,
}

impl SessionKeys {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn keys(&self) -> MutexGuard<'_, HashMap<KeySlot, Secret>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl KeyStore for SessionKeys {
    fn outlives_the_app(&self) -> bool {
        false
    }

    async fn state(&self) -> KeychainState {
        KeychainState::Available
    }

    async fn load(&self, slot: &KeySlot) -> Result<Option<Secret>, KeyStoreError> {
        Ok(self.keys().get(slot).cloned())
    }

    async fn save(&self, slot: &KeySlot, key: &Secret) -> Result<(), KeyStoreError> {
        if key.is_empty() {
            return Err(KeyStoreError::Empty);
        }
        self.keys().insert(slot.clone(), key.clone());
        Ok(())
    }

    async fn forget(&self, slot: &KeySlot) -> Result<bool, KeyStoreError> {
        Ok(self.keys().remove(slot).is_some())
    }
}
