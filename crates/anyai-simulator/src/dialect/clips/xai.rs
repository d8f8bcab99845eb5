//! xAI's clips: new ones, edits and extensions.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Value, json};

use super::{picture, seconds, size};
use crate::clip;
use crate::control::Control;
use crate::dialect::{pictures, read};
use crate::job::{JobEnd, JobState, Jobs, Record};
use crate::media_model::{self, Makes, MediaModel};
use crate::order::{ClipOrder, Order};
use crate::parcel::Parcel;
use crate::provider::Provider;
use crate::route::Made;
use crate::trouble::Trouble;
use crate::turn::Reported;

const SECONDS: u32 = 6;
/// How long a clip is taken to be that the simulator did not make.
const UNKNOWN_SECONDS: u32 = 5;

pub(crate) fn read(body: &Value, made: Made, jobs: &Jobs) -> Result<ClipOrder, Trouble> {
    let model = read::model(body)?;
    let known = media_model::find(Provider::XAi, &model, Makes::Clips).ok_or_else(|| {
        Trouble::UnknownModel {
            model: model.clone(),
        }
    })?;
    let prompt = pictures::prompt(body)?;
    let new = ClipOrder {
        provider: Provider::XAi,
        known,
        prompt,
        seconds: SECONDS,
        resolution: "480p".to_owned(),
        width: 854,
        height: 480,
        samples: 1,
        before_s: 0,
        inputs: 0,
        reference: None,
        inline: false,
        reported: Reported::Truly,
        overrun_s: 0,
        model,
    };
    match made {
        Made::New => read_new(body, new),
        Made::Edited => read_edited(body, new, jobs),
        Made::Extended => read_extended(body, new, jobs),
    }
}

fn read_new(body: &Value, mut order: ClipOrder) -> Result<ClipOrder, Trouble> {
    order.seconds = seconds(body, "/duration", "duration", 1..=15, SECONDS)?;
    let resolution = read::word(body, "/resolution").unwrap_or("480p");
    let aspect = read::word(body, "/aspect_ratio").unwrap_or("16:9");
    order.resolution = sold(order.known, resolution)?;
    (order.width, order.height) = size(resolution, aspect)?;
    let url = read::word(body, "/image/url");
    let others = body.get("reference_images").and_then(Value::as_array);
    let first = others.and_then(|others| read::word(others.first()?, "/url"));
    order.reference = picture(url.or(first))?;
    order.inputs = u64::from(url.is_some()) + others.map_or(0, |others| others.len() as u64);
    Ok(order)
}

/// An edit is as long and as large as what it is made from.
fn read_edited(body: &Value, mut order: ClipOrder, jobs: &Jobs) -> Result<ClipOrder, Trouble> {
    for name in ["duration", "aspect_ratio", "resolution"] {
        if body.get(name).is_some() {
            return Err(Trouble::BadRequest {
                message: format!("Argument not supported when editing a video: {name}"),
                param: None,
            });
        }
    }
    let source = source(body, jobs)?;
    order.seconds = source.seconds;
    source.lend_size(&mut order);
    Ok(order)
}

/// An extension shows what it goes on from, and is paid for what is new.
fn read_extended(body: &Value, mut order: ClipOrder, jobs: &Jobs) -> Result<ClipOrder, Trouble> {
    let source = source(body, jobs)?;
    order.seconds = seconds(body, "/duration", "duration", 1..=10, SECONDS)?;
    order.before_s = source.seconds;
    source.lend_size(&mut order);
    Ok(order)
}

/// A clip an order is made from.
struct Source {
    seconds: u32,
    size: Option<(String, u32, u32)>,
}

impl Source {
    fn lend_size(self, order: &mut ClipOrder) {
        if let Some((resolution, width, height)) = self.size {
            (order.resolution, order.width, order.height) = (resolution, width, height);
        }
    }
}

/// The clip named by its address: one of the simulator's own, one inside the address, or one of
/// which nothing is known.
fn source(body: &Value, jobs: &Jobs) -> Result<Source, Trouble> {
    let url = read::word(body, "/video/url").unwrap_or_default();
    if url.is_empty() {
        return Err(Trouble::bad_request("video.url is required", "video"));
    }
    let name = url
        .rsplit('/')
        .next()
        .and_then(|name| name.strip_suffix(".webm"));
    let job = name.and_then(|id| jobs.get(Provider::XAi, id));
    if let Some(Order::Clip(order)) = job.map(|record| record.order) {
        return Ok(Source {
            seconds: order.before_s + order.seconds,
            size: Some((order.resolution, order.width, order.height)),
        });
    }
    let inside = url
        .strip_prefix("data:")
        .and_then(|data| data.split_once(";base64,"));
    let inside = inside.and_then(|(_, data)| STANDARD.decode(data).ok());
    let duration_ms = inside.and_then(|bytes| clip::duration_ms(&bytes));
    // Rounded up: a started second is shown.
    let seconds = duration_ms.map(|duration_ms| duration_ms.div_ceil(1_000));
    let seconds = seconds.and_then(|seconds| u32::try_from(seconds).ok());
    Ok(Source {
        seconds: seconds.unwrap_or(UNKNOWN_SECONDS).clamp(1, 30),
        size: None,
    })
}

/// A resolution the model has a price for.
fn sold(known: &MediaModel, resolution: &str) -> Result<String, Trouble> {
    let price = known.second_nano_usd(resolution);
    let refused = || {
        let message = format!("resolution {resolution} is not supported by {}", known.id);
        Trouble::bad_request(message, "resolution")
    };
    price.map(|_| resolution.to_owned()).ok_or_else(refused)
}

/// How the job is doing.
pub(crate) fn told(control: &Control, record: &Record) -> Parcel {
    match record.job.state {
        JobState::Running { percent } => {
            let pending = json!({"status": "pending", "progress": percent});
            Parcel::whole(&pending).with_status(StatusCode::ACCEPTED)
        }
        JobState::Ended(JobEnd::Failed) => Parcel::whole(&json!({
            "status": "failed",
            "error": {"code": "internal_error", "message": "The video could not be generated."},
            "progress": 0,
        })),
        JobState::Ended(JobEnd::Done | JobEnd::Blocked | JobEnd::Empty) => {
            Parcel::whole(&done(control, record))
        }
        _ => Parcel::whole(&json!({"status": "expired"})),
    }
}

fn done(control: &Control, record: &Record) -> Value {
    let Order::Clip(order) = &record.order else {
        return Value::Null;
    };
    let shown = record.job.state == JobState::Ended(JobEnd::Done);
    let blocked = record.job.state == JobState::Ended(JobEnd::Blocked);
    let url = match shown {
        true => control.url(&format!("/xai/files/{}.webm", record.job.id)),
        false => String::new(),
    };
    let mut done = json!({
        "status": "done",
        "video": {
            "url": url,
            "duration": order.before_s + order.seconds,
            "respect_moderation": !blocked,
        },
        "model": order.model,
        "progress": 100,
    });
    let bill = order.bill();
    if bill.is_reported() {
        done["usage"] = json!({"cost_in_usd_ticks": bill.ticks()});
    }
    done
}
