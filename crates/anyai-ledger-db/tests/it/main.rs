//! The ledger on its file, as the server uses it.

mod fixture;
mod lifecycle;
