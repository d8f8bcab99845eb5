//! The ledger on its file, as the server uses it.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests' helpers fail as loudly as tests"
)]

mod checkpoints;
mod crash;
mod damage;
mod envelopes;
mod feed;
mod fixture;
mod full;
mod lies;
mod lifecycle;
mod limits;
mod lockstep;
mod migrate;
mod orders;
#[cfg(unix)]
mod postgres;
mod price_cards;
mod race;
mod recovery;
mod statements;
mod tables;
