//! Keys against a real keychain, real files and real text.

mod keychain;
mod redact;
mod server_keys;
mod session;
