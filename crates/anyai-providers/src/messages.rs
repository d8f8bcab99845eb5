//! Anthropic Messages.

mod build;
mod decode;

pub(crate) use build::build;
pub(crate) use decode::MessagesDecoder;
