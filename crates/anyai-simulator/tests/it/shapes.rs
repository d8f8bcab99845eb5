//! The simulator's bodies beside recorded ones.
