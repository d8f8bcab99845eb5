//! Providers and the keys that open them.

use serde::{Deserialize, Serialize};

use crate::Code;

/// Whether keys can be kept on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum KeychainState {
    /// Yes.
    Available,
    /// There is a keychain, but it is locked.
    Locked,
    /// This system runs no keychain.
    Absent,
    /// It answered with a fault.
    Failed,
}

/// Where a pasted key is kept. Never a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum KeyKeeping {
    /// In the operating system's keychain.
    Keychain,
    /// In memory, until the program ends.
    Session,
}

/// The providers of this studio.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Providers {
    /// In catalogue order.
    pub providers: Vec<ProviderView>,
}

/// One provider as the settings show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ProviderView {
    /// Catalogue id, like `anthropic`.
    pub id: String,
    /// Its name.
    pub label: String,
    /// Where a person makes a key.
    pub keys_url: String,
    /// Whether it can be called.
    pub key: ProviderKeyState,
}

/// Whether a provider can be called, and with whose key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum ProviderKeyState {
    /// No key yet.
    None,
    /// A key was accepted by the provider's model list.
    Verified {
        /// Where it is kept; `None` when the server's operator keeps it.
        kept: Option<KeyKeeping>,
        /// How many models the provider listed, when that is known.
        models: Option<u32>,
    },
    /// A key is there, but the provider has not confirmed it since the program started.
    Unverified {
        /// Where it is kept.
        kept: Option<KeyKeeping>,
        /// Why, when the last try failed.
        reason: Option<Code>,
    },
    /// Simulated; no key is needed.
    Simulated,
}

/// Verifies a pasted key with the provider, then keeps it.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ProviderKeySet {
    /// Catalogue id of the provider.
    pub provider: String,
    /// The key, as pasted.
    pub key: String,
    /// Where it is kept.
    pub keep: KeyKeeping,
}

impl std::fmt::Debug for ProviderKeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ProviderKeySet({}, <redacted>)", self.provider)
    }
}

/// Forgets a provider's key, here and in the keychain.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ProviderKeyForget {
    /// Catalogue id of the provider.
    pub provider: String,
}
