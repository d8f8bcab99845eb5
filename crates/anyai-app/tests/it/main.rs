//! The app through its commands, against a server written by hand that lies when told to.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests' helpers fail"
)]

mod doors;
mod fake;
mod host;
mod live;
mod offline;
mod outbox;
mod quote;
mod remote;
mod settings;
mod studio;
mod sync;
mod usage;
