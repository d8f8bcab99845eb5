//! Google's Veo: an operation that runs long, and files behind a redirect. No usage anywhere.

use serde_json::{Value, json};

use super::{seconds, size};
use crate::control::Control;
use crate::dialect::{pictures, read};
use crate::job::{JobEnd, JobState, Record};
use crate::media_model::{self, Makes};
use crate::order::{ClipOrder, Order};
use crate::provider::Provider;
use crate::trouble::Trouble;
use crate::turn::Reported;

const SECONDS: u32 = 8;
const SAMPLES_MAX: u64 = 4;

pub(crate) fn read(model: &str, body: &Value) -> Result<ClipOrder, Trouble> {
    let found = media_model::find(Provider::Google, model, Makes::Clips)
        .filter(|known| known.line("tokens:second").is_none());
    let known = found.ok_or_else(|| Trouble::UnknownModel {
        model: model.to_owned(),
    })?;
    let instance = &read::list(body, "instances")?[0];
    let duration = "/parameters/durationSeconds";
    let lasts = seconds(body, duration, "durationSeconds", 4..=8, SECONDS)?;
    if !lasts.is_multiple_of(2) {
        let message = "The number value for `durationSeconds` is out of bound.";
        return Err(Trouble::bad_request(message, "durationSeconds"));
    }
    let resolution = read::word(body, "/parameters/resolution").unwrap_or("720p");
    if known.second_nano_usd(resolution).is_none() {
        let message = format!("`resolution` {resolution} isn't supported by this model.");
        return Err(Trouble::bad_request(message, "resolution"));
    }
    let aspect = read::word(body, "/parameters/aspectRatio").unwrap_or("16:9");
    let (width, height) = size(resolution, aspect)?;
    let samples = "/parameters/sampleCount";
    let samples = read::limit(body, samples, "sampleCount", 1..=SAMPLES_MAX)?.unwrap_or(1);
    let data = read::word(instance, "/image/bytesBase64Encoded");
    let reference = data
        .map(|data| pictures::from_base64(data, "image"))
        .transpose()?;
    Ok(ClipOrder {
        provider: Provider::Google,
        model: model.to_owned(),
        known,
        prompt: pictures::prompt(instance)?,
        seconds: lasts,
        resolution: resolution.to_owned(),
        width,
        height,
        samples: u32::try_from(samples).unwrap_or(1),
        before_s: 0,
        inputs: u64::from(reference.is_some()),
        reference: reference.map(std::sync::Arc::new),
        inline: false,
        reported: Reported::Truly,
        overrun_s: 0,
    })
}

/// The operation's name.
pub(crate) fn name(record: &Record) -> String {
    format!("models/{}/operations/{}", record.job.model, record.job.id)
}

/// How the job is doing.
pub(crate) fn told(control: &Control, record: &Record) -> Value {
    let mut operation = json!({"name": name(record)});
    let failed = |code: u32, message: &str| json!({"code": code, "message": message});
    match record.job.state {
        JobState::Running { .. } => return operation,
        JobState::Ended(JobEnd::Failed) => operation["error"] = failed(13, "internal"),
        JobState::Ended(JobEnd::Expired) => {
            operation["error"] = failed(4, "The operation took too long.");
        }
        JobState::Ended(end) => operation["response"] = response(control, record, end),
        JobState::Cancelled => operation["error"] = failed(1, "cancelled"),
    }
    operation["done"] = json!(true);
    operation
}

fn response(control: &Control, record: &Record, end: JobEnd) -> Value {
    let videos = match end {
        JobEnd::Done => {
            let urls = super::interactions::file_urls(control, record);
            let samples: Vec<Value> = (urls.iter())
                .map(|url| json!({"video": {"uri": url}}))
                .collect();
            json!({"generatedSamples": samples})
        }
        JobEnd::Blocked => json!({
            "raiMediaFilteredCount": samples(record),
            "raiMediaFilteredReasons": ["The clip was filtered. You have not been charged for this attempt."],
        }),
        _ => json!({}),
    };
    json!({
        "@type": "type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse",
        "generateVideoResponse": videos,
    })
}

fn samples(record: &Record) -> u32 {
    match &record.order {
        Order::Clip(order) => order.samples,
        Order::Answer(_) => 0,
    }
}
