//! OpenRouter's pictures: one path for new ones and for those made from others, with the billed
//! cost in dollars.

use serde_json::{Value, json};

use super::{base64, count, from_url, one_of, prompt};
use crate::dialect::{data, read};
use crate::media_model::{self, Makes};
use crate::order::{PictureOrder, size_of};
use crate::parcel::Parcel;
use crate::picture::{Format, Frame};
use crate::pictures::{Shoot, ShootOutcome};
use crate::provider::Provider;
use crate::trouble::Trouble;

pub(crate) fn read(body: &Value) -> Result<PictureOrder, Trouble> {
    let model = read::model(body)?;
    let found = media_model::find(Provider::OpenRouter, &model, Makes::Pictures);
    let known = found.ok_or_else(|| Trouble::UnknownModel {
        model: model.clone(),
    })?;
    let tiers = ["512", "1K", "2K", "4K"];
    let resolution = one_of(body, "/resolution", "resolution", &tiers)?.unwrap_or("1K");
    let (width, height) = read_size(body, resolution)?;
    let qualities = ["auto", "low", "medium", "high"];
    let quality = one_of(body, "/quality", "quality", &qualities)?;
    let quality = quality
        .filter(|quality| *quality != "auto")
        .unwrap_or("medium");
    let format = one_of(
        body,
        "/output_format",
        "output_format",
        &["png", "jpeg", "webp"],
    )?;
    let references = body.get("input_references").and_then(Value::as_array);
    let references = (references.into_iter().flatten())
        .map(|one| {
            from_url(
                read::word(one, "/image_url/url").unwrap_or_default(),
                "input_references",
            )
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(PictureOrder {
        provider: Provider::OpenRouter,
        known,
        prompt: prompt(body)?,
        count: count(body)?,
        frame: Frame {
            width,
            height,
            transparent: false,
        },
        quality: quality.to_owned(),
        // xAI's own resolutions are written small.
        resolution: match known.provider {
            Provider::XAi => resolution.to_lowercase(),
            _ => resolution.to_owned(),
        },
        format: format.and_then(Format::from_word).unwrap_or_default(),
        edits: !references.is_empty(),
        references,
        mask: None,
        streaming: read::flag(body, "stream"),
        drafts: u32::from(read::flag(body, "stream")),
        by_url: false,
        text_tokens: 0,
        model,
    })
}

fn read_size(body: &Value, resolution: &str) -> Result<(u32, u32), Trouble> {
    if let Some((width, height)) = read::word(body, "/size").and_then(|size| size.split_once('x')) {
        let side = |side: &str| side.parse().ok().filter(|side| (64..=4_096).contains(side));
        let size = side(width).zip(side(height));
        return size.ok_or_else(|| Trouble::bad_request("Invalid size", "size"));
    }
    let lines = match resolution {
        "512" => 512,
        "2K" => 2_048,
        "4K" => 4_096,
        _ => 1_024,
    };
    let aspect = read::word(body, "/aspect_ratio").filter(|aspect| *aspect != "auto");
    size_of(lines, aspect.unwrap_or("1:1"))
        .ok_or_else(|| Trouble::bad_request("Invalid aspect_ratio", "aspect_ratio"))
}

pub(crate) fn write(shoot: &Shoot) -> Result<Parcel, Trouble> {
    if shoot.outcome == ShootOutcome::Declined {
        return Err(Trouble::Moderated);
    }
    let media_type = shoot.order.format.media_type();
    if shoot.order.streaming {
        return Ok(events(shoot, media_type));
    }
    let data = (shoot.pictures.iter())
        .map(|drawn| json!({"b64_json": base64(&drawn.bytes), "media_type": media_type}));
    let mut answer = json!({"created": shoot.created_s, "data": data.collect::<Value>()});
    if shoot.bill.is_reported() {
        answer["usage"] = usage(shoot);
    }
    Ok(Parcel::whole(&answer))
}

fn usage(shoot: &Shoot) -> Value {
    let bill = &shoot.bill;
    json!({
        "prompt_tokens": bill.count(bill.input()),
        "completion_tokens": bill.count(bill.output()),
        "total_tokens": bill.count(bill.input() + bill.output()),
        "cost": bill.cost_usd(),
    })
}

fn events(shoot: &Shoot, media_type: &str) -> Parcel {
    let mut events = vec![b": OPENROUTER PROCESSING\n\n".to_vec()];
    let last = shoot.pictures.len().saturating_sub(1);
    for (index, drawn) in shoot.pictures.iter().enumerate() {
        for (step, draft) in drawn.drafts.iter().enumerate() {
            events.push(data(&json!({
                "type": "image_generation.partial_image",
                "partial_image_index": step,
                "b64_json": base64(draft),
            })));
        }
        let mut done = json!({
            "type": "image_generation.completed",
            "b64_json": base64(&drawn.bytes),
            "media_type": media_type,
            "created": shoot.created_s,
        });
        if index == last && shoot.bill.is_reported() {
            done["usage"] = usage(shoot);
        }
        events.push(data(&done));
    }
    events.push(b"data: [DONE]\n\n".to_vec());
    let error =
        json!({"type": "error", "error": {"message": "Generation failed", "code": "server_error"}});
    Parcel::events(events, 2, data(&error))
}
