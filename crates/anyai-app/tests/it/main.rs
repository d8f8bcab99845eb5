//! The app through its commands, against a server written by hand that lies when told to.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests' helpers fail"
)]

mod compare;
mod doors;
mod fake;
mod host;
mod live;
mod loopback;
mod media;
mod offline;
mod outbox;
mod prompts;
mod quote;
mod quote_files;
mod remote;
mod saved;
mod settings;
mod stop_at;
mod studio;
mod sync;
mod usage;
mod vocabulary;
