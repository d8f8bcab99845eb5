//! Clips on order: starts jobs, tells how they are doing, and hands out what they made.

use http::{StatusCode, header};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::composer;
use crate::control::Control;
use crate::dialect::clips::{interactions, open_router, veo, xai};
use crate::fault::{Fault, Stage};
use crate::job::{Job, JobEnd, JobState, Record};
use crate::kept;
use crate::order::{ClipOrder, Order, overrun};
use crate::parcel::Parcel;
use crate::provider::Provider;
use crate::record::{Entry, Purpose};
use crate::reply::Reply;
use crate::route::Asked;
use crate::script;
use crate::server::{Request, now_s};
use crate::trouble::Trouble;
use crate::turn::Reported;

pub(crate) const CLIP_TYPE: &str = "video/webm";

/// A job that was started, and the faults of the request that started it.
pub(crate) struct Started {
    pub(crate) record: Record,
    pub(crate) faults: Vec<Fault>,
}

/// Replies to an order of a clip.
pub(crate) async fn submit(
    request: &Request<'_>,
    body: &Value,
    entry: &mut Entry,
) -> Result<Reply, Trouble> {
    let order = order(request.control, request.provider, request.asked, body)?;
    let Started { record, faults } = start(request, order, body, entry).await?;
    let id = &record.job.id;
    let parcel = match request.provider {
        Provider::XAi => Parcel::whole(&json!({"request_id": id})),
        Provider::OpenRouter => Parcel::whole(&open_router::submitted(request.control, id))
            .with_status(StatusCode::ACCEPTED),
        _ => Parcel::whole(&json!({"name": veo::name(&record)})),
    };
    Ok(Reply::at_once(request.provider, parcel, faults))
}

/// The clip that is ordered at an address.
pub(crate) fn order(
    control: &Control,
    provider: Provider,
    asked: Asked<'_>,
    body: &Value,
) -> Result<ClipOrder, Trouble> {
    match (provider, asked) {
        (_, Asked::Veo { model }) => veo::read(model, body),
        (Provider::XAi, Asked::Videos(made)) => xai::read(body, made, &control.jobs),
        (_, Asked::Videos(_)) => open_router::read(body),
        (_, Asked::Interactions { .. }) => interactions::ordered(body),
        _ => Err(Trouble::UnknownPath),
    }
}

/// Goes on with the job of an order that an earlier simulator began.
pub(crate) fn resume(
    control: &Control,
    mut order: ClipOrder,
    body: &Value,
    (id, started): (&str, Instant),
) {
    let (plain, script) = script::read(&order.prompt);
    let prompt = std::mem::replace(&mut order.prompt, plain);
    let job = job(&order, (id.to_owned(), 0), prompt, body);
    let paces = (control.options.pace, control.options.jobs);
    let plan = script.job;
    let record = Record::new(job, Order::Clip(order), script, plan, paces);
    control.jobs.open(record.begun(started));
}

/// Starts the job of an order. It runs from here on, whatever becomes of the reply.
pub(crate) async fn start(
    request: &Request<'_>,
    mut order: ClipOrder,
    body: &Value,
    entry: &mut Entry,
) -> Result<Started, Trouble> {
    let control = request.control;
    let provider = order.provider;
    let mark = composer::mark(&format!("{provider} {}", order.prompt));
    let (plain, script) = script::read(&order.prompt);
    let prompt = std::mem::replace(&mut order.prompt, plain);
    entry.note(|received| {
        received.purpose = Purpose::Job;
        received.model = Some(order.model.clone());
    });
    let faults = control.faults_of(&script, Stage::Answer, mark, entry.number());
    let refused = faults
        .iter()
        .find_map(|fault| Trouble::from_fault(*fault, &order.model, order.bill().input()));
    if let Some(trouble) = refused {
        return Err(trouble);
    }
    control
        .take_place(provider)
        .map_err(|retry_after_s| Trouble::RateLimited { retry_after_s })?;
    let mut plan = control.take_plan(&script);
    if faults.contains(&Fault::Refuse) {
        plan.end = JobEnd::Blocked;
    } else if faults.contains(&Fault::EmptyAnswer) {
        plan.end = JobEnd::Empty;
    }
    order.reported = Reported::by(&faults);
    order.overrun_s = overrun(&faults);
    let id = id(provider, now_s(), entry.number());
    kept::keep(control, &id, request.path, body).await;
    let job = job(&order, (id, entry.number()), prompt, body);
    let paces = (control.options.pace, control.options.jobs);
    let record = Record::new(job, Order::Clip(order), script, plan, paces);
    control.jobs.open(record.clone());
    Ok(Started { record, faults })
}

