//! Provider keys: the operator's, the session's, the keychain's, and what is known of each.

use std::collections::BTreeMap;

use anyai_catalog::Provider;
use anyai_secrets::{KeySlot, KeyStore, KeyStoreError, KeychainState, Secret};
use anyai_wire::{Code, KeyKeeping, Offer, ProviderKeyState, WireError};
use tokio::sync::Mutex;

use crate::answer::key_store_failure;
use crate::options::{Endpoints, KeySources};

/// A provider's key and where it came from.
#[derive(Clone, Debug)]
struct FoundKey {
    key: Secret,
    kept: Option<KeyKeeping>,
    /// How many models the provider listed for it, once it did.
    models: Option<u32>,
}

/// What is known of a provider's key.
#[derive(Clone, Debug)]
enum Known {
    Absent,
    Present(FoundKey),
    /// The key store did not answer.
    Unreadable(Code),
}

/// Whether a provider can be called, and with what.
#[derive(Clone, Debug)]
pub(crate) enum KeyFor {
    /// With this key; `None` where none is needed.
    Ready(Option<Secret>),
    /// Not without a key.
    Missing,
}

/// The keys of this studio. What was found is remembered, so that a keychain asks its owner once.
#[derive(Debug)]
pub(crate) struct KeyRing {
    sources: KeySources,
    endpoints: Endpoints,
    known: Mutex<BTreeMap<Provider, Known>>,
}

impl KeyRing {
    pub(crate) fn new(sources: KeySources, endpoints: Endpoints) -> Self {
        Self {
            sources,
            endpoints,
            known: Mutex::new(BTreeMap::new()),
        }
    }

    /// Whether providers are simulated.
    pub(crate) fn simulated(&self) -> bool {
        self.endpoints.simulated_key.is_some()
    }

    /// Where a provider is found, when not at its usual address.
    pub(crate) fn base_url(&self, provider: Provider) -> Option<&str> {
        let url = self.endpoints.base_urls.get(provider.as_str());
        url.map(String::as_str)
    }

    /// What to call a provider with.
    pub(crate) async fn key_for(&self, provider: Provider) -> Result<KeyFor, WireError> {
        if let Some(key) = &self.endpoints.simulated_key {
            return Ok(KeyFor::Ready(Some(Secret::from(key.as_str()))));
        }
        let known = self.known(provider, true).await;
        match known {
            Known::Present(found) => Ok(KeyFor::Ready(Some(found.key))),
            Known::Absent if needs_no_key(provider) => Ok(KeyFor::Ready(None)),
            Known::Absent => Ok(KeyFor::Missing),
            Known::Unreadable(code) => Err(WireError::new(
                code,
                format!("the key of {provider} cannot be read from the keychain"),
            )),
        }
    }

    /// Whether a provider's models can be called.
    pub(crate) async fn offer(&self, provider: Provider) -> Offer {
        if self.simulated() {
            return Offer::Simulated;
        }
        match self.known(provider, false).await {
            Known::Present(_) => Offer::Offered,
            Known::Absent if needs_no_key(provider) => Offer::Offered,
            Known::Absent | Known::Unreadable(_) => Offer::NoKey,
        }
    }

    /// Forgets that the keychain did not open, so that the next question asks it again.
    pub(crate) async fn ask_again(&self) {
        let mut known = self.known.lock().await;
        known.retain(|_, known| !matches!(known, Known::Unreadable(_)));
    }

    /// What the settings show of a provider's key.
    pub(crate) async fn state(&self, provider: Provider) -> ProviderKeyState {
        if self.simulated() {
            return ProviderKeyState::Simulated;
        }
        match self.known(provider, false).await {
            Known::Present(FoundKey {
                kept,
                models: Some(models),
                ..
            }) => ProviderKeyState::Verified {
                kept,
                models: Some(models),
            },
            Known::Present(FoundKey { kept, .. }) => {
                ProviderKeyState::Unverified { kept, reason: None }
            }
            Known::Absent => ProviderKeyState::None,
            Known::Unreadable(code) => ProviderKeyState::Unverified {
                kept: Some(KeyKeeping::Keychain),
                reason: Some(code),
            },
        }
    }

    /// Why a provider's key cannot be set or forgotten by a request, if it cannot.
    pub(crate) fn fixed(&self, provider: Provider) -> Option<WireError> {
        if self.simulated() {
            let message = "providers are simulated here and take no keys";
            return Some(WireError::new(Code::NotAllowed, message));
        }
        self.sources.operator.get(provider.as_str()).map(|_| {
            let message = format!("the operator of this server keeps the key of {provider}");
            WireError::new(Code::NotAllowed, message)
        })
    }

