//! xAI's pictures: by address or in the answer, with the billed cost in ticks.

use serde_json::{Value, json};

use super::{base64, count, from_url, one_of, prompt};
use crate::dialect::read;
use crate::media_model::{self, Makes};
use crate::order::{PictureOrder, size_of};
use crate::parcel::Parcel;
use crate::picture::{Format, Frame};
use crate::pictures::{Shoot, ShootOutcome};
use crate::provider::Provider;
use crate::trouble::Trouble;

const REFERENCES_MAX: usize = 3;
const ASPECTS: [&str; 14] = [
    "auto", "1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3", "2:1", "1:2", "19.5:9", "9:19.5",
    "20:9", "9:20",
];

pub(crate) fn read(body: &Value, edits: bool) -> Result<PictureOrder, Trouble> {
    let model = read::model(body)?;
    let known = media_model::find(Provider::XAi, &model, Makes::Pictures).ok_or_else(|| {
        Trouble::UnknownModel {
            model: model.clone(),
        }
    })?;
    for name in ["size", "seed", "mask"] {
        if body.get(name).is_some() {
            return Err(Trouble::BadRequest {
                message: format!("Argument not supported: {name}"),
                param: None,
            });
        }
    }
    let resolution = one_of(body, "/resolution", "resolution", &["1k", "2k"])?.unwrap_or("1k");
    let qualities = ["low", "medium"];
    let quality = one_of(body, "/quality", "quality", &qualities)?.unwrap_or("medium");
    let aspect = one_of(body, "/aspect_ratio", "aspect_ratio", &ASPECTS)?;
    let aspect = aspect.filter(|aspect| *aspect != "auto").unwrap_or("1:1");
    let lines = if resolution == "2k" { 2_048 } else { 1_024 };
    let (width, height) = size_of(lines, aspect).unwrap_or((lines, lines));
    let formats = ["url", "b64_json"];
    let shown = one_of(body, "/response_format", "response_format", &formats)?;
    Ok(PictureOrder {
        provider: Provider::XAi,
        known,
        prompt: prompt(body)?,
        count: count(body)?,
        frame: Frame {
            width,
            height,
            transparent: false,
        },
        quality: quality.to_owned(),
        resolution: resolution.to_owned(),
        format: Format::Jpeg,
        // An order of new pictures ignores pictures sent with it, and says nothing of that.
        references: if edits {
            read_references(body)?
        } else {
            Vec::new()
        },
        mask: None,
        streaming: false,
        drafts: 0,
        by_url: shown != Some("b64_json"),
        text_tokens: 0,
        edits,
        model,
    })
}

fn read_references(body: &Value) -> Result<Vec<image::RgbaImage>, Trouble> {
    let one = body.get("image");
    let many = body.get("images").and_then(Value::as_array);
    let references = (one.into_iter())
        .chain(many.into_iter().flatten())
        .map(|image| from_url(read::word(image, "/url").unwrap_or_default(), "image"))
        .collect::<Result<Vec<_>, _>>()?;
    if references.is_empty() || references.len() > REFERENCES_MAX {
        let message = format!("between 1 and {REFERENCES_MAX} images are needed");
        return Err(Trouble::bad_request(message, "image"));
    }
    Ok(references)
}

pub(crate) fn write(shoot: &Shoot) -> Result<Parcel, Trouble> {
    let mut data: Vec<Value> = (shoot.pictures.iter())
        .map(|drawn| {
            let mut entry = json!({"mime_type": shoot.order.format.media_type()});
            if shoot.order.by_url {
                entry["url"] = json!(drawn.url);
            } else {
                entry["b64_json"] = json!(base64(&drawn.bytes));
            }
            entry
        })
        .collect();
    if shoot.outcome == ShootOutcome::Declined {
        let blocked = json!({"url": "", "mime_type": "", "respect_moderation": false});
        data = vec![blocked; shoot.order.count as usize];
    }
    let mut answer = json!({"data": data});
    if shoot.bill.is_reported() {
        answer["usage"] = json!({"cost_in_usd_ticks": shoot.bill.ticks()});
    }
    Ok(Parcel::whole(&answer))
}
