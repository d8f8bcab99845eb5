//! Ollama's own `/api/chat`.

mod build;
mod decode;
mod words;

pub(crate) use build::build;
pub(crate) use decode::OllamaChatDecoder;
