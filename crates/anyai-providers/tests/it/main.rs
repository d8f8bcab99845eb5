//! The providers room, from outside: recorded traffic replayed in every cut, and a loopback
//! server that misbehaves.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot set up its scene has failed, and a skipped one says so"
)]

mod aftermath;
mod answer;
mod bodies;
mod build;
mod caching;
mod citations;
mod client;
mod decode;
mod dialects;
mod documents;
mod interactions;
mod liberties;
mod local;
mod loopback;
mod media_build;
mod media_client;
mod media_links;
mod media_recorded;
mod media_status;
mod models;
mod mutated;
mod packed;
mod recorded;
mod recordings;
mod retry;
mod sent;
mod sent_back;
