//! Google's long-running predictions, which make Veo's clips.

mod build;
mod status;

pub(crate) use build::build;
pub(crate) use status::read_status;
