//! Google Gemini `streamGenerateContent`.

mod build;
mod decode;
mod grounding;
mod usage;
mod words;

pub(crate) use build::build;
pub(crate) use decode::GenerateContentDecoder;
