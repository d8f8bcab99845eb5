//! Pictures by Google's generateContent: parts of an answer among its words.

use serde_json::{Value, json};

use super::{base64, from_base64, one_of};
use crate::dialect::gemini::Framing;
use crate::dialect::read;
use crate::media_model::{self, Makes};
use crate::order::{PictureOrder, size_of};
use crate::parcel::Parcel;
use crate::picture::{Format, Frame};
use crate::pictures::{Shoot, ShootOutcome};
use crate::provider::Provider;
use crate::tokens::count_tokens;
use crate::trouble::Trouble;

pub(crate) const ASPECTS: [&str; 14] = [
    "1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9", "1:4", "4:1", "1:8",
    "8:1",
];
pub(crate) const SIZES: [&str; 4] = ["512", "1K", "2K", "4K"];
/// What is said beside a picture.
const SAID: &str = "Here is the picture you asked for.";

pub(crate) fn read(
    model: &str,
    framing: Option<Framing>,
    body: &Value,
) -> Result<PictureOrder, Trouble> {
    let config = "/generationConfig/imageConfig";
    let aspect = one_of(
        body,
        &format!("{config}/aspectRatio"),
        "aspectRatio",
        &ASPECTS,
    )?;
    let size = one_of(body, &format!("{config}/imageSize"), "imageSize", &SIZES)?;
    let mut order = ordered(model, aspect, size)?;
    let modalities = read::strings(body.pointer("/generationConfig/responseModalities"));
    if !modalities.is_empty() && !modalities.iter().any(|modality| modality == "IMAGE") {
        let message =
            "The requested combination of response modalities is not supported by the model.";
        return Err(Trouble::bad_request(message, "responseModalities"));
    }
    if modalities.iter().any(|modality| modality == "TEXT") || modalities.is_empty() {
        order.text_tokens = count_tokens(SAID);
    }
    let contents = read::list(body, "contents")?;
    let last = contents
        .iter()
        .rfind(|content| content.get("role") != Some(&json!("model")));
    for part in read::list(last.unwrap_or(&Value::Null), "parts")? {
        if let Some(text) = read::word(part, "/text") {
            order.prompt.push_str(text);
        }
        if let Some(data) = read::word(part, "/inlineData/data") {
            order.references.push(from_base64(data, "contents")?);
        }
    }
    order.edits = !order.references.is_empty();
    order.streaming = framing.is_some();
    Ok(order)
}

/// An order of one picture, without its prompt.
pub(crate) fn ordered(
    model: &str,
    aspect: Option<&str>,
    size: Option<&str>,
) -> Result<PictureOrder, Trouble> {
    let found = media_model::find(Provider::Google, model, Makes::Pictures);
    let known = found.ok_or_else(|| Trouble::UnknownModel {
        model: model.to_owned(),
    })?;
    let resolution = size.unwrap_or("1K");
    let lines = match resolution {
        "512" => 512,
        "2K" => 2_048,
        "4K" => 4_096,
        _ => 1_024,
    };
    let (wide, high) = size_of(lines, aspect.unwrap_or("1:1")).unwrap_or((lines, lines));
    // The tier is the length of the long side.
    let long = u64::from(wide.max(high).max(1));
    let side =
        |side: u32| u32::try_from(u64::from(side) * u64::from(lines) / long).unwrap_or(lines);
    Ok(PictureOrder {
        provider: Provider::Google,
        model: model.to_owned(),
        known,
        prompt: String::new(),
        count: 1,
        frame: Frame {
            width: side(wide),
            height: side(high),
            transparent: false,
        },
        quality: String::new(),
        resolution: resolution.to_owned(),
        format: Format::Jpeg,
        references: Vec::new(),
        mask: None,
        streaming: false,
        drafts: 0,
        by_url: false,
        text_tokens: 0,
        edits: false,
    })
}

pub(crate) fn write(shoot: &Shoot, framing: Option<Framing>) -> Result<Parcel, Trouble> {
    let mut parts = Vec::new();
    if shoot.outcome == ShootOutcome::Drawn {
        if shoot.order.text_tokens > 0 {
            parts.push(json!({"text": SAID}));
        }
        parts.extend(shoot.pictures.iter().map(|drawn| {
            let media_type = shoot.order.format.media_type();
            json!({"inlineData": {"mimeType": media_type, "data": base64(&drawn.bytes)}})
        }));
    }
    let reason = match shoot.outcome {
        ShootOutcome::Drawn => "STOP",
        ShootOutcome::Declined => "IMAGE_SAFETY",
        ShootOutcome::Nothing => "NO_IMAGE",
    };
    let Some(framing) = framing else {
        return Ok(Parcel::whole(&chunk(shoot, &parts, Some(reason))));
    };
    let mut chunks: Vec<Value> = (parts.iter())
        .map(|part| chunk(shoot, std::slice::from_ref(part), None))
        .collect();
    chunks.push(chunk(shoot, &[], Some(reason)));
    let last = chunks.len() - 1;
    let events = chunks.iter().enumerate().map(|(at, chunk)| match framing {
        Framing::Events => format!("data: {chunk}\r\n\r\n"),
        Framing::Array => {
            let open = if at == 0 { "[" } else { "," };
            let close = if at == last { "]" } else { "" };
            format!("{open}{chunk}{close}")
        }
    });
    let events = events.map(String::into_bytes).collect();
    let error = json!({"error": {"code": 503, "message": "The model is overloaded. Please try again later.", "status": "UNAVAILABLE"}});
    let error = format!("data: {error}\r\n\r\n").into_bytes();
    let mut parcel = Parcel::events(events, 1, error);
    if framing == Framing::Array {
        parcel.content_type = "application/json";
    }
    Ok(parcel)
}

fn chunk(shoot: &Shoot, parts: &[Value], reason: Option<&str>) -> Value {
    let mut candidate = json!({"content": {"parts": parts, "role": "model"}, "index": 0});
    if let Some(reason) = reason {
        candidate["finishReason"] = json!(reason);
    }
    if shoot.outcome != ShootOutcome::Drawn {
        candidate["content"] = json!({});
    }
    let mut chunk = json!({
        "candidates": [candidate],
        "modelVersion": shoot.order.model,
        "responseId": shoot.id(""),
    });
    // What was billed is told as a whole, with the reason to stop.
    if reason.is_some() && shoot.bill.is_reported() {
        chunk["usageMetadata"] = usage(shoot);
    }
    chunk
}

fn usage(shoot: &Shoot) -> Value {
    let bill = &shoot.bill;
    let modality = |modality: &str, tokens: u64| json!({"modality": modality, "tokenCount": bill.count(tokens)});
    let mut inputs = vec![modality("TEXT", bill.text_in)];
    if bill.image_in > 0 {
        inputs.push(modality("IMAGE", bill.image_in));
    }
    let mut record = json!({
        "promptTokenCount": bill.count(bill.input()),
        "candidatesTokenCount": bill.count(bill.output()),
        "totalTokenCount": bill.count(bill.input() + bill.output()),
        "promptTokensDetails": inputs,
    });
    if bill.image_out > 0 {
        record["candidatesTokensDetails"] = json!([modality("IMAGE", bill.image_out)]);
    }
    record
}
