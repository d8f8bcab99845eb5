//! What this crate promises, checked from outside.

mod charging;
mod embedded;
mod refusals;
