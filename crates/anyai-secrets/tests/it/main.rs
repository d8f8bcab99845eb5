//! Keys against a real keychain, real files and real text.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests fail as loudly as tests; a skipped test says so"
)]

mod folder;
mod keychain;
mod redact;
mod server_keys;
mod session;
