//! OpenAI's pictures: `/images/generations` and `/images/edits`, by JSON or form, whole or with
//! drafts in a stream.

use serde_json::{Value, json};

use super::{base64, count, from_bytes, from_url, one_of, prompt};
use crate::dialect::{event, read};
use crate::form::RequestBody;
use crate::media_model::{self, Makes};
use crate::order::PictureOrder;
use crate::parcel::Parcel;
use crate::picture::{Format, Frame};
use crate::pictures::{Shoot, ShootOutcome};
use crate::provider::Provider;
use crate::trouble::Trouble;

const REFERENCES_MAX: usize = 16;
const SIDE_MAX: u32 = 3_840;
const AREA_MAX: u32 = 3_840 * 2_160;
/// Words written beside an edited picture by the one model that bills them.
const EDIT_TEXT_TOKENS: u64 = 262;

pub(crate) fn read(body: &RequestBody, edits: bool) -> Result<PictureOrder, Trouble> {
    let json = &body.json;
    let model = read::model(json)?;
    let known = media_model::find(Provider::OpenAi, &model, Makes::Pictures).ok_or_else(|| {
        Trouble::BadParameter {
            code: "invalid_value",
            kind: "image_generation_user_error",
            message: format!("The model '{model}' does not exist."),
            param: "model",
        }
    })?;
    if json.get("response_format").is_some() {
        return Err(Trouble::BadParameter {
            code: "unknown_parameter",
            kind: "invalid_request_error",
            message: "Unknown parameter: 'response_format'.".to_owned(),
            param: "response_format",
        });
    }
    let (format, transparent) = read_look(json)?;
    let (width, height) = read_size(json, &model)?;
    let streaming = read::flag(json, "stream");
    let drafts = read::limit(json, "/partial_images", "partial_images", 0..=3)?;
    let (references, mask) = if edits {
        read_references(body)?
    } else {
        Default::default()
    };
    Ok(PictureOrder {
        provider: Provider::OpenAi,
        known,
        prompt: prompt(json)?,
        count: count(json)?,
        frame: Frame {
            width,
            height,
            transparent,
        },
        quality: read_quality(json, &model)?,
        resolution: format!("{width}x{height}"),
        format,
        references,
        mask,
        streaming,
        drafts: match drafts {
            Some(drafts) if streaming => u32::try_from(drafts).unwrap_or_default(),
            _ => 0,
        },
        by_url: false,
        text_tokens: if edits && known.line("text_out").is_some() {
            EDIT_TEXT_TOKENS
        } else {
            0
        },
        edits,
        model,
    })
}

/// The format, and whether the background is to be clear.
fn read_look(json: &Value) -> Result<(Format, bool), Trouble> {
    let format = one_of(
        json,
        "/output_format",
        "output_format",
        &["png", "jpeg", "webp"],
    )?;
    let format = format.and_then(Format::from_word).unwrap_or_default();
    let background = ["auto", "opaque", "transparent"];
    let background = one_of(json, "/background", "background", &background)?;
    let transparent = background == Some("transparent");
    if transparent && !format.has_alpha() {
        let message = "Transparent background is not supported for JPEG output.";
        return Err(Trouble::bad_request(message, "background"));
    }
    Ok((format, transparent))
}

/// `auto` is answered with a quality of the simulator's choice.
fn read_quality(json: &Value, model: &str) -> Result<String, Trouble> {
    let all = ["auto", "low", "medium", "high", "xhigh", "max"];
    let known = if model.starts_with("gpt-image-2.5") {
        &all
    } else {
        &all[..4]
    };
    let asked = one_of(json, "/quality", "quality", known)?;
    Ok(asked
        .filter(|quality| *quality != "auto")
        .unwrap_or("medium")
        .to_owned())
}

fn read_size(json: &Value, model: &str) -> Result<(u32, u32), Trouble> {
    let asked = match json.get("size") {
        None | Some(Value::Null) => "auto",
        Some(Value::String(size)) => size,
        Some(_) => return Err(Trouble::bad_request("Invalid type for 'size'.", "size")),
    };
    if asked == "auto" {
        return Ok((1_024, 1_024));
    }
    let bad = || Trouble::bad_request(format!("Invalid value: '{asked}'."), "size");
    let (width, height) = asked.split_once('x').ok_or_else(bad)?;
    let (width, height): (u32, u32) = (
        width.parse().map_err(|_| bad())?,
        height.parse().map_err(|_| bad())?,
    );
    let fits = if model.starts_with("gpt-image-1") {
        matches!((width, height), (1_024, 1_024 | 1_536) | (1_536, 1_024))
    } else {
        let (short, long) = (width.min(height), width.max(height));
        width.is_multiple_of(16)
            && height.is_multiple_of(16)
            && (16..=SIDE_MAX).contains(&short)
            && long <= SIDE_MAX.min(3 * short)
            && width * height <= AREA_MAX
    };
    if fits {
        Ok((width, height))
    } else {
        Err(bad())
    }
}

