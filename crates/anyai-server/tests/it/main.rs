//! Behaviour of the whole server, through its router, against the simulator over loopback.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail tests"
)]

mod access;
mod assets;
mod busy;
mod conversations;
mod crash;
mod failures;
mod feeds;
mod harness;
mod hostile;
mod keys;
mod logs;
mod opening;
mod reattach;
mod stop;
mod turn;
mod upkeep;
