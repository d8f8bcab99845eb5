//! Reads what xAI and OpenRouter say of a job. Their words differ, their shape hardly; the words of
//! others that copy it are read too.

use serde_json::Value;

use crate::classify;
use crate::content::inline_bytes;
use crate::decimal::{millis_from_seconds, permille_from_percent};
use crate::endpoint::Provider;
use crate::error::{ErrorClass, ProviderError};
use crate::event::Usage;
use crate::json::{Fields, Json, raw_field};
use crate::media_usage;
use crate::video_job::{Clip, ClipAt, NO_CLIP, VideoStatus};

/// The job's id; some say only where to ask after it.
pub(crate) fn job_id(value: &Value) -> Option<&str> {
    let named = ["request_id", "id", "job_id", "name"]
        .into_iter()
        .find_map(|key| value.text(key));
    let from_address = || value.text("polling_url")?.rsplit('/').next();
    named.or_else(from_address).filter(|id| !id.is_empty())
}

pub(crate) fn read_status(provider: Provider, json: Json<'_>) -> VideoStatus {
    let value = json.value;
    let usage = value
        .present("usage")
        .and_then(|usage| media_usage::read(usage, json.text));
    let word = value.text("status").unwrap_or_default();
    match word.to_ascii_lowercase().as_str() {
        "pending" | "queued" | "submitted" | "created" => match permille(json) {
            Some(done @ 1..) => VideoStatus::Running {
                permille: Some(done),
            },
            _ => VideoStatus::Queued,
        },
        "done" | "completed" | "complete" | "succeeded" | "success" => made(json, usage),
        "failed" | "error" => failed(provider, value, usage),
        "cancelled" | "canceled" => VideoStatus::called_off(usage),
        "expired" => VideoStatus::Expired,
        "blocked" | "moderated" | "rejected" | "filtered" => VideoStatus::Blocked {
            reason: reason(value),
            usage,
        },
        _ if value.complaint().is_some() => failed(provider, value, usage),
        _ if !clips(json).is_empty() => made(json, usage),
        _ => VideoStatus::Running {
            permille: permille(json),
        },
    }
}

fn permille(json: Json<'_>) -> Option<u32> {
    let progress = raw_field(json.text, &["progress"])?;
    permille_from_percent(progress.get())
}

fn failed(provider: Provider, value: &Value, usage: Option<Usage>) -> VideoStatus {
    VideoStatus::not_made(classify::from_value(provider, None, value), usage)
}

/// Made, which is not to say handed over.
fn made(json: Json<'_>, usage: Option<Usage>) -> VideoStatus {
    let clips = clips(json);
    if clips.is_empty() {
        let reason = reason(json.value);
        return VideoStatus::Blocked { reason, usage };
    }
    VideoStatus::Done { clips, usage }
}

fn reason(value: &Value) -> String {
    let withheld = listed(value).any(is_withheld);
    let said = value
        .text("error")
        .or_else(|| value.get("error")?.text("message"));
    let own = if withheld {
        "the clip did not pass the provider's moderation"
    } else {
        NO_CLIP
    };
    said.unwrap_or(own).to_owned()
}

/// The objects a clip may be described in.
fn listed(value: &Value) -> impl Iterator<Item = &Value> {
    let several = ["videos", "data"]
        .into_iter()
        .flat_map(|key| value.items(key));
    value.present("video").into_iter().chain(several)
}

fn is_withheld(video: &Value) -> bool {
    video.get("respect_moderation").and_then(Value::as_bool) == Some(false)
}

fn clips(json: Json<'_>) -> Vec<Clip> {
    let value = json.value;
    let milliseconds = ["video", ""].into_iter().find_map(|parent| {
        let path: &[&str] = if parent.is_empty() {
            &["duration"]
        } else {
            &[parent, "duration"]
        };
        millis_from_seconds(raw_field(json.text, path)?.get().trim_matches('"'))
    });
    let described = listed(value).filter(|video| !is_withheld(video));
    let mut clips: Vec<Clip> = described
        .filter_map(|video| clip(video, milliseconds))
        .collect();
    let links = ["unsigned_urls", "urls"]
        .into_iter()
        .flat_map(|key| value.items(key));
    let links = links.filter_map(Value::as_str).chain(value.text("url"));
    if clips.is_empty() {
        clips.extend(links.filter(|url| !url.is_empty()).map(|url| Clip {
            at: ClipAt::Link(url.to_owned()),
            mime: None,
            milliseconds,
        }));
    }
    clips
}

fn clip(video: &Value, milliseconds: Option<u64>) -> Option<Clip> {
    let mime = ["mime_type", "media_type", "content_type"]
        .into_iter()
        .find_map(|key| video.text(key));
    let inline = ["b64_json", "data"]
        .into_iter()
        .find_map(|key| video.text(key));
    let at = match video.text("url").filter(|url| !url.is_empty()) {
        Some(url) if url.starts_with("data:") => ClipAt::Bytes(inline_bytes(url)?.1),
        Some(url) => ClipAt::Link(url.to_owned()),
        None => ClipAt::Bytes(inline_bytes(inline?)?.1),
    };
    Some(Clip {
        at,
        mime: mime.map(str::to_owned),
        milliseconds,
    })
}

impl VideoStatus {
    /// Declined or failed, whichever the reason says.
    pub(crate) fn not_made(error: ProviderError, usage: Option<Usage>) -> Self {
        if error.class == ErrorClass::ContentRefused {
            let reason = error.message;
            return Self::Blocked { reason, usage };
        }
        Self::Failed { error, usage }
    }

    pub(crate) fn called_off(usage: Option<Usage>) -> Self {
        let error = ProviderError::new(ErrorClass::Server, "the provider called the job off");
        Self::Failed { error, usage }
    }
}
