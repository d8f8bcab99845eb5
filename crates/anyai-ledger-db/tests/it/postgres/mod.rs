//! What only a server can do to a ledger: end sessions, cut connections, die, and let several
//! programs in at once.

mod commit;
mod faults;
mod formats;
mod guards;
mod house;
mod programs;
mod proxy;
mod server;
mod tls;
