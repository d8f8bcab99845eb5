//! Keys in the operating system's keychain, and a type that never prints them.
//!
//! A key reaches a provider call by one road: read from a [`KeyStore`] (or, on a server, from
//! [`ServerKeys`]) as a [`Secret`], and exposed at the one place that writes the header.

mod error;
mod folder;
mod keychain;
mod redact;
mod secret;
mod server_keys;
mod slot;
mod store;

pub use error::{KeyFileError, KeyStoreError};
pub use folder::private_folder;
pub use keychain::{Keychain, KeychainOptions};
pub use redact::{Redactor, ScrubbingWriter};
pub use secret::{Protected, REDACTED, Secret};
pub use server_keys::{ENV_PREFIX, ServerKeys};
pub use slot::{KeySlot, ParseSlotError};
pub use store::{KeyStore, KeychainState, SessionKeys};
