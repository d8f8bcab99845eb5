//! Asks for a clip over the Interactions API: a job that the provider keeps until it is fetched.

use serde_json::{Map, Value, json};

use crate::build_media::{insert_turned, refuse};
use crate::content::base64_of;
use crate::endpoint::Endpoint;
use crate::error::BuildError;
use crate::http_request::HttpRequest;
use crate::interactions::pictures::image_content;
use crate::video_request::{VideoRequest, VideoSource, VideoTask};

pub(crate) fn build_video(
    request: &VideoRequest,
    endpoint: &Endpoint<'_>,
) -> Result<HttpRequest, BuildError> {
    refuse(&[(request.sound == Some(false), "clip without sound")])?;
    let mut config = json!({"video_config": {"task": task(request.task)}});
    if let Some(seed) = request.seed {
        config["seed"] = json!(seed);
    }
    if let Some(limit) = request.max_output_tokens {
        config["max_output_tokens"] = json!(limit.count());
    }
    let body = json!({
        "model": request.model,
        "input": [{"type": "user_input", "content": content(request)}],
        "response_format": [format(request)],
        "generation_config": config,
        "background": true,
        "store": true,
    });
    HttpRequest::post(endpoint, "interactions", None, &body)
}

const fn task(task: VideoTask) -> &'static str {
    match task {
        VideoTask::Text => "text_to_video",
        VideoTask::Image => "image_to_video",
        VideoTask::Reference => "reference_to_video",
        VideoTask::Edit => "edit",
        VideoTask::Extend => "extend",
    }
}

/// The clip, then the frames in their order, then the references, then the words.
fn content(request: &VideoRequest) -> Vec<Value> {
    let source = request.source.as_ref().map(|source| match source {
        VideoSource::Bytes { mime, bytes } => {
            json!({"type": "video", "mime_type": mime, "data": base64_of(bytes)})
        }
        VideoSource::Url(url) => json!({"type": "video", "uri": url}),
    });
    let frames = request.first_frame.iter().chain(&request.last_frame);
    let pictures = frames.chain(&request.references).map(image_content);
    let words = json!({"type": "text", "text": request.prompt});
    source.into_iter().chain(pictures).chain([words]).collect()
}

/// An edit keeps the length of what it edits. Only small clips fit inline.
fn format(request: &VideoRequest) -> Value {
    let mut format = Map::new();
    format.insert("type".into(), json!("video"));
    format.insert("delivery".into(), json!("uri"));
    let duration = (request.task != VideoTask::Edit).then(|| format!("{}s", request.seconds));
    insert_turned(
        &mut format,
        [
            ("resolution", &request.resolution),
            ("aspect_ratio", &request.aspect),
            ("duration", &duration),
        ],
    );
    Value::Object(format)
}
