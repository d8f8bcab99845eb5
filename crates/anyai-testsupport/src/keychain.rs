//! A system without a keychain. One with a keychain is played by `SessionKeys` that outlive a studio.

use anyai_secrets::{KeySlot, KeyStore, KeyStoreError, KeychainState, Secret};
use async_trait::async_trait;

/// The keychain of a system that has none.
#[derive(Clone, Copy, Debug, Default)]
pub struct AbsentKeychain;

const ABSENT: KeyStoreError = KeyStoreError::Unavailable {
    state: KeychainState::Absent,
};

#[async_trait]
impl KeyStore for AbsentKeychain {
    fn outlives_the_app(&self) -> bool {
        true
    }

    async fn state(&self) -> KeychainState {
        KeychainState::Absent
    }

    async fn load(&self, _: &KeySlot) -> Result<Option<Secret>, KeyStoreError> {
        Err(ABSENT)
    }

    async fn save(&self, _: &KeySlot, _: &Secret) -> Result<(), KeyStoreError> {
        Err(ABSENT)
    }

    async fn forget(&self, _: &KeySlot) -> Result<bool, KeyStoreError> {
        Err(ABSENT)
    }
}
