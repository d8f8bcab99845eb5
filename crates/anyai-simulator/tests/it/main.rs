//! The simulator as its clients see it: over HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "helpers of tests fail as loudly as tests; a skipped test says so"
)]

mod answers;
mod clips;
mod faults;
mod kept;
mod levers;
mod media;
mod media_shapes;
mod order_faults;
mod pictures;
mod shapes;
mod support;
