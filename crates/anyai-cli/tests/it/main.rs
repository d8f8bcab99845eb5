//! The `anyai` program, run as people run it.

mod probe;