/// A job that has just begun.
fn job(order: &ClipOrder, (id, request): (String, u64), prompt: String, body: &Value) -> Job {
    Job {
        id,
        provider: order.provider,
        model: order.model.clone(),
        prompt,
        request,
        body: body.clone(),
        polls: 0,
        downloads: 0,
        state: JobState::Running { percent: 0 },
    }
}

/// A job's id as this provider writes them.
fn id(provider: Provider, created_s: u64, number: u64) -> String {
    match provider {
        Provider::XAi => format!(
            "51e0a7ed-{:04x}-4000-8000-{number:012x}",
            created_s & 0xFFFF
        ),
        Provider::OpenRouter => format!("job-sim{created_s:010x}{number:09}"),
        _ => format!("sim{:010x}{number:06}", created_s),
    }
}

/// Replies to a question how a job is doing.
pub(crate) async fn poll(
    request: &Request<'_>,
    id: &str,
    entry: &mut Entry,
) -> Result<Reply, Trouble> {
    let (control, provider) = (request.control, request.provider);
    let known = control.jobs.get(provider, id).ok_or(Trouble::UnknownPath)?;
    entry.note(|received| received.model = Some(known.job.model.clone()));
    let mark = composer::mark(id);
    let faults = control.faults_of(&known.script, Stage::Poll, mark, entry.number());
    let refused =
        (faults.iter()).find_map(|fault| Trouble::from_fault(*fault, &known.job.model, 0));
    if let Some(trouble) = refused {
        return Err(trouble);
    }
    let mut record = control
        .jobs
        .poll(provider, id)
        .ok_or(Trouble::UnknownPath)?;
    kept::forget_if_over(control, &record).await;
    if record.job.state == JobState::Ended(JobEnd::Missing) {
        control.jobs.delete(provider, id);
        return Err(Trouble::UnknownPath);
    }
    if let (Order::Clip(order), true) =
        (&mut record.order, Reported::by(&faults) != Reported::Truly)
    {
        order.reported = Reported::by(&faults);
    }
    let parcel = match provider {
        Provider::XAi => xai::told(control, &record),
        Provider::OpenRouter => Parcel::whole(&open_router::told(control, &record)),
        _ if request.is_interaction() => Parcel::whole(&interactions::told(control, &record).await),
        _ => Parcel::whole(&veo::told(control, &record)),
    };
    Ok(Reply::at_once(provider, parcel, faults))
}

/// Replies to the end of a job by its client.
pub(crate) async fn cancel(request: &Request<'_>, id: &str) -> Result<Reply, Trouble> {
    let cancelled = request.control.jobs.cancel(request.provider, id);
    let record = cancelled.ok_or(Trouble::UnknownPath)?;
    kept::forget_if_over(request.control, &record).await;
    Ok(request.value(&interactions::begun(&record)))
}

/// Replies to the removal of a job.
pub(crate) async fn delete(request: &Request<'_>, id: &str) -> Result<Reply, Trouble> {
    let gone = request.control.jobs.delete(request.provider, id);
    let gone = gone.ok_or(Trouble::UnknownPath)?;
    kept::forget(request.control, &gone).await;
    Ok(request.value(&json!({})))
}

