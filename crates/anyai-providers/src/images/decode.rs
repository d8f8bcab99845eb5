//! Reads pictures: a list of them in one piece, or one by one as they are finished.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use serde_json::Value;

use crate::classify;
use crate::content::image_from_base64;
use crate::decode::WireDecoder;
use crate::endpoint::Provider;
use crate::event::{StopReason, Usage};
use crate::json::{Fields, Json};
use crate::media_usage;
use crate::outbox::Outbox;

/// Where a picture's base64 may stand.
const BASE64_KEYS: [&str; 4] = ["b64_json", "partial_image_b64", "bytesBase64Encoded", "b64"];
/// Where a list of pictures may stand.
const LIST_KEYS: [&str; 3] = ["data", "images", "predictions"];

pub(crate) struct ImagesDecoder {
    provider: Provider,
    /// Pictures handed over so far.
    made: u32,
    /// Pictures made, or not made, and withheld.
    withheld: bool,
    /// Something came after which the answer may end.
    whole: bool,
    /// What the pictures were billed that came one by one.
    billed: Option<Usage>,
    /// The pictures that came one by one, by a digest: one that comes again is the same one.
    completed: HashSet<u64>,
    digests: RandomState,
}

impl ImagesDecoder {
    pub(crate) fn new(provider: Provider) -> Self {
        Self {
            provider,
            made: 0,
            withheld: false,
            whole: false,
            billed: None,
            completed: HashSet::new(),
            digests: RandomState::new(),
        }
    }

    /// One of the pictures of a stream. Each is billed with itself: the first is told before the
    /// next one is made, so its usage cannot be that of all.
    fn complete(&mut self, json: Json<'_>, out: &mut Outbox) {
        self.whole = true;
        let picture = json.value;
        if let Some(said) = base64_of(picture).or_else(|| link(picture))
            && !self.completed.insert(self.digests.hash_one(said))
        {
            return;
        }
        self.read_picture(picture, picture, out);
        if let Some(usage) = usage_of(json) {
            let billed = self.billed.map_or(usage, |billed| billed.plus(&usage));
            self.billed = Some(billed);
            out.usage(billed);
        }
    }

    /// One picture, in whichever words; `around` names its format when it does not itself.
    fn read_picture(&mut self, picture: &Value, around: &Value, out: &mut Outbox) {
        if let Some(prompt) = picture.text("revised_prompt") {
            out.revised_prompt(prompt);
        }
        if let Some(reason) = picture.text("raiFilteredReason") {
            self.withheld = true;
            out.refusal(reason);
        }
        if picture.get("respect_moderation").and_then(Value::as_bool) == Some(false) {
            self.withheld = true;
            return;
        }
        let mime = mime_of(picture, around);
        let base64 = base64_of(picture);
        let url = link(picture).filter(|url| !url.is_empty());
        let inline = base64.or(url.filter(|url| url.starts_with("data:")));
        if let Some(image) = inline.and_then(|data| image_from_base64(data, mime.as_deref())) {
            self.made += 1;
            out.image(image);
        } else if let (None, Some(url)) = (inline, url) {
            self.made += 1;
            out.image_link(url, mime);
        }
    }

    fn read_preview(&self, value: &Value, out: &mut Outbox) {
        let base64 = base64_of(value);
        let mime = mime_of(value, value);
        if let Some(image) = base64.and_then(|data| image_from_base64(data, mime.as_deref())) {
            out.preview(self.made, image);
        }
    }

    fn read_usage(json: Json<'_>, out: &mut Outbox) {
        if let Some(usage) = usage_of(json) {
            out.usage(usage);
        }
    }
}

fn usage_of(json: Json<'_>) -> Option<Usage> {
    media_usage::read(json.value.present("usage")?, json.text)
}

/// A picture's base64; some leave the field empty beside a link.
fn base64_of(picture: &Value) -> Option<&str> {
    let mut said = BASE64_KEYS.into_iter().filter_map(|key| picture.text(key));
    said.find(|base64| !base64.is_empty())
}

fn mime_of(picture: &Value, around: &Value) -> Option<String> {
    let own = ["mime_type", "media_type", "mimeType"];
    if let Some(mime) = own.into_iter().find_map(|key| picture.text(key)) {
        return Some(mime.to_owned());
    }
    let format = picture
        .text("output_format")
        .or(around.text("output_format"))?;
    Some(format!("image/{}", format.replace("jpg", "jpeg")))
}

/// A picture's address: text, or inside an object.
fn link(picture: &Value) -> Option<&str> {
    let nested = || picture.get("image_url")?.text("url");
    picture
        .text("url")
        .or_else(|| picture.text("image_url"))
        .or_else(nested)
}

impl WireDecoder for ImagesDecoder {
    fn words(&mut self, _text: &str, _out: &mut Outbox) -> bool {
        false
    }

    fn event(&mut self, name: &str, json: Json<'_>, out: &mut Outbox) {
        let value = json.value;
        let kind = value.text("type").unwrap_or(name);
        out.started(value.text("id"), value.text("model"));
        if kind.ends_with("partial_image") {
            self.read_preview(value, out);
        } else if kind.ends_with(".completed") {
            self.complete(json, out);
        } else if value.complaint().is_some() || kind == "error" {
            Self::read_usage(json, out);
            out.failed(classify::from_value(self.provider, None, value));
        } else {
            self.body(json, out);
        }
    }

    fn body(&mut self, json: Json<'_>, out: &mut Outbox) {
        let value = json.value;
        let lists = LIST_KEYS.into_iter().filter_map(|key| value.get(key));
        if let Some(pictures) = lists.filter_map(Value::as_array).next() {
            self.whole |= !pictures.is_empty() || value.complaint().is_none();
            out.started(value.text("id"), value.text("model"));
            for picture in pictures {
                self.read_picture(picture, value, out);
            }
        }
        Self::read_usage(json, out);
    }

    fn done(&mut self, out: &mut Outbox) {
        self.end(out);
    }

    fn end(&mut self, out: &mut Outbox) {
        if !self.whole {
            return;
        }
        match (self.made, self.withheld) {
            (0, true) => out.finished(StopReason::Refused, "moderated"),
            (0, false) => out.finished(StopReason::Unknown, ""),
            _ => out.finished(StopReason::EndTurn, ""),
        }
    }
}
