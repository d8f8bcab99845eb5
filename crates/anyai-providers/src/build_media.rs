//! From a picture or a clip that is wanted to an HTTP request, whichever protocol is spoken.

use serde_json::{Map, Value, json};

use crate::endpoint::{Endpoint, Protocol};
use crate::error::BuildError;
use crate::http_request::HttpRequest;
use crate::image_request::ImageRequest;
use crate::video_request::{VideoRequest, VideoTask};
use crate::{generate_content, images, interactions, predict_long_running, videos};

/// The HTTP request that asks for these pictures.
///
/// # Errors
/// When the protocol makes no pictures, cannot say what is asked for, or cannot be sent at all.
pub fn build_images(
    request: &ImageRequest,
    endpoint: &Endpoint<'_>,
) -> Result<HttpRequest, BuildError> {
    if request.model.trim().is_empty() {
        return Err(BuildError::Model);
    }
    match endpoint.protocol {
        Protocol::Images => images::build(request, endpoint),
        Protocol::GenerateContent => generate_content::build_images(request, endpoint),
        Protocol::Interactions => interactions::build_images(request, endpoint),
        protocol => Err(BuildError::Protocol(protocol)),
    }
}

/// The HTTP request that submits this clip's job.
///
/// # Errors
/// When the protocol makes no clips, cannot say what is asked for, or cannot be sent at all.
pub fn build_video(
    request: &VideoRequest,
    endpoint: &Endpoint<'_>,
) -> Result<HttpRequest, BuildError> {
    if request.model.trim().is_empty() {
        return Err(BuildError::Model);
    }
    match request.task {
        VideoTask::Image if request.first_frame.is_none() => {
            return Err(BuildError::Missing("a first frame"));
        }
        VideoTask::Reference if request.references.is_empty() => {
            return Err(BuildError::Missing("a reference picture"));
        }
        VideoTask::Edit | VideoTask::Extend if request.source.is_none() => {
            return Err(BuildError::Missing("a clip to work from"));
        }
        _ => {}
    }
    match endpoint.protocol {
        Protocol::Videos => videos::build(request, endpoint),
        Protocol::Interactions => interactions::build_video(request, endpoint),
        Protocol::PredictLongRunning => predict_long_running::build(request, endpoint),
        protocol => Err(BuildError::Protocol(protocol)),
    }
}

/// Refuses the first knob that is turned and cannot be said.
pub(crate) fn refuse(knobs: &[(bool, &'static str)]) -> Result<(), BuildError> {
    match knobs.iter().find(|(is_turned, _)| *is_turned) {
        Some((_, knob)) => Err(BuildError::Knob(knob)),
        None => Ok(()),
    }
}

/// Says the knobs that are turned.
pub(crate) fn insert_turned<const N: usize>(
    body: &mut Map<String, Value>,
    knobs: [(&str, &Option<String>); N],
) {
    for (key, value) in knobs {
        if let Some(value) = value {
            body.insert(key.to_owned(), json!(value));
        }
    }
}