/// Replies with the file of a job, or with where it really is.
pub(crate) async fn file(
    request: &Request<'_>,
    id: &str,
    moved: bool,
    entry: &mut Entry,
) -> Result<Reply, Trouble> {
    let control = request.control;
    let index = request
        .query
        .split('&')
        .find_map(|pair| pair.strip_prefix("index="));
    let (job, sample) = match id.rsplit_once('.') {
        Some((job, sample)) => (job, sample.parse().unwrap_or(0)),
        None => (id, index.and_then(|index| index.parse().ok()).unwrap_or(0)),
    };
    let record = control
        .jobs
        .get(request.provider, job)
        .ok_or(Trouble::UnknownPath)?;
    let (Order::Clip(order), JobState::Ended(JobEnd::Done)) = (&record.order, record.job.state)
    else {
        return Err(Trouble::UnknownPath);
    };
    if sample >= order.samples {
        return Err(Trouble::UnknownPath);
    }
    if !moved {
        let location = control.url(&format!(
            "/google/download/v1beta/files/{id}:download?alt=media"
        ));
        let body =
            json!({"error": {"code": 302, "message": "Unknown Error.", "status": "UNKNOWN"}});
        let mut parcel = Parcel::whole(&body).with_status(StatusCode::FOUND);
        if let Ok(location) = http::HeaderValue::from_str(&location) {
            parcel = parcel.with_header(header::LOCATION, location);
        }
        return Ok(Reply::at_once(request.provider, parcel, Vec::new()));
    }
    let mark = composer::mark(job);
    let faults = control.faults_of(&record.script, Stage::Download, mark, entry.number());
    control.jobs.downloaded(request.provider, job);
    if record.job.downloads + 1 >= order.samples.into() {
        kept::forget(control, &record).await;
    }
    let bytes = control.files.film(order.clip(sample)).await;
    download(request, &bytes, CLIP_TYPE, faults)
}

/// Replies with a file that is no secret.
pub(crate) async fn public_file(
    request: &Request<'_>,
    name: &str,
    entry: &mut Entry,
) -> Result<Reply, Trouble> {
    if let Some(job) = name.strip_suffix(".webm") {
        return file(request, job, true, entry).await;
    }
    let kept = request
        .control
        .files
        .find(name)
        .ok_or(Trouble::UnknownPath)?;
    let mark = composer::mark(name);
    let faults = request
        .control
        .faults_of(&kept.script, Stage::Download, mark, entry.number());
    download(request, &kept.bytes, kept.media_type, faults)
}

/// A file, or the part of it that is asked for.
fn download(
    request: &Request<'_>,
    bytes: &[u8],
    media_type: &'static str,
    faults: Vec<Fault>,
) -> Result<Reply, Trouble> {
    let refused = faults
        .iter()
        .find_map(|fault| Trouble::from_fault(*fault, "", 0));
    if let Some(trouble) = refused {
        return Err(trouble);
    }
    let first = range_start(request).filter(|first| *first < bytes.len());
    let part = &bytes[first.unwrap_or(0)..];
    let mut parcel = Parcel::file(part, media_type);
    // A good end too early, or bytes too many, would break the promise and the connection.
    let keeps_length = |fault: &Fault| {
        !matches!(
            fault,
            Fault::EarlyEnd { .. }
                | Fault::GiantLine { .. }
                | Fault::InvalidUtf8 { .. }
                | Fault::Garbage { .. }
        )
    };
    if faults.iter().all(keeps_length) {
        parcel = parcel.with_header(header::CONTENT_LENGTH, part.len());
    }
    parcel = parcel.with_header(
        header::ACCEPT_RANGES,
        http::HeaderValue::from_static("bytes"),
    );
    if let Some(first) = first {
        let range = format!("bytes {first}-{}/{}", bytes.len() - 1, bytes.len());
        if let Ok(range) = http::HeaderValue::from_str(&range) {
            parcel = parcel.with_header(header::CONTENT_RANGE, range);
        }
        parcel = parcel.with_status(StatusCode::PARTIAL_CONTENT);
    }
    Ok(Reply::at_once(request.provider, parcel, faults))
}

/// Where the part starts that is asked for; only open ends are understood.
fn range_start(request: &Request<'_>) -> Option<usize> {
    let range = request.headers.get(header::RANGE)?.to_str().ok()?;
    range
        .strip_prefix("bytes=")?
        .strip_suffix('-')?
        .parse()
        .ok()
}
