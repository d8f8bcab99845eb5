//! The operating system's keychain: Keychain Services, Credential Manager or the Secret Service.
//!
//! Its calls block, may wait for a person at an unlock prompt, and on Linux may hang with the
//! daemon behind the bus. Each therefore runs on a thread of its own that nobody joins: a runtime
//! waits for its blocking pool when it shuts down, and would wait for a hung daemon with it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::error::KeyStoreError;
use crate::secret::Secret;
use crate::slot::{KeySlot, ParseSlotError, check};
use crate::store::{KeyStore, KeychainState};

/// Calls that may wait for an answer at one time; with so many hung, the next fails at once.
const CALLS_WAITING_MAX: usize = 8;

/// The entry the availability probe writes and removes.
const PROBE_ENTRY: &str = "availability-probe";

/// How the keychain is used.
#[derive(Clone, Debug)]
pub struct KeychainOptions {
    /// How long a call may take before it counts as failed. It covers a person typing the unlock
    /// password, so it is generous.
    pub timeout: Duration,
}

impl Default for KeychainOptions {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
        }
    }
}

/// Keys in the operating system's keychain, under one service name per build and profile, so that
/// a development build never reads or overwrites what the released one keeps.
#[derive(Clone, Debug)]
pub struct Keychain {
    service: Arc<str>,
    timeout: Duration,
    waiting: Arc<AtomicUsize>,
}

impl Keychain {
    /// The keychain seen under `application` (one per build: `any-ai-studio`,
    /// `any-ai-studio-dev`) and `profile` (one per data folder).
    ///
    /// # Errors
    /// [`ParseSlotError`] when a part is empty, too long or holds other characters than a slot may.
    pub fn new(
        application: &str,
        profile: &str,
        options: KeychainOptions,
    ) -> Result<Self, ParseSlotError> {
        check(application)?;
        check(profile)?;
        Ok(Self {
            service: format!("{application}/{profile}").into(),
            timeout: options.timeout,
            waiting: Arc::new(AtomicUsize::new(0)),
        })
    }

    /// The service name its entries carry, as a keychain viewer shows it.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Runs `call` on the entry `name`, for at most the timeout.
    async fn call<T: Send + 'static>(
        &self,
        name: String,
        call: impl FnOnce(&keyring::Entry) -> keyring::Result<T> + Send + 'static,
    ) -> Result<T, KeyStoreError> {
        let place = WaitingPlace::take(&self.waiting)?;
        let service = Arc::clone(&self.service);
        let (answer, answered) = oneshot::channel();
        let started = thread::Builder::new()
            .name("keychain".to_owned())
            .spawn(move || {
                let result = keyring::Entry::new(&service, &name).and_then(|entry| call(&entry));
                // An unheard answer means the caller gave up waiting; it was told so.
                let _ = answer.send(result);
                drop(place);
            });
        if started.is_err() {
            return Err(KeyStoreError::Unavailable {
                state: KeychainState::Failed,
            });
        }
        match tokio::time::timeout(self.timeout, answered).await {
            Ok(Ok(result)) => result.map_err(KeyStoreError::from),
            Ok(Err(_died)) => Err(KeyStoreError::Unavailable {
                state: KeychainState::Failed,
            }),
            Err(_elapsed) => Err(KeyStoreError::TimedOut {
                waited_ms: u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX),
            }),
        }
    }

    async fn probe(&self) -> Result<(), KeyStoreError> {
        // Only a write tells: a locked keychain answers "no such entry" to a read of nothing.
        self.call(PROBE_ENTRY.to_owned(), |entry| {
            entry.set_password("probe")?;
            entry.delete_credential()
        })
        .await
    }
}

#[async_trait]
impl KeyStore for Keychain {
    fn outlives_the_app(&self) -> bool {
        true
    }

    async fn state(&self) -> KeychainState {
        match self.probe().await {
            Ok(()) => KeychainState::Available,
            Err(KeyStoreError::Unavailable { state }) => state,
            Err(_) => KeychainState::Failed,
        }
    }

    async fn load(&self, slot: &KeySlot) -> Result<Option<Secret>, KeyStoreError> {
        self.call(slot.to_string(), |entry| match entry.get_password() {
            Ok(key) => Ok(Some(Secret::new(key))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    async fn save(&self, slot: &KeySlot, key: &Secret) -> Result<(), KeyStoreError> {
        if key.is_empty() {
            return Err(KeyStoreError::Empty);
        }
        let key = Zeroizing::new(key.expose().clone());
        self.call(slot.to_string(), move |entry| entry.set_password(&key))
            .await
    }

    async fn forget(&self, slot: &KeySlot) -> Result<bool, KeyStoreError> {
        self.call(slot.to_string(), |entry| match entry.delete_credential() {
            Ok(()) => Ok(true),
            Err(keyring::Error::NoEntry) => Ok(false),
            Err(error) => Err(error),
        })
        .await
    }
}

/// One of the places for a call that waits; returned when the call's thread ends.
struct WaitingPlace(Arc<AtomicUsize>);

impl WaitingPlace {
    fn take(waiting: &Arc<AtomicUsize>) -> Result<Self, KeyStoreError> {
        let taken = waiting.fetch_add(1, Ordering::AcqRel);
        let place = Self(Arc::clone(waiting));
        if taken < CALLS_WAITING_MAX {
            Ok(place)
        } else {
            Err(KeyStoreError::Unavailable {
                state: KeychainState::Failed,
            })
        }
    }
}

impl Drop for WaitingPlace {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl From<keyring::Error> for KeyStoreError {
    fn from(error: keyring::Error) -> Self {
        use keyring::Error as E;
        let unavailable = |state| Self::Unavailable { state };
        match error {
            E::NoDefaultStore => unavailable(KeychainState::Absent),
            E::NoStorageAccess(_) => unavailable(KeychainState::Locked),
            E::Ambiguous(entries) => Self::Ambiguous {
                count: entries.len(),
            },
            E::BadEncoding(bytes) => {
                drop(Zeroizing::new(bytes));
                Self::NotText
            }
            E::BadDataFormat(bytes, _) => {
                drop(Zeroizing::new(bytes));
                Self::NotText
            }
            E::TooLong(_, limit) => Self::TooLong { limit },
            _ => unavailable(KeychainState::Failed),
        }
    }
}
