//! Google's Interactions: one path for words, pictures and clips, at once or in the background.

use serde_json::{Value, json};

use crate::answer;
use crate::clips::{self, Started};
use crate::dialect::clips::interactions as clip_wire;
use crate::dialect::interactions::{self as wire, DONE};
use crate::dialect::pictures::{base64, gemini};
use crate::dialect::read;
use crate::job::{Job, JobState, Record};
use crate::kept;
use crate::media_model::{self, Makes, MediaModel};
use crate::order::{Order, PictureOrder};
use crate::parcel::Parcel;
use crate::pictures::{self, Shoot, ShootOutcome};
use crate::provider::Provider;
use crate::record::{Entry, Purpose};
use crate::reply::Reply;
use crate::route::Asked;
use crate::script::{self, Script};
use crate::server::Request;
use crate::trouble::Trouble;

impl Request<'_> {
    /// Whether its path is one of the Interactions.
    pub(crate) fn is_interaction(&self) -> bool {
        self.path.contains("/interactions")
    }

    fn streams(&self, body: &Value) -> bool {
        let by_address = matches!(self.asked, Asked::Interactions { streaming: true });
        by_address || read::flag(body, "stream")
    }
}

/// Replies to a new interaction.
pub(crate) async fn reply(
    request: &Request<'_>,
    body: &Value,
    entry: &mut Entry,
) -> Result<Reply, Trouble> {
    let model = read::model(body)?;
    let find = |makes| media_model::find(Provider::Google, &model, makes);
    let in_background = read::flag(body, "background");
    if let Some(known) = clip_wire::known(&model) {
        return clip(request, body, known, entry).await;
    }
    if find(Makes::Pictures).is_some() {
        let order = picture_order(&model, body, request.streams(body))?;
        if !in_background {
            entry.note(|received| received.purpose = Purpose::Pictures);
            return pictures::shot(request, order, entry, |shoot| Ok(write(shoot))).await;
        }
        let (_, script) = script::read(&order.prompt);
        let made = pictures::made(request, order, entry).await?;
        let answer = whole(&made.shoot);
        return Ok(waiting(request, &model, body, answer, script, entry));
    }
    if in_background {
        let ask = wire::read(body, false)?;
        let (_, script) = script::read(ask.prompt());
        let ready = answer::ready(request, ask, entry)?;
        let answer = wire::whole(&ready.turn);
        return Ok(waiting(request, &model, body, answer, script, entry));
    }
    answer::reply(request, body, entry)
}

/// Starts a clip, and waits for it unless it is to be made in the background.
async fn clip(
    request: &Request<'_>,
    body: &Value,
    known: &'static MediaModel,
    entry: &mut Entry,
) -> Result<Reply, Trouble> {
    let order = clip_wire::read(body, known)?;
    let Started { record, faults } = clips::start(request, order, body, entry).await?;
    if read::flag(body, "background") {
        let begun = clip_wire::begun(&record);
        return Ok(Reply::at_once(
            request.provider,
            Parcel::whole(&begun),
            faults,
        ));
    }
    let control = request.control;
    match record.time_left() {
        Some(left) => tokio::time::sleep(left).await,
        None => control.closed().await,
    }
    let id = record.job.id;
    let record = control
        .jobs
        .finish(request.provider, &id)
        .ok_or(Trouble::UnknownPath)?;
    let told = clip_wire::told(control, &record).await;
    kept::forget_if_over(control, &record).await;
    let parcel = if request.streams(body) {
        events(&told)
    } else {
        Parcel::whole(&told)
    };
    Ok(Reply::at_once(request.provider, parcel, faults))
}

/// An answer that is complete and is told when it is asked for.
fn waiting(
    request: &Request<'_>,
    model: &str,
    body: &Value,
    answer: Value,
    script: Script,
    entry: &Entry,
) -> Reply {
    entry.note(|received| received.purpose = Purpose::Job);
    let control = request.control;
    let plan = control.take_plan(&script);
    let job = Job {
        id: answer["id"].as_str().unwrap_or_default().to_owned(),
        provider: request.provider,
        model: model.to_owned(),
        prompt: clip_wire::said(body).unwrap_or_default().text,
        request: entry.number(),
        body: body.clone(),
        polls: 0,
        downloads: 0,
        state: JobState::Running { percent: 0 },
    };
    let paces = (control.options.pace, control.options.jobs);
    let record = Record::new(job, Order::Answer(answer), script, plan, paces);
    control.jobs.open(record.clone());
    request.value(&clip_wire::begun(&record))
}

fn picture_order(model: &str, body: &Value, streaming: bool) -> Result<PictureOrder, Trouble> {
    let format = clip_wire::format(body, "image");
    let word = |name: &str| format.and_then(|format| format.get(name)?.as_str());
    let known = |word: Option<&'_ str>, words: &[&str], name: &'static str| match word {
        Some(word) if !words.contains(&word) => Err(Trouble::bad_request(
            format!("{name}: {word} is not supported"),
            name,
        )),
        _ => Ok(()),
    };
    known(word("aspect_ratio"), &gemini::ASPECTS, "aspect_ratio")?;
    known(word("image_size"), &gemini::SIZES, "image_size")?;
    let mut order = gemini::ordered(model, word("aspect_ratio"), word("image_size"))?;
    let said = clip_wire::said(body)?;
    order.edits = !said.images.is_empty();
    order.references = said.images;
    order.prompt = said.text;
    order.streaming = streaming;
    Ok(order)
}

fn write(shoot: &Shoot) -> Parcel {
    let whole = whole(shoot);
    if shoot.order.streaming {
        events(&whole)
    } else {
        Parcel::whole(&whole)
    }
}

/// Pictures as an interaction.
fn whole(shoot: &Shoot) -> Value {
    let media_type = shoot.order.format.media_type();
    let content: Vec<Value> = (shoot.pictures.iter())
        .map(
            |drawn| json!({"type": "image", "mime_type": media_type, "data": base64(&drawn.bytes)}),
        )
        .collect();
    let mut whole = json!({
        "created": wire::MADE_AT,
        "id": shoot.id("v1_"),
        "model": shoot.order.model,
        "object": "interaction",
        "service_tier": "standard",
        "status": if shoot.outcome == ShootOutcome::Declined { "failed" } else { "completed" },
        "steps": [{"type": "model_output", "content": content}],
        "updated": wire::MADE_AT,
    });
    if shoot.outcome != ShootOutcome::Drawn {
        whole["steps"] = json!([]);
    }
    if shoot.bill.is_reported() {
        whole["usage"] = clip_wire::usage(&shoot.bill);
    }
    whole
}

/// A whole interaction as a stream.
fn events(whole: &Value) -> Parcel {
    let text = |name: &str| whole[name].as_str().unwrap_or_default();
    let mut events = vec![wire::opened(text("id"), text("model"))];
    let steps = whole["steps"].as_array();
    for (index, step) in steps.into_iter().flatten().enumerate() {
        let start = json!({"index": index, "step": {"type": step["type"]}});
        events.push(wire::told("step.start", start));
        for content in step["content"].as_array().into_iter().flatten() {
            let delta = json!({"index": index, "delta": content});
            events.push(wire::told("step.delta", delta));
        }
        events.push(wire::told("step.stop", json!({"index": index})));
    }
    let mut last = whole.clone();
    if let Value::Object(fields) = &mut last {
        fields.remove("steps");
    }
    let completed = wire::told("interaction.completed", json!({"interaction": last}));
    events.push([completed.as_slice(), DONE].concat());
    Parcel::events(events, 1, wire::stream_error())
}
