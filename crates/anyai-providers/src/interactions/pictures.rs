//! Asks for a picture over the Interactions API, nothing kept at the provider.

use serde_json::{Map, Value, json};

use crate::build_media::{insert_turned, refuse};
use crate::content::base64_of;
use crate::endpoint::Endpoint;
use crate::error::BuildError;
use crate::http_request::HttpRequest;
use crate::image_request::ImageRequest;
use crate::request::Image;

pub(crate) fn build_images(
    request: &ImageRequest,
    endpoint: &Endpoint<'_>,
) -> Result<HttpRequest, BuildError> {
    refuse(&[
        (request.count > 1, "more than one picture at a time"),
        (request.quality.is_some(), "quality"),
        (request.background.is_some(), "background"),
        (request.mask.is_some(), "mask"),
    ])?;
    let mut format = Map::new();
    format.insert("type".into(), json!("image"));
    let mime = request
        .format
        .as_ref()
        .map(|format| format!("image/{format}"));
    insert_turned(
        &mut format,
        [
            ("aspect_ratio", &request.aspect),
            ("image_size", &request.size),
            ("mime_type", &mime),
        ],
    );
    let mut content: Vec<Value> = request.references.iter().map(image_content).collect();
    content.push(json!({"type": "text", "text": request.prompt}));
    let mut body = json!({
        "model": request.model,
        "input": [{"type": "user_input", "content": content}],
        "response_format": [format],
        "store": false,
        "stream": true,
    });
    if let Some(limit) = request.max_output_tokens {
        body["generation_config"] = json!({"max_output_tokens": limit.count()});
    }
    HttpRequest::post(endpoint, "interactions", Some("alt=sse"), &body)
}

pub(super) fn image_content(image: &Image) -> Value {
    json!({"type": "image", "mime_type": image.mime, "data": base64_of(&image.bytes)})
}
