//! Asks a Gemini model for a picture: an ordinary answer that may hold one.

use serde_json::{Map, Value, json};

use crate::build_media::{insert_turned, refuse};
use crate::endpoint::Endpoint;
use crate::error::BuildError;
use crate::generate_content::build::{inline_data, model_path};
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
        (request.format.is_some(), "format"),
        (request.mask.is_some(), "mask"),
    ])?;
    let inline = |image: &Image| inline_data(&image.mime, &image.bytes);
    let mut parts: Vec<Value> = request.references.iter().map(inline).collect();
    parts.push(json!({"text": request.prompt}));
    let mut config = json!({"responseModalities": ["TEXT", "IMAGE"]});
    let mut picture = Map::new();
    insert_turned(
        &mut picture,
        [
            ("aspectRatio", &request.aspect),
            ("imageSize", &request.size),
        ],
    );
    if !picture.is_empty() {
        config["imageConfig"] = Value::Object(picture);
    }
    if let Some(limit) = request.max_output_tokens {
        config["maxOutputTokens"] = json!(limit.count());
    }
    let body = json!({
        "contents": [{"role": "user", "parts": parts}],
        "generationConfig": config,
    });
    let path = format!("{}:streamGenerateContent", model_path(&request.model)?);
    HttpRequest::post(endpoint, &path, Some("alt=sse"), &body)
}