    /// Keeps a key the provider accepted.
    pub(crate) async fn keep(
        &self,
        provider: Provider,
        key: Secret,
        keep: KeyKeeping,
        models: u32,
    ) -> Result<(), WireError> {
        let slot = self.slot(provider)?;
        let kept = match keep {
            KeyKeeping::Keychain => match &self.sources.keychain {
                Some(keychain) => keychain.save(&slot, &key).await,
                None => {
                    let message = "this system has no keychain to keep the key in";
                    return Err(WireError::new(Code::KeychainAbsent, message));
                }
            },
            KeyKeeping::Session => self.sources.session.save(&slot, &key).await,
        };
        kept.map_err(|error| key_store_failure(&error))?;
        if keep == KeyKeeping::Keychain {
            // A session's key comes first and would hide the new one.
            let forgotten = self.sources.session.forget(&slot).await;
            forgotten.map_err(|error| key_store_failure(&error))?;
        }
        let found = FoundKey {
            key,
            kept: Some(keep),
            models: Some(models),
        };
        self.known
            .lock()
            .await
            .insert(provider, Known::Present(found));
        Ok(())
    }

    /// Forgets a provider's key everywhere.
    pub(crate) async fn forget(&self, provider: Provider) -> Result<(), WireError> {
        let slot = self.slot(provider)?;
        let in_session = self.sources.session.forget(&slot).await;
        let in_keychain = match &self.sources.keychain {
            Some(keychain) => forget_if_there(keychain.as_ref(), &slot).await,
            None => Ok(false),
        };
        self.known.lock().await.remove(&provider);
        // The key that was used was the session's: what the keychain says concerns no key that is
        // known to be in it.
        if matches!(in_session, Ok(true)) {
            return Ok(());
        }
        in_session
            .and(in_keychain)
            .map(drop)
            .map_err(|error| key_store_failure(&error))
    }

    async fn known(&self, provider: Provider, ask_again: bool) -> Known {
        // Held while the store is asked: a second asker waits instead of prompting a second time.
        let mut known = self.known.lock().await;
        match known.get(&provider) {
            Some(Known::Unreadable(_)) if ask_again => {}
            Some(found) => return found.clone(),
            None => {}
        }
        // A keychain that did not open for one provider is not waited for again for each other.
        let closed = known.values().find_map(|known| match known {
            Known::Unreadable(code) if !ask_again => Some(*code),
            _ => None,
        });
        let found = match self.at_hand(provider).await {
            Some(found) => Known::Present(found),
            None => match closed {
                Some(code) => Known::Unreadable(code),
                None => self.in_keychain(provider).await,
            },
        };
        known.insert(provider, found.clone());
        found
    }

    /// The operator's key, or the session's: neither asks anyone.
    async fn at_hand(&self, provider: Provider) -> Option<FoundKey> {
        let found = |key, kept| FoundKey {
            key,
            kept,
            models: None,
        };
        if let Some(key) = self.sources.operator.get(provider.as_str()) {
            return Some(found(key.clone(), None));
        }
        let slot = self.slot(provider).ok()?;
        let key = self.sources.session.load(&slot).await.ok().flatten()?;
        Some(found(key, Some(KeyKeeping::Session)))
    }

    async fn in_keychain(&self, provider: Provider) -> Known {
        let (Some(keychain), Ok(slot)) = (&self.sources.keychain, self.slot(provider)) else {
            return Known::Absent;
        };
        match load_if_there(keychain.as_ref(), &slot).await {
            Ok(Some(key)) => Known::Present(FoundKey {
                key,
                kept: Some(KeyKeeping::Keychain),
                models: None,
            }),
            Ok(None) => Known::Absent,
            Err(error) => {
                tracing::warn!(
                    provider = provider.as_str(),
                    code = error.code(),
                    "the key of {provider} cannot be read: {error}"
                );
                Known::Unreadable(key_store_failure(&error).code)
            }
        }
    }

    fn slot(&self, provider: Provider) -> Result<KeySlot, WireError> {
        KeySlot::new(&self.sources.studio, provider.as_str()).map_err(|error| {
            tracing::error!(%error, "the studio's name cannot name a key: {error}");
            WireError::new(Code::Internal, error.to_string())
        })
    }
}

/// A server of one's own asks for none.
fn needs_no_key(provider: Provider) -> bool {
    provider == Provider::Local
}

/// A system without a keychain has nothing to forget.
async fn forget_if_there(keychain: &dyn KeyStore, slot: &KeySlot) -> Result<bool, KeyStoreError> {
    match keychain.forget(slot).await {
        Err(KeyStoreError::Unavailable {
            state: KeychainState::Absent,
        }) => Ok(false),
        other => other,
    }
}

/// A system without a keychain has no key in it.
async fn load_if_there(
    keychain: &dyn KeyStore,
    slot: &KeySlot,
) -> Result<Option<Secret>, KeyStoreError> {
    match keychain.load(slot).await {
        Err(KeyStoreError::Unavailable {
            state: KeychainState::Absent,
        }) => Ok(None),
        other => other,
    }
}
