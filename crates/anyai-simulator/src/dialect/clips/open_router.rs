//! OpenRouter's clips.

use serde_json::{Value, json};

use super::{picture, seconds, size};
use crate::control::Control;
use crate::dialect::{pictures, read};
use crate::job::{JobEnd, JobState, Record};
use crate::media_model::{self, Makes};
use crate::order::{ClipOrder, Order};
use crate::provider::Provider;
use crate::trouble::Trouble;
use crate::turn::Reported;

const SECONDS: u32 = 5;
const SECONDS_MAX: u64 = 15;

pub(crate) fn read(body: &Value) -> Result<ClipOrder, Trouble> {
    let model = read::model(body)?;
    let found = media_model::find(Provider::OpenRouter, &model, Makes::Clips);
    let known = found.ok_or_else(|| Trouble::UnknownModel {
        model: model.clone(),
    })?;
    let resolution = read::word(body, "/resolution")
        .unwrap_or("720p")
        .to_lowercase();
    let sold = known.second_nano_usd(&resolution).is_some();
    if !sold && known.line("tokens:second").is_none() {
        return Err(Trouble::bad_request("Unsupported resolution", "resolution"));
    }
    let aspect = read::word(body, "/aspect_ratio").unwrap_or("16:9");
    let (width, height) = match read::word(body, "/size").and_then(|size| size.split_once('x')) {
        Some((width, height)) => {
            let side = |side: &str| side.parse().ok().filter(|side| (64..=3_840).contains(side));
            let both = side(width).zip(side(height));
            both.ok_or_else(|| Trouble::bad_request("Invalid size", "size"))?
        }
        None => size(&resolution, aspect)?,
    };
    let frames = read::word(body, "/frame_images/0/image_url/url");
    let references = read::word(body, "/input_references/0/image_url/url");
    let reference = picture(frames.or(references))?;
    Ok(ClipOrder {
        provider: Provider::OpenRouter,
        known,
        prompt: pictures::prompt(body)?,
        seconds: seconds(body, "/duration", "duration", 1..=SECONDS_MAX, SECONDS)?,
        resolution,
        width,
        height,
        samples: 1,
        before_s: 0,
        inputs: u64::from(reference.is_some()),
        reference,
        inline: false,
        reported: Reported::Truly,
        overrun_s: 0,
        model,
    })
}

/// The reply to the order.
pub(crate) fn submitted(control: &Control, id: &str) -> Value {
    let url = control.url(&format!("{}/videos/{id}", Provider::OpenRouter.base_path()));
    json!({"id": id, "polling_url": url, "status": "pending"})
}

/// How the job is doing.
pub(crate) fn told(control: &Control, record: &Record) -> Value {
    let Order::Clip(order) = &record.order else {
        return Value::Null;
    };
    let id = &record.job.id;
    let mut told = submitted(control, id);
    let status = match record.job.state {
        JobState::Running { percent: 0 } => "pending",
        JobState::Running { .. } => "in_progress",
        JobState::Ended(JobEnd::Done | JobEnd::Empty) => "completed",
        JobState::Ended(JobEnd::Expired) => "expired",
        JobState::Ended(_) => "failed",
        JobState::Cancelled => "cancelled",
    };
    told["status"] = json!(status);
    match record.job.state {
        JobState::Running { .. } => return told,
        JobState::Ended(JobEnd::Done | JobEnd::Empty) => {
            let content = format!(
                "{}/content?index=0",
                told["polling_url"].as_str().unwrap_or("")
            );
            let is_done = record.job.state == JobState::Ended(JobEnd::Done);
            told["unsigned_urls"] = if is_done { json!([content]) } else { json!([]) };
            if order.bill().is_reported() {
                told["usage"] = json!({"cost": order.bill().cost_usd(), "is_byok": false});
            }
        }
        JobState::Ended(JobEnd::Blocked) => told["error"] = json!("Content policy violation"),
        JobState::Ended(JobEnd::Expired) => {
            told["error"] = json!("Job exceeded maximum time to live");
        }
        _ => told["error"] = json!("Generation failed"),
    }
    told["generation_id"] = json!(format!("gen-{id}"));
    told
}
