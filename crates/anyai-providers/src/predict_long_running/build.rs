//! Writes a wish for a clip as a Veo prediction.

use serde_json::{Map, Value, json};

use crate::build_media::{insert_turned, refuse};
use crate::content::base64_of;
use crate::endpoint::Endpoint;
use crate::error::BuildError;
use crate::generate_content::model_path;
use crate::http_request::HttpRequest;
use crate::request::Image;
use crate::video_request::{VideoRequest, VideoSource, VideoTask};

pub(crate) fn build(
    request: &VideoRequest,
    endpoint: &Endpoint<'_>,
) -> Result<HttpRequest, BuildError> {
    refuse(&[
        (request.task == VideoTask::Edit, "clip to change"),
        (request.sound == Some(false), "clip without sound"),
    ])?;
    let mut parameters = Map::new();
    parameters.insert("sampleCount".into(), json!(1));
    parameters.insert("durationSeconds".into(), json!(request.seconds));
    insert_turned(
        &mut parameters,
        [
            ("resolution", &request.resolution),
            ("aspectRatio", &request.aspect),
        ],
    );
    if let Some(seed) = request.seed {
        parameters.insert("seed".into(), json!(seed));
    }
    let body = json!({"instances": [instance(request)], "parameters": parameters});
    let path = format!("{}:predictLongRunning", model_path(&request.model)?);
    HttpRequest::post(endpoint, &path, None, &body)
}

fn instance(request: &VideoRequest) -> Value {
    let mut instance = Map::new();
    instance.insert("prompt".into(), json!(request.prompt));
    for (key, frame) in [
        ("image", &request.first_frame),
        ("lastFrame", &request.last_frame),
    ] {
        if let Some(frame) = frame {
            instance.insert(key.into(), inline(frame));
        }
    }
    if !request.references.is_empty() {
        let asset = |image: &Image| json!({"image": inline(image), "referenceType": "asset"});
        let assets = request.references.iter().map(asset).collect();
        instance.insert("referenceImages".into(), assets);
    }
    match &request.source {
        Some(VideoSource::Url(uri)) => {
            instance.insert("video".into(), json!({"uri": uri}));
        }
        Some(VideoSource::Bytes { mime, bytes }) => {
            let video = json!({"bytesBase64Encoded": base64_of(bytes), "mimeType": mime});
            instance.insert("video".into(), video);
        }
        None => {}
    }
    Value::Object(instance)
}

fn inline(image: &Image) -> Value {
    json!({"bytesBase64Encoded": base64_of(&image.bytes), "mimeType": image.mime})
}
