//! OpenAI images, with the dialects of xAI and OpenRouter.

mod build;
mod decode;

pub(crate) use build::build;
pub(crate) use decode::ImagesDecoder;
