//! What this crate promises, checked from outside.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod charging;
mod embedded;
mod refusals;
