//! Video jobs of xAI and OpenRouter: their requests, and the one way both tell of a job.

mod build;
mod status;

pub(crate) use build::build;
pub(crate) use status::{job_id, read_status};
