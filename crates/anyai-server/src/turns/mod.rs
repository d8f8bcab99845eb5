//! The life of a turn on the server: accepted, priced, held, sent, read to its end, settled.

mod accept;
mod ask_after;
mod budget;
mod finish;
mod hold;
mod lease;
mod leases_seen;
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
mod sources;

pub(crate) use accept::{check_parent, check_post};
pub(crate) use ask_after::Questions;
pub(crate) use budget::SeenBalance;
pub(crate) use finish::{NotFinished, finish, mark_reconciling};
pub(crate) use hold::{Held, hold_and_begin, start_held};
pub(crate) use lease::renew_leases;
pub(crate) use leases_seen::LeasesSeen;
pub(crate) use live::{LiveTurn, LiveTurns};
pub(crate) use log::TurnLog;
pub(crate) use meter::TokenCounter;
pub(crate) use pictures::{find_file, read_file};
pub(crate) use post::{is_over, post, record as record_of, withdraw};
pub(crate) use price::no_room;
pub(crate) use receipt::receipt;
pub(crate) use reconcile::{one as reconcile_one, reconcile, reconcile_abandoned};
pub(crate) use room::{room, within};
