//! The life of a turn on the server: accepted, priced, held, sent, read to its end, settled.

mod accept;
mod ask_after;
mod budget;
mod finish;
mod lease;
mod live;
mod log;
mod meter;
mod off_thread;
mod pictures;
mod post;
mod price;
mod receipt;
mod reconcile;
mod room;
mod run;

pub(crate) use ask_after::Questions;
pub(crate) use budget::SeenBalance;
pub(crate) use finish::NotFinished;
pub(crate) use lease::renew_leases;
pub(crate) use live::LiveTurns;
pub(crate) use meter::TokenCounter;
pub(crate) use post::{is_over, post};
pub(crate) use receipt::receipt;
pub(crate) use reconcile::{reconcile, reconcile_abandoned};
pub(crate) use room::room;
