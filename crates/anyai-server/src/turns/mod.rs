//! The life of a turn on the server: accepted, priced, held, sent, read to its end, settled.

mod accept;
mod budget;
mod finish;
mod live;
mod log;
mod meter;
mod off_thread;
mod pictures;
mod post;
mod price;
mod receipt;
mod reconcile;
mod run;

pub(crate) use budget::SeenBalance;
pub(crate) use finish::NotFinished;
pub(crate) use live::LiveTurns;
pub(crate) use meter::TokenCounter;
pub(crate) use post::{is_over, post};
pub(crate) use receipt::receipt;
pub(crate) use reconcile::{reconcile, reconcile_abandoned};
