//! OpenAI Responses, with the dialects of xAI and OpenRouter.

mod build;
mod decode;
mod usage;
mod words;

pub(crate) use build::build;
pub(crate) use decode::ResponsesDecoder;
