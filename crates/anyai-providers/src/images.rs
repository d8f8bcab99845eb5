//! OpenAI images, with the dialects of xAI and OpenRouter.

mod decode;
mod usage;

pub(crate) use decode::ImagesDecoder;
