//! Google's Interactions, when clips are asked for, and whatever runs in the background there.

use serde_json::{Value, json};

use super::super::pictures::base64;
use super::size;
use crate::clips::CLIP_TYPE;
use crate::control::Control;
use crate::dialect::interactions::MADE_AT;
use crate::dialect::{pictures, read};
use crate::job::{JobEnd, JobState, Record};
use crate::media_model::{self, Makes, MediaModel};
use crate::order::{Bill, ClipOrder, Order};
use crate::provider::Provider;
use crate::trouble::Trouble;
use crate::turn::Reported;

const SECONDS: u32 = 8;
const SECONDS_MAX: u32 = 10;

/// What an order says besides its settings.
#[derive(Default)]
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) images: Vec<image::RgbaImage>,
}

/// The input as one order: its words and its pictures.
pub(crate) fn said(body: &Value) -> Result<Said, Trouble> {
    let mut said = Said::default();
    if let Some(text) = read::word(body, "/input") {
        said.text = text.to_owned();
        return Ok(said);
    }
    let items = read::list(body, "input")?;
    let blocks = items.iter().flat_map(|item| match item.get("content") {
        Some(Value::Array(content)) => content.iter().collect(),
        _ => vec![item],
    });
    for block in blocks {
        match (read::word(block, "/type"), read::word(block, "/data")) {
            (Some("text"), _) => said
                .text
                .push_str(read::word(block, "/text").unwrap_or_default()),
            (Some("image"), Some(data)) => {
                said.images.push(pictures::from_base64(data, "input")?);
            }
            _ => {}
        }
    }
    Ok(said)
}

/// The model of that name, where it makes clips in interactions.
pub(crate) fn known(model: &str) -> Option<&'static MediaModel> {
    let found = media_model::find(Provider::Google, model, Makes::Clips);
    found.filter(|known| known.line("tokens:second").is_some())
}

/// The clip that an interaction orders.
pub(crate) fn ordered(body: &Value) -> Result<ClipOrder, Trouble> {
    let known = known(&read::model(body)?).ok_or(Trouble::UnknownPath)?;
    read(body, known)
}

pub(crate) fn read(body: &Value, known: &'static MediaModel) -> Result<ClipOrder, Trouble> {
    let said = said(body)?;
    if said.text.is_empty() {
        return Err(Trouble::bad_request("input is required", "input"));
    }
    let format = format(body, "video");
    let word = |name: &str| format.and_then(|format| format.get(name)?.as_str());
    let resolution = word("resolution").unwrap_or("720p");
    let (width, height) = size(resolution, word("aspect_ratio").unwrap_or("16:9"))?;
    let seconds = word("duration").map_or(Some(SECONDS), |duration| {
        let seconds = duration
            .strip_suffix('s')
            .unwrap_or(duration)
            .parse()
            .ok()?;
        (1..=SECONDS_MAX).contains(&seconds).then_some(seconds)
    });
    let bad = || Trouble::bad_request("duration is out of bound", "duration");
    Ok(ClipOrder {
        provider: Provider::Google,
        model: known.id.to_owned(),
        known,
        prompt: said.text,
        seconds: seconds.ok_or_else(bad)?,
        resolution: resolution.to_owned(),
        width,
        height,
        samples: 1,
        before_s: 0,
        inputs: said.images.len() as u64,
        reference: said.images.into_iter().next().map(std::sync::Arc::new),
        inline: word("delivery") != Some("uri"),
        reported: Reported::Truly,
        overrun_s: 0,
    })
}

/// What the order says of a kind of content it wants.
pub(crate) fn format<'a>(body: &'a Value, kind: &str) -> Option<&'a Value> {
    let formats = match body.get("response_format")? {
        Value::Array(formats) => formats.as_slice(),
        one => std::slice::from_ref(one),
    };
    formats
        .iter()
        .find(|format| read::word(format, "/type") == Some(kind))
}

