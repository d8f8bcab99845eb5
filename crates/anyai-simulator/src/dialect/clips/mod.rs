//! The wire formats of clips: one module reads the order and tells how the job is doing.

pub(crate) mod interactions;
pub(crate) mod open_router;
pub(crate) mod veo;
pub(crate) mod xai;

use std::sync::Arc;

use image::RgbaImage;
use serde_json::Value;

use crate::order::{lines_of, size_of};
use crate::trouble::Trouble;

/// A field that is a whole number of seconds.
fn seconds(
    body: &Value,
    pointer: &str,
    name: &'static str,
    bounds: std::ops::RangeInclusive<u64>,
    otherwise: u32,
) -> Result<u32, Trouble> {
    let seconds = super::read::limit(body, pointer, name, bounds)?;
    Ok(seconds
        .and_then(|seconds| u32::try_from(seconds).ok())
        .unwrap_or(otherwise))
}

/// The size of a clip.
fn size(resolution: &str, aspect: &str) -> Result<(u32, u32), Trouble> {
    lines_of(resolution)
        .and_then(|lines| size_of(lines, aspect))
        .ok_or_else(|| {
            Trouble::bad_request("resolution or aspect ratio not supported", "resolution")
        })
}

/// A picture the clip starts from.
fn picture(url: Option<&str>) -> Result<Option<Arc<RgbaImage>>, Trouble> {
    let picture = url
        .map(|url| super::pictures::from_url(url, "image"))
        .transpose()?;
    Ok(picture.map(Arc::new))
}
