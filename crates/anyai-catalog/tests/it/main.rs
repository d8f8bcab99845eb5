//! What this crate promises, checked from outside.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test fails by panicking and says why it did not run"
)]

mod cards;
mod charging;
mod embedded;
mod media_charging;
mod media_estimates;
mod media_knobs;
mod media_refusals;
mod published;
mod recorded_costs;
mod refusals;
mod shared;