/// The id an interaction has on the wire is that of its job.
pub(crate) fn begun(record: &Record) -> Value {
    let status = match record.job.state {
        JobState::Running { percent: 0 } => "queued",
        JobState::Running { .. } => "in_progress",
        JobState::Ended(JobEnd::Done | JobEnd::Empty) => "completed",
        JobState::Ended(_) => "failed",
        JobState::Cancelled => "cancelled",
    };
    json!({
        "id": record.job.id,
        "object": "interaction",
        "model": record.job.model,
        "status": if record.job.polls == 0 && status == "queued" { "in_progress" } else { status },
    })
}

/// How the job is doing.
pub(crate) async fn told(control: &Control, record: &Record) -> Value {
    let mut told = begun(record);
    let end = match record.job.state {
        JobState::Ended(end) => end,
        JobState::Running { .. } | JobState::Cancelled => return told,
    };
    if let (Order::Answer(answer), JobEnd::Done) = (&record.order, end) {
        let mut answer = answer.clone();
        answer["id"] = told["id"].take();
        return answer;
    }
    let error = |code: &str, message: &str| json!({"code": code, "message": message});
    match end {
        JobEnd::Done => {
            let content = contents(control, record).await;
            told["steps"] = json!([{"type": "model_output", "content": content}]);
        }
        JobEnd::Empty => told["steps"] = json!([]),
        JobEnd::Blocked => {
            told["error"] = error("safety", "The video was blocked by safety filters.");
        }
        JobEnd::Expired => told["error"] = error("deadline_exceeded", "It took too long."),
        _ => told["error"] = error("internal", "An internal error occurred."),
    }
    told["created"] = json!(MADE_AT);
    told["updated"] = json!(MADE_AT);
    told["service_tier"] = json!("standard");
    if let (Order::Clip(order), JobEnd::Done | JobEnd::Empty) = (&record.order, end) {
        let bill = order.bill();
        if bill.is_reported() {
            told["usage"] = usage(&bill);
        }
    }
    told
}

/// The clips: inside the answer, or by address.
pub(crate) async fn contents(control: &Control, record: &Record) -> Vec<Value> {
    let Order::Clip(order) = &record.order else {
        return Vec::new();
    };
    if !order.inline {
        let uris = file_urls(control, record);
        let clip = |uri: &String| json!({"type": "video", "mime_type": CLIP_TYPE, "uri": uri});
        return uris.iter().map(clip).collect();
    }
    let bytes = control.files.film(order.clip(0)).await;
    vec![json!({"type": "video", "mime_type": CLIP_TYPE, "data": base64(&bytes)})]
}

/// Where the clips of a job can be fetched.
pub(crate) fn file_urls(control: &Control, record: &Record) -> Vec<String> {
    let samples = match &record.order {
        Order::Clip(order) => order.samples,
        Order::Answer(_) => 0,
    };
    let base = Provider::Google.base_path();
    let url = |name: String| control.url(&format!("{base}/files/{name}:download?alt=media"));
    match samples {
        1 => vec![url(record.job.id.clone())],
        many => (0..many)
            .map(|sample| url(format!("{}.{sample}", record.job.id)))
            .collect(),
    }
}

/// The record of what is no words.
pub(crate) fn usage(bill: &Bill) -> Value {
    let modality =
        |name: &str, tokens: u64| json!({"modality": name, "tokens": bill.count(tokens)});
    let told = |counts: [(&str, u64); 3]| -> Value {
        let counted = counts.into_iter().filter(|(_, tokens)| *tokens > 0);
        counted
            .map(|(name, tokens)| modality(name, tokens))
            .collect()
    };
    json!({
        "input_tokens_by_modality": told([("text", bill.text_in), ("image", bill.image_in), ("", 0)]),
        "output_tokens_by_modality": told([
            ("text", bill.text_out),
            ("image", bill.image_out),
            ("video", bill.video_out),
        ]),
        "total_cached_tokens": bill.count(0),
        "total_input_tokens": bill.count(bill.input()),
        "total_output_tokens": bill.count(bill.output()),
        "total_thought_tokens": bill.count(0),
        "total_tokens": bill.count(bill.input() + bill.output()),
        "total_tool_use_tokens": bill.count(0),
    })
}
