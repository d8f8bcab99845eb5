//! Writes a wish for pictures as JSON. Pictures to work from go inline as data URLs, which all three
//! take; only OpenAI takes a mask, sizes in pixels and formats, and only it shows previews.

use serde_json::{Map, Value, json};

use crate::build_media::{insert_turned, refuse};
use crate::content::data_url;
use crate::endpoint::{Endpoint, Provider};
use crate::error::BuildError;
use crate::http_request::HttpRequest;
use crate::image_request::ImageRequest;
use crate::request::Image;

const GENERATIONS: &str = "images/generations";
const EDITS: &str = "images/edits";

pub(crate) fn build(
    request: &ImageRequest,
    endpoint: &Endpoint<'_>,
) -> Result<HttpRequest, BuildError> {
    let (path, body) = match endpoint.provider {
        Provider::XAi => x_ai(request)?,
        Provider::OpenRouter => open_router(request)?,
        _ => open_ai(request)?,
    };
    HttpRequest::post(endpoint, path, None, &Value::Object(body))
}

fn url(image: &Image) -> String {
    data_url(&image.mime, &image.bytes)
}

/// What all three say in the same words. `names` are theirs for the size and the shape.
fn common(request: &ImageRequest, names: [&str; 2]) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("model".into(), json!(request.model));
    body.insert("prompt".into(), json!(request.prompt));
    body.insert("n".into(), json!(request.count));
    insert_turned(
        &mut body,
        [
            (names[0], &request.size),
            (names[1], &request.aspect),
            ("quality", &request.quality),
            ("background", &request.background),
            ("output_format", &request.format),
        ],
    );
    body
}

fn open_ai(request: &ImageRequest) -> Result<(&'static str, Map<String, Value>), BuildError> {
    let masks_nothing = request.mask.is_some() && request.references.is_empty();
    refuse(&[
        (request.aspect.is_some(), "aspect beside the size"),
        (masks_nothing, "mask without a picture to edit"),
    ])?;
    let mut body = common(request, ["size", "aspect"]);
    // A preview does not say which of several pictures it is of.
    if request.previews > 0 && request.count == 1 {
        body.insert("stream".into(), json!(true));
        body.insert("partial_images".into(), json!(request.previews));
    }
    if let Some(end_user) = &request.end_user {
        body.insert("safety_identifier".into(), json!(end_user));
    }
    if request.references.is_empty() {
        return Ok((GENERATIONS, body));
    }
    let reference = |image: &Image| json!({"image_url": url(image)});
    let references: Vec<Value> = request.references.iter().map(reference).collect();
    body.insert("images".into(), Value::Array(references));
    if let Some(mask) = &request.mask {
        body.insert("mask".into(), reference(mask));
    }
    Ok((EDITS, body))
}

/// A picture sent to the first address is ignored there, and billed.
fn x_ai(request: &ImageRequest) -> Result<(&'static str, Map<String, Value>), BuildError> {
    refuse(&[
        (request.mask.is_some(), "mask"),
        (request.background.is_some(), "background"),
        (request.format.is_some(), "format"),
    ])?;
    let mut body = common(request, ["resolution", "aspect_ratio"]);
    body.insert("response_format".into(), json!("b64_json"));
    if let Some(end_user) = &request.end_user {
        body.insert("user".into(), json!(end_user));
    }
    let reference = |image: &Image| json!({"type": "image_url", "url": url(image)});
    match &request.references[..] {
        [] => return Ok((GENERATIONS, body)),
        [one] => body.insert("image".into(), reference(one)),
        several => body.insert("images".into(), several.iter().map(reference).collect()),
    };
    Ok((EDITS, body))
}

fn open_router(request: &ImageRequest) -> Result<(&'static str, Map<String, Value>), BuildError> {
    refuse(&[(request.mask.is_some(), "mask")])?;
    let in_pixels = request
        .size
        .as_ref()
        .is_some_and(|size| size.contains('x') || size == "auto");
    let size = if in_pixels { "size" } else { "resolution" };
    let mut body = common(request, [size, "aspect_ratio"]);
    if !request.references.is_empty() {
        let reference =
            |image: &Image| json!({"type": "image_url", "image_url": {"url": url(image)}});
        let references = request.references.iter().map(reference).collect();
        body.insert("input_references".into(), references);
    }
    Ok(("images", body))
}
