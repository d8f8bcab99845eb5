//! The providers room, from outside: recorded traffic replayed in every cut, and a loopback
//! server that misbehaves.

mod build;
mod client;
mod decode;
mod loopback;
mod models;
mod recorded;
mod retry;
