//! Reads what Google says of a long-running prediction. It says nothing of what it costs.

use serde_json::{Value, json};

use crate::classify;
use crate::content::inline_bytes;
use crate::decimal::permille_from_percent;
use crate::endpoint::Provider;
use crate::json::{Fields, Json, raw_field};
use crate::video_job::{Clip, ClipAt, NO_CLIP, VideoStatus};

pub(crate) fn read_status(provider: Provider, json: Json<'_>) -> VideoStatus {
    let value = json.value;
    if let Some(error) = value.complaint() {
        return VideoStatus::not_made(classify::from_value(provider, None, &in_words(error)), None);
    }
    if value.get("done").and_then(Value::as_bool) != Some(true) {
        let progress = raw_field(json.text, &["metadata", "progressPercent"]);
        return VideoStatus::Running {
            permille: progress.and_then(|it| permille_from_percent(it.get())),
        };
    }
    let response = &value["response"];
    let outcome = response
        .present("generateVideoResponse")
        .unwrap_or(response);
    let samples = ["generatedSamples", "generatedVideos", "videos"]
        .into_iter()
        .flat_map(|key| outcome.items(key));
    let clips: Vec<Clip> = samples.filter_map(clip).collect();
    if !clips.is_empty() {
        return VideoStatus::Done { clips, usage: None };
    }
    let reasons = outcome.items("raiMediaFilteredReasons").iter();
    let reasons: Vec<&str> = reasons.filter_map(Value::as_str).collect();
    let reason = match &reasons[..] {
        [] => NO_CLIP.to_owned(),
        said => said.join(" "),
    };
    VideoStatus::Blocked {
        reason,
        usage: None,
    }
}

fn clip(sample: &Value) -> Option<Clip> {
    let video = sample.present("video").unwrap_or(sample);
    let link = ["uri", "url", "gcsUri"]
        .into_iter()
        .find_map(|key| video.text(key));
    let inline = ["bytesBase64Encoded", "encodedVideo", "videoBytes"];
    let at = match link {
        Some(url) => ClipAt::Link(url.to_owned()),
        None => {
            let base64 = inline.into_iter().find_map(|key| video.text(key))?;
            ClipAt::Bytes(inline_bytes(base64)?.1)
        }
    };
    let mime = video.text("mimeType").or(video.text("encoding"));
    Some(Clip {
        at,
        mime: mime.map(str::to_owned),
        milliseconds: None,
    })
}

/// An operation's error has a number where an HTTP answer's has a word.
fn in_words(error: &Value) -> Value {
    let word = match error.count("code") {
        Some(3 | 9 | 11) => "INVALID_ARGUMENT",
        Some(4) => "DEADLINE_EXCEEDED",
        Some(5) => "NOT_FOUND",
        Some(7) => "PERMISSION_DENIED",
        Some(8) => "RESOURCE_EXHAUSTED",
        Some(14) => "UNAVAILABLE",
        Some(16) => "UNAUTHENTICATED",
        Some(0..=15) => "INTERNAL",
        _ => return json!({"error": error}),
    };
    json!({"error": {"status": word, "message": error.text("message")}})
}
