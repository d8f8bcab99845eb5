//! Jobs: the making of pictures and clips, from the post to the last word.
//!
//! | state | on disk before | a start after a crash |
//! |---|---|---|
//! | reserved | anything is sent | gives the hold back: nothing was sent |
//! | submitting | the call leaves | never calls again: a clip is unknown, pictures end with what came |
//! | submitted | the first poll, with the provider's id | polls on |
//! | running | | polls on; pictures end with what came |
//! | downloading | the download, with the link | downloads again |
//! | succeeded, failed, blocked, expired | the settlement | settles as it was decided |
//! | unknown | | asks on where there is an id, up to the time for it; then the hold goes back |
//!
//! A picture's job is one stream, which is gone with the run that reads it. A clip's job is the
//! provider's: it is submitted once and asked after by its id. A shutdown leaves clips where they
//! are; the next start takes them up.
//!
//! A person's stop: before the call leaves the hold goes back whole. After it, a provider that can
//! call the job off is asked to; any other bills it to its end, so it goes on unseen, what it makes
//! is kept, and the turn says that it was stopped and what it cost.

mod accept;
mod bill;
mod derive;
mod files;
mod image;
mod price;
mod progress;
mod run;
mod take_in;
mod take_up;
mod video;
mod work;

pub(crate) use derive::derive;
pub(crate) use take_in::{Known, take_in};
pub(crate) use take_up::{Taken, take_up};
