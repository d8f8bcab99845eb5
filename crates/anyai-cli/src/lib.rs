//! The `anyai` command line.
