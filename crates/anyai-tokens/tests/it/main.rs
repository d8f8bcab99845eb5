//! What this crate promises, checked from outside.

mod counting;