type References = (Vec<image::RgbaImage>, Option<image::RgbaImage>);

fn read_references(body: &RequestBody) -> Result<References, Trouble> {
    let mut references = Vec::new();
    let mut mask = None;
    for (name, bytes) in &body.files {
        match name.as_str() {
            "image" | "image[]" => references.push(from_bytes(bytes, "image")?),
            "mask" => mask = Some(from_bytes(bytes, "mask")?),
            _ => {}
        }
    }
    let images = body.json.get("images").and_then(Value::as_array);
    for image in images.into_iter().flatten() {
        references.push(named(image, "images")?);
    }
    if let Some(image) = body
        .json
        .get("mask")
        .filter(|mask| mask.get("bytes").is_none())
    {
        mask = Some(named(image, "mask")?);
    }
    if references.is_empty() || references.len() > REFERENCES_MAX {
        let message = format!("between 1 and {REFERENCES_MAX} images are needed");
        return Err(Trouble::bad_request(message, "images"));
    }
    Ok((references, mask))
}

/// A picture named by address or by the id of a file.
fn named(image: &Value, param: &'static str) -> Result<image::RgbaImage, Trouble> {
    let url = read::word(image, "/image_url").or_else(|| read::word(image, "/file_id"));
    from_url(url.unwrap_or_default(), param)
}

pub(crate) fn write(shoot: &Shoot) -> Result<Parcel, Trouble> {
    if shoot.outcome == ShootOutcome::Declined {
        return Err(Trouble::Moderated);
    }
    if shoot.order.streaming {
        return Ok(events(shoot));
    }
    let data = shoot
        .pictures
        .iter()
        .map(|drawn| json!({"b64_json": base64(&drawn.bytes)}));
    let mut answer = described(shoot);
    answer["created"] = json!(shoot.created_s);
    answer["data"] = data.collect();
    if shoot.bill.is_reported() {
        answer["usage"] = usage(shoot);
    }
    Ok(Parcel::whole(&answer))
}

/// What every picture of the order is like.
fn described(shoot: &Shoot) -> Value {
    let order = &shoot.order;
    json!({
        "background": if order.frame.transparent { "transparent" } else { "opaque" },
        "output_format": order.format.as_str(),
        "quality": order.quality,
        "size": order.resolution,
    })
}

fn usage(shoot: &Shoot) -> Value {
    let bill = &shoot.bill;
    json!({
        "input_tokens": bill.count(bill.input()),
        "input_tokens_details": {
            "image_tokens": bill.count(bill.image_in),
            "text_tokens": bill.count(bill.text_in),
        },
        "output_tokens": bill.count(bill.output()),
        "output_tokens_details": {
            "image_tokens": bill.count(bill.image_out),
            "text_tokens": bill.count(bill.text_out),
        },
        "total_tokens": bill.count(bill.input() + bill.output()),
    })
}

fn events(shoot: &Shoot) -> Parcel {
    let family = if shoot.order.edits {
        "image_edit"
    } else {
        "image_generation"
    };
    let shown = |name: &str, bytes: &[u8]| {
        let mut fields = described(shoot);
        fields["type"] = json!(format!("{family}.{name}"));
        fields["created_at"] = json!(shoot.created_s);
        fields["b64_json"] = json!(base64(bytes));
        fields
    };
    let told = |fields: &Value| event(fields["type"].as_str().unwrap_or_default(), fields);
    let mut events = Vec::new();
    let last = shoot.pictures.len().saturating_sub(1);
    for (index, drawn) in shoot.pictures.iter().enumerate() {
        for (step, draft) in drawn.drafts.iter().enumerate() {
            let mut fields = shown("partial_image", draft);
            fields["partial_image_index"] = json!(step);
            events.push(told(&fields));
        }
        let mut fields = shown("completed", &drawn.bytes);
        // The bill for all comes with the last.
        if index == last && shoot.bill.is_reported() {
            fields["usage"] = usage(shoot);
        }
        events.push(told(&fields));
    }
    let message = "The server had an error while processing your request.";
    let error = json!({"type": "error", "error": {
        "type": "image_generation_server_error", "code": "server_error", "message": message, "param": null,
    }});
    Parcel::events(events, 1, event("error", &error))
}
