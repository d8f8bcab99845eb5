//! Pictures on order: draws them, bills them, and has them written in the provider's way.

use std::sync::Arc;

use http::{HeaderName, HeaderValue};

use crate::composer;
use crate::dialect::pictures::{gemini, open_router, openai, xai};
use crate::fault::{Fault, Stage};
use crate::files::PublicFile;
use crate::form::RequestBody;
use crate::media_model::{self, Makes};
use crate::order::{Bill, PictureOrder};
use crate::parcel::Parcel;
use crate::picture;
use crate::provider::Provider;
use crate::record::{Entry, Purpose};
use crate::reply::Reply;
use crate::route::Asked;
use crate::script::{self, Script};
use crate::server::{Request, now_s};
use crate::tempo::Tempo;
use crate::trouble::Trouble;

/// An answer of pictures.
pub(crate) struct Shoot {
    pub(crate) order: PictureOrder,
    /// Number for ids, as of a turn.
    pub(crate) number: u64,
    pub(crate) created_s: u64,
    pub(crate) outcome: ShootOutcome,
    pub(crate) pictures: Vec<Drawn>,
    pub(crate) bill: Bill,
}

/// What became of the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShootOutcome {
    Drawn,
    /// The provider does not want to draw it.
    Declined,
    /// It answers without a picture.
    Nothing,
}

/// A picture of the answer.
#[derive(Clone, Debug)]
pub(crate) struct Drawn {
    pub(crate) drafts: Vec<Vec<u8>>,
    pub(crate) bytes: Vec<u8>,
    /// Where it can be fetched, when it was asked for so.
    pub(crate) url: String,
}

impl Shoot {
    /// An id as this provider writes them.
    pub(crate) fn id(&self, prefix: &str) -> String {
        format!("{prefix}sim{:010x}{:06}", self.created_s, self.number)
    }
}

/// Whether this model of Google's answers in pictures.
pub(crate) fn are_asked(model: &str) -> bool {
    media_model::find(Provider::Google, model, Makes::Pictures).is_some()
}

/// Replies to an order of pictures.
pub(crate) async fn reply(
    request: &Request<'_>,
    body: &RequestBody,
    entry: &mut Entry,
) -> Result<Reply, Trouble> {
    entry.note(|received| received.purpose = Purpose::Pictures);
    let order = match (request.provider, request.asked) {
        (_, Asked::Generate { model, framing }) => gemini::read(model, framing, &body.json)?,
        (Provider::XAi, Asked::Pictures { edits }) => xai::read(&body.json, edits)?,
        (Provider::OpenRouter, _) => open_router::read(&body.json)?,
        (_, Asked::Pictures { edits }) => openai::read(body, edits)?,
        _ => return Err(Trouble::UnknownPath),
    };
    let write = match (request.provider, request.asked) {
        (_, Asked::Generate { framing, .. }) => {
            return shot(request, order, entry, |shoot| gemini::write(shoot, framing)).await;
        }
        (Provider::XAi, _) => xai::write,
        (Provider::OpenRouter, _) => open_router::write,
        _ => openai::write,
    };
    shot(request, order, entry, write).await
}

/// Draws what is ordered and replies as `write` has it.
pub(crate) async fn shot(
    request: &Request<'_>,
    order: PictureOrder,
    entry: &mut Entry,
    write: impl FnOnce(&Shoot) -> Result<Parcel, Trouble>,
) -> Result<Reply, Trouble> {
    let ShotMade {
        shoot,
        faults,
        script,
    } = made(request, order, entry).await?;
    let mut parcel = write(&shoot)?;
    if let Ok(id) = HeaderValue::from_str(&shoot.id("req_")) {
        parcel = parcel.with_header(HeaderName::from_static("x-request-id"), id);
    }
    let pace = request.control.options.pace;
    let tempo = Tempo::of_pictures(shoot.order.count, parcel.pieces(), pace, &faults);
    Ok(Reply::of(
        request.provider,
        parcel,
        faults,
        script.pauses,
        tempo,
    ))
}

