//! Whether what is to be made fits the pool, and what else would.

use anyai_catalog::MediaEstimate;
use anyai_units::{Credits, Tokens, UtcMillis};
use anyai_wire::admin::Room;
use anyai_wire::{Code, Media, Offer, WireError};

use super::work::{Given, Work};
use crate::studio::Studio;
use crate::turns::no_room;

/// A turn of pictures or a clip, as it is priced.
pub(super) struct Draft<'a> {
    pub(super) media: &'a Media,
    pub(super) given: &'a Given,
    pub(super) prompt: Tokens,
}

/// What it will cost.
pub(super) fn estimate(work: &Work) -> Result<MediaEstimate, WireError> {
    let estimate = work.estimate();
    estimate.map_err(|error| WireError::new(Code::BadRequest, error.to_string()))
}

/// The refusal of a turn whose ceiling does not fit, with the models of its kind whose does.
pub(super) async fn shortfall(
    studio: &Studio,
    draft: &Draft<'_>,
    needed: Credits,
    room: &Room,
    now: UtcMillis,
) -> WireError {
    no_room(
        needed,
        room,
        fitting_models(studio, draft, room.left, now).await,
    )
}

/// The models that take the same ask and cost no more, cheapest first.
async fn fitting_models(
    studio: &Studio,
    draft: &Draft<'_>,
    available: Credits,
    now: UtcMillis,
) -> Vec<String> {
    let mut fitting = Vec::new();
    for work in every_model(studio, draft, now) {
        let Ok(estimate) = work.estimate() else {
            continue;
        };
        if estimate.ceiling <= available && studio.keys.offer(work.provider()).await != Offer::NoKey
        {
            fitting.push((estimate.likely, work.model_id().to_owned()));
        }
    }
    fitting.sort();
    fitting.into_iter().map(|(_, model)| model).collect()
}

fn every_model(studio: &Studio, draft: &Draft<'_>, now: UtcMillis) -> Vec<Work> {
    let (given, prompt) = (draft.given, draft.prompt);
    let prices = studio.prices.get();
    match draft.media {
        Media::Image(knobs) => prices
            .catalogue()
            .images_offered(now)
            .filter_map(|(model, price)| Work::image(model, price, knobs, given, prompt).ok())
            .collect(),
        Media::Video(knobs) => prices
            .catalogue()
            .videos_offered(now)
            .filter_map(|(model, price)| Work::video(model, price, knobs, given, prompt).ok())
            .collect(),
    }
}
