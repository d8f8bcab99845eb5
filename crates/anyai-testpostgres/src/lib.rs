//! A PostgreSQL of the tests' own: real, durable as in production, in a temporary folder, and gone
//! with the process that started it, however that process ends.
//!
//! nextest runs each test in a process of its own, so each of them that asks starts a server.
//! `initdb` is most of what that costs: its result is kept beside the tests' programs and copied,
//! and a server is ready in a fifth of a second. Sharing one server between processes would save
//! that fifth, and need a count of who still uses it; and a test that kills the server would have to
//! be kept from the others. Tests of one process share [`PostgresCluster::shared`].
#![cfg(unix)]
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "this room is linked by tests alone, and a test without its server has failed"
)]

mod cluster;
mod programs;

pub use cluster::PostgresCluster;
