//! The wire formats of pictures: one module reads the order and writes the answer of each.

pub(crate) mod gemini;
pub(crate) mod open_router;
pub(crate) mod openai;
pub(crate) mod xai;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::RgbaImage;
use serde_json::Value;

use super::read;
use crate::picture::{self, Fingerprint, Frame};
use crate::trouble::Trouble;

/// The most pictures of an order.
const COUNT_MAX: u64 = 10;
/// The longest prompt.
const PROMPT_CHARS_MAX: usize = 32_000;

/// Bytes as they travel inside JSON.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The prompt of an order.
pub(crate) fn prompt(body: &Value) -> Result<String, Trouble> {
    match body.get("prompt").and_then(Value::as_str) {
        Some("") => Err(Trouble::BadParameter {
            code: "empty_string",
            kind: "invalid_request_error",
            message: "Invalid 'prompt': empty string. Expected a string with minimum length 1, but got an empty string instead.".to_owned(),
            param: "prompt",
        }),
        Some(prompt) if prompt.chars().count() <= PROMPT_CHARS_MAX => Ok(prompt.to_owned()),
        Some(_) => Err(Trouble::bad_request("prompt: too long", "prompt")),
        None => Err(Trouble::BadParameter {
            code: "missing_required_parameter",
            kind: "invalid_request_error",
            message: "Missing required parameter: 'prompt'.".to_owned(),
            param: "prompt",
        }),
    }
}

/// How many pictures are ordered.
fn count(body: &Value) -> Result<u32, Trouble> {
    let count = read::limit(body, "/n", "n", 1..=COUNT_MAX)?.unwrap_or(1);
    Ok(u32::try_from(count).unwrap_or(1))
}

/// A field that is one of these words.
fn one_of<'a>(
    body: &'a Value,
    pointer: &str,
    name: &'static str,
    words: &[&str],
) -> Result<Option<&'a str>, Trouble> {
    match body.pointer(pointer) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(word)) if words.contains(&word.as_str()) => Ok(Some(word)),
        Some(other) => Err(Trouble::bad_request(
            format!(
                "Invalid value: {other}. Supported values are: {}.",
                words.join(", ")
            ),
            name,
        )),
    }
}

/// A picture that travels as base64.
pub(crate) fn from_base64(data: &str, param: &'static str) -> Result<RgbaImage, Trouble> {
    let bytes = STANDARD.decode(data.trim()).ok();
    from_bytes(&bytes.unwrap_or_default(), param)
}

/// A picture that travels as it is.
pub(crate) fn from_bytes(bytes: &[u8], param: &'static str) -> Result<RgbaImage, Trouble> {
    picture::decode(bytes).ok_or_else(|| Trouble::BadParameter {
        code: "invalid_image_file",
        kind: "image_generation_user_error",
        message: "Invalid image file or mode, please check your image file.".to_owned(),
        param,
    })
}

/// A picture named by a `data:` URL. Any other address is not fetched: a picture drawn from the
/// address stands in for it.
pub(crate) fn from_url(url: &str, param: &'static str) -> Result<RgbaImage, Trouble> {
    match url.strip_prefix("data:") {
        Some(rest) => {
            let data = rest.split_once(";base64,").map(|(_, data)| data);
            from_base64(data.unwrap_or_default(), param)
        }
        None if url.is_empty() => Err(Trouble::bad_request("an image needs a url", param)),
        None => {
            let frame = Frame {
                width: 512,
                height: 512,
                transparent: false,
            };
            Ok(picture::draw(Fingerprint::of(url, 0), frame))
        }
    }
}
