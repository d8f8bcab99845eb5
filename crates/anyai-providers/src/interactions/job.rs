//! Reads what Google says of an interaction that makes a clip.

use serde_json::Value;

use crate::classify;
use crate::content::inline_bytes;
use crate::endpoint::Provider;
use crate::error::{ErrorClass, ProviderError};
use crate::interactions::usage;
use crate::json::{Fields, Json};
use crate::video_job::{Clip, ClipAt, NO_CLIP, VideoStatus};

pub(crate) fn read_status(provider: Provider, json: Json<'_>) -> VideoStatus {
    let value = json.value;
    let usage = value.present("usage").map(|said| usage::read(said, 0));
    let status = value.text("status").unwrap_or_default();
    let clips: Vec<Clip> = contents(value).filter_map(clip).collect();
    match status {
        "queued" => VideoStatus::Queued,
        "in_progress" => VideoStatus::Running { permille: None },
        "failed" => {
            let error = value.items("errors").first().unwrap_or(value);
            VideoStatus::not_made(classify::from_value(provider, None, error), usage)
        }
        "cancelled" => VideoStatus::called_off(usage),
        _ if !clips.is_empty() => VideoStatus::Done { clips, usage },
        "completed" | "requires_action" => VideoStatus::Blocked {
            reason: words(value),
            usage,
        },
        "incomplete" | "budget_exceeded" => {
            let class = match status {
                "budget_exceeded" => ErrorClass::QuotaExhausted,
                _ => ErrorClass::Server,
            };
            let message = format!("the provider stopped before the clip was made ({status})");
            let error = ProviderError::new(class, message);
            VideoStatus::Failed { error, usage }
        }
        _ if value.complaint().is_some() => {
            VideoStatus::not_made(classify::from_value(provider, None, value), usage)
        }
        _ => VideoStatus::Running { permille: None },
    }
}

/// All that the model put out.
fn contents(value: &Value) -> impl Iterator<Item = &Value> {
    let steps = value.items("steps").iter();
    let steps = steps.filter(|step| step.text("type") == Some("model_output"));
    let within = steps.flat_map(|step| step.items("content"));
    within.chain(value.items("outputs"))
}

fn clip(content: &Value) -> Option<Clip> {
    if content.text("type") != Some("video") {
        return None;
    }
    let link = content.text("uri").filter(|uri| !uri.is_empty());
    let at = match link {
        Some(uri) => ClipAt::Link(uri.to_owned()),
        None => ClipAt::Bytes(inline_bytes(content.text("data")?)?.1),
    };
    Some(Clip {
        at,
        mime: content.text("mime_type").map(str::to_owned),
        milliseconds: None,
    })
}

/// What the model said instead of making a clip.
fn words(value: &Value) -> String {
    let words: String = contents(value)
        .filter_map(|content| content.text("text"))
        .collect();
    if words.is_empty() {
        NO_CLIP.to_owned()
    } else {
        words
    }
}
