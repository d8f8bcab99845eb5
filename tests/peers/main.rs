//! Mock servers of other projects stand for the providers, and the real gateway must get along with
//! them: aimock, which speaks every protocol, and llmock, which judges how a client tries again.
//! Both read the providers' formats with other eyes than our own simulator.
//!
//! `cargo xtask test --peers` installs them. Every story ends with its ledger verified.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail as loudly as tests"
)]

mod chaos;
mod chat;
mod manners;
mod media;
mod peer;

/// A cheap model of each provider, which between them use every protocol the catalogue has for chat.
const MODELS: [&str; 4] = [
    "claude-haiku-5-5",
    "gpt-6-luna",
    "gemini-3.8-flash",
    "grok-4.3",
];
