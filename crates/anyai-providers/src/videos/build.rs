//! Writes a wish for a clip as xAI's or OpenRouter's JSON.

use serde_json::{Map, Value, json};

use crate::build_media::{insert_turned, refuse};
use crate::content::data_url;
use crate::endpoint::{Endpoint, Provider};
use crate::error::BuildError;
use crate::http_request::HttpRequest;
use crate::request::Image;
use crate::video_request::{VideoRequest, VideoSource, VideoTask};

pub(crate) fn build(
    request: &VideoRequest,
    endpoint: &Endpoint<'_>,
) -> Result<HttpRequest, BuildError> {
    let (path, body) = match endpoint.provider {
        Provider::OpenRouter => ("videos", open_router(request)?),
        _ => x_ai(request)?,
    };
    HttpRequest::post(endpoint, path, None, &Value::Object(body))
}

fn url(image: &Image) -> String {
    data_url(&image.mime, &image.bytes)
}

fn words(request: &VideoRequest) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("model".into(), json!(request.model));
    body.insert("prompt".into(), json!(request.prompt));
    body
}

fn insert_shape(request: &VideoRequest, body: &mut Map<String, Value>) {
    insert_turned(
        body,
        [
            ("resolution", &request.resolution),
            ("aspect_ratio", &request.aspect),
        ],
    );
}

/// An edit keeps the length and the shape of what it edits, a continuation its shape.
fn x_ai(request: &VideoRequest) -> Result<(&'static str, Map<String, Value>), BuildError> {
    refuse(&[(request.seed.is_some(), "seed")])?;
    let mut body = words(request);
    if request.task != VideoTask::Edit {
        body.insert("duration".into(), json!(request.seconds));
    }
    if let Some(end_user) = &request.end_user {
        body.insert("user".into(), json!(end_user));
    }
    let path = match request.task {
        VideoTask::Edit => "videos/edits",
        VideoTask::Extend => "videos/extensions",
        VideoTask::Text | VideoTask::Image | VideoTask::Reference => "videos/generations",
    };
    if let Some(source) = &request.source {
        let url = match source {
            VideoSource::Bytes { mime, bytes } => data_url(mime, bytes),
            VideoSource::Url(url) => url.clone(),
        };
        body.insert("video".into(), json!({"url": url}));
        return Ok((path, body));
    }
    insert_shape(request, &mut body);
    let picture = |image: &Image| json!({"url": url(image)});
    for (key, frame) in [
        ("image", &request.first_frame),
        ("last_frame", &request.last_frame),
    ] {
        if let Some(frame) = frame {
            body.insert(key.into(), picture(frame));
        }
    }
    if !request.references.is_empty() {
        let references = request.references.iter().map(picture).collect();
        body.insert("reference_images".into(), references);
    }
    // It makes sound unless told not to.
    if request.sound == Some(false) {
        body.insert("generate_audio".into(), json!(false));
    }
    Ok((path, body))
}

fn open_router(request: &VideoRequest) -> Result<Map<String, Value>, BuildError> {
    refuse(&[(request.source.is_some(), "clip to work from")])?;
    let mut body = words(request);
    body.insert("duration".into(), json!(request.seconds));
    insert_shape(request, &mut body);
    if let Some(sound) = request.sound {
        body.insert("generate_audio".into(), json!(sound));
    }
    if let Some(seed) = request.seed {
        body.insert("seed".into(), json!(seed));
    }
    let picture = |image: &Image| json!({"type": "image_url", "image_url": {"url": url(image)}});
    let frame = |image: &Image, frame_type: &str| {
        let mut frame = picture(image);
        frame["frame_type"] = json!(frame_type);
        frame
    };
    let first = request
        .first_frame
        .iter()
        .map(|it| frame(it, "first_frame"));
    let last = request.last_frame.iter().map(|it| frame(it, "last_frame"));
    let frames: Vec<Value> = first.chain(last).collect();
    let references: Vec<Value> = request.references.iter().map(picture).collect();
    for (key, pictures) in [("frame_images", frames), ("input_references", references)] {
        if !pictures.is_empty() {
            body.insert(key.into(), Value::Array(pictures));
        }
    }
    Ok(body)
}
