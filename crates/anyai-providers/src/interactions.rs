//! Google's Interactions API, for chat.

mod build;
mod decode;
mod usage;
mod words;

pub(crate) use build::build;
pub(crate) use decode::InteractionsDecoder;
