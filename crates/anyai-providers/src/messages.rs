//! Anthropic Messages.

mod build;
mod decode;
mod usage;
mod words;

pub(crate) use build::build;
pub(crate) use decode::MessagesDecoder;
