//! Google's Interactions API, for chat, pictures and clips.

mod build;
mod clips;
mod decode;
mod job;
mod pictures;
mod usage;
mod words;

pub(crate) use build::build;
pub(crate) use clips::build_video;
pub(crate) use decode::InteractionsDecoder;
pub(crate) use job::read_status;
pub(crate) use pictures::build_images;