/// An answer of pictures, and what the prompt asks of the simulator beside it.
pub(crate) struct ShotMade {
    pub(crate) shoot: Shoot,
    faults: Vec<Fault>,
    script: Script,
}

/// Draws what is ordered, unless it is refused.
pub(crate) async fn made(
    request: &Request<'_>,
    mut order: PictureOrder,
    entry: &mut Entry,
) -> Result<ShotMade, Trouble> {
    let control = request.control;
    let mark = composer::mark(&format!("{} {}", order.provider, order.prompt));
    let (plain, script) = script::read(&order.prompt);
    order.prompt = plain;
    let input_tokens = order.bill(0, 0, &[]).input();
    entry.note(|received| {
        received.model = Some(order.model.clone());
        received.streaming = order.streaming;
        received.input_tokens = input_tokens;
    });
    let faults = control.faults_of(&script, Stage::Answer, mark, entry.number());
    let refused = faults
        .iter()
        .find_map(|fault| Trouble::from_fault(*fault, &order.model, input_tokens));
    if let Some(trouble) = refused {
        return Err(trouble);
    }
    control
        .take_place(order.provider)
        .map_err(|retry_after_s| Trouble::RateLimited { retry_after_s })?;
    let shoot = shoot(request, order, &faults, &script, entry.number()).await?;
    Ok(ShotMade {
        shoot,
        faults,
        script,
    })
}

async fn shoot(
    request: &Request<'_>,
    order: PictureOrder,
    faults: &[Fault],
    script: &Script,
    number: u64,
) -> Result<Shoot, Trouble> {
    let outcome = if faults.contains(&Fault::Refuse) {
        ShootOutcome::Declined
    } else if faults.contains(&Fault::EmptyAnswer) {
        ShootOutcome::Nothing
    } else {
        ShootOutcome::Drawn
    };
    let order = Arc::new(order);
    let mut pictures = Vec::new();
    if outcome == ShootOutcome::Drawn {
        let drawn = Arc::clone(&order);
        let drawing = tokio::task::spawn_blocking(move || {
            (0..drawn.count).map(|index| draw(&drawn, index)).collect()
        });
        pictures = drawing.await.map_err(|_| Trouble::Server)?;
    }
    let order = Arc::unwrap_or_clone(order);
    for (index, picture) in pictures.iter_mut().enumerate().filter(|_| order.by_url) {
        publish(request, &order, picture, script, (number, index));
    }
    let drafts = pictures
        .iter()
        .map(|drawn| drawn.drafts.len())
        .sum::<usize>();
    let made = u32::try_from(pictures.len()).unwrap_or(u32::MAX);
    let bill = order.bill(made, u32::try_from(drafts).unwrap_or(u32::MAX), faults);
    Ok(Shoot {
        order,
        number,
        created_s: now_s(),
        outcome,
        pictures,
        bill,
    })
}

fn draw(order: &PictureOrder, index: u32) -> Drawn {
    let picture = order.draw(index);
    let drafts = (0..order.drafts)
        .map(|step| picture::encode(&picture::draft(&picture, step), order.format));
    Drawn {
        drafts: drafts.collect(),
        bytes: picture::encode(&picture, order.format),
        url: String::new(),
    }
}

/// Gives a picture an address.
fn publish(
    request: &Request<'_>,
    order: &PictureOrder,
    picture: &mut Drawn,
    script: &Script,
    (number, index): (u64, usize),
) {
    let name = format!("simulated-{number:06}-{index}.{}", order.format.as_str());
    picture.url = request.control.url(&format!("/xai/files/{name}"));
    request.control.files.keep(PublicFile {
        name,
        bytes: picture.bytes.clone().into(),
        media_type: order.format.media_type(),
        script: script.clone(),
    });
}
