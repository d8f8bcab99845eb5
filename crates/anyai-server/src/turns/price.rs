//! Prices a turn from the server's own rate card, and makes it fit the pool or refuses it.

use std::sync::Arc;

use anyai_catalog::Price;
use anyai_estimate::{Attached, DoesNotFit, DraftTurn, Estimate, EstimateError, History};
use anyai_tokens::{ImageSize, TextCount};
use anyai_units::{Credits, Tokens, UtcMillis};
use anyai_wire::admin::Room;
use anyai_wire::{Bound, Code, Detail, Offer, WireError};

use super::accept::{self, Accepted};
use super::off_thread::off_thread;
use super::pictures::Kept;
use crate::gateway::Question;
use crate::history::Terms;
use crate::studio::Studio;

/// A turn's price, made to fit.
#[derive(Clone, Debug)]
pub(super) struct Priced {
    pub(super) terms: Terms,
    /// The price the terms were made with, and the one that the turn is charged by.
    pub(super) price: Price,
    /// The likely cost.
    pub(super) likely: Credits,
    /// Whether the provider is to be asked to remember the conversation.
    pub(super) write_cache: bool,
}

/// The counts of a turn: made once, priced as often as its room changes.
#[derive(Debug)]
pub(super) struct Counted {
    draft: DraftTurn,
    resent_thinking: Tokens,
}

/// Counts what is to be sent: as long a work as the conversation is long.
pub(super) fn count(studio: &Studio, accepted: &Accepted) -> Counted {
    let text = |question: &Question| -> TextCount {
        let texts = question.texts.iter();
        texts.map(|text| studio.tokens.count(text)).sum()
    };
    let mut history = History::new();
    for turn in &accepted.path {
        let question = &turn.sent.question;
        let files = files(studio, question, &turn.pictures);
        history.push_user(text(question), &files);
        // The same counts as the app's, so that what is held is what was shown.
        let thinking = studio.tokens.count(&turn.thinking).o200k();
        history.push_reply(studio.tokens.count(&turn.sent.answer), thinking);
    }
    Counted {
        draft: DraftTurn {
            history,
            draft: text(&accepted.question),
            prompt: studio
                .prices
                .get()
                .estimator
                .read(accepted.question.texts.iter().map(String::as_str)),
            attachments: files(studio, &accepted.question, &accepted.pictures),
            effort: accepted.effort,
            answer_words_max: accepted.answer_words_max,
            ..DraftTurn::default()
        },
        resent_thinking: accepted.path.iter().map(|turn| turn.resent_thinking).sum(),
    }
}

/// The files of a prompt, as they are priced.
fn files(studio: &Studio, question: &Question, kept: &[Kept]) -> Vec<Attached> {
    let counter = studio.tokens.counter();
    let texts = question.text_files.iter();
    let texts = texts.map(|file| Attached::text_file(counter, &file.name, &file.text));
    let others = kept.iter().map(|file| match file.shown.pages {
        Some(pages) => Attached::pdf(counter, pages, file.shown.text_tokens_max),
        None => Attached::picture(ImageSize {
            width_px: file.shown.width,
            height_px: file.shown.height,
        }),
    });
    texts.chain(others).collect()
}

/// Whether so much is enough for a turn as long as its model writes.
pub(super) fn is_covered(
    studio: &Studio,
    accepted: &Accepted,
    counted: &Counted,
    available: Credits,
    now: UtcMillis,
) -> bool {
    let model = accepted.model.id.as_str();
    let estimate = studio
        .prices
        .get()
        .estimator
        .estimate(model, &counted.draft, now);
    estimate.is_ok_and(|estimate| {
        let whole = estimate.with_resent_thinking(counted.resent_thinking);
        whole.ceiling <= available
    })
}

/// Prices a turn for what it may cost.
pub(super) async fn price(
    studio: &Arc<Studio>,
    accepted: &Accepted,
    counted: &Counted,
    room: &Room,
    now: UtcMillis,
) -> Result<Priced, WireError> {
    let model = &accepted.model;
    let prices = studio.prices.get();
    let estimate = prices
        .estimator
        .estimate(model.id.as_str(), &counted.draft, now)
        .map_err(|error| not_estimated(&error))?;
    if !estimate.fits_context {
        let message = format!("the prompt is longer than {} reads", model.id);
        return Err(
            WireError::new(Code::ContextTooLong, message).with_detail(Detail::Limit {
                asked: estimate.input.likely.count(),
                limit: model.max_input.count(),
            }),
        );
    }
    match fit(&estimate, counted.resent_thinking, room.left) {
        Ok((max_output_tokens, ceiling)) => Ok(Priced {
            write_cache: model
                .prompt_cache_min
                .is_some_and(|least| estimate.input.likely >= least),
            likely: estimate.credits.likely.min(ceiling),
            price: estimate.price().clone(),
            terms: Terms {
                rate_card_version: estimate.rate_card.version,
                priced_at: now,
                input_tokens: estimate.input.likely,
                max_output_tokens,
                ceiling,
            },
        }),
        Err(error) => Err(shortfall(studio, accepted, counted, error.needed, room, now).await),
    }
}

/// The refusal of a turn whose ceiling does not fit, with the models whose does.
pub(super) async fn shortfall(
    studio: &Arc<Studio>,
    accepted: &Accepted,
    counted: &Counted,
    needed: Credits,
    room: &Room,
    now: UtcMillis,
) -> WireError {
    let fitting = fitting_models(studio, accepted, counted, room.left, now).await;
    no_room(needed, room, fitting)
}

/// The refusal of a turn that needs more than there is.
pub(crate) fn no_room(needed: Credits, room: &Room, fitting_models: Vec<String>) -> WireError {
    let available = room.left;
    let whose = match room.bound {
        Bound::Pool => "in the pool",
        Bound::Member => "of your limit in this pool",
        Bound::DayEnvelope => "in the envelope of the day",
        Bound::ConversationEnvelope => "in the envelope of this conversation",
        Bound::WorkEnvelope => "in the envelope of this kind of work",
        Bound::StopAt => "up to where you want it stopped",
        Bound::Frozen => {
            return closed(
                Code::PoolFrozen,
                "the pool is frozen until its owner opens it",
            );
        }
        Bound::Removed => return closed(Code::MemberRemoved, "you were taken out of this pool"),
    };
    let message = format!("this turn needs {needed} credits and {available} are left {whose}");
    WireError::new(Code::InsufficientCredits, message).with_detail(Detail::Shortfall {
        needed,
        available,
        bound: room.bound,
        resets_at: room.resets_at,
        fitting_models,
    })
}

fn closed(code: Code, why: &str) -> WireError {
    WireError::new(
        code,
        format!("{why}; nothing was sent and nothing was charged"),
    )
}

/// The output limit and the ceiling that fit.
fn fit(
    estimate: &Estimate,
    resent_thinking: Tokens,
    available: Credits,
) -> Result<(Tokens, Credits), DoesNotFit> {
    let whole = estimate.clone().with_resent_thinking(resent_thinking);
    let fitted = whole.fit_to(available)?;
    Ok((fitted.max_output, fitted.ceiling))
}

async fn fitting_models(
    studio: &Arc<Studio>,
    accepted: &Accepted,
    counted: &Counted,
    available: Credits,
    now: UtcMillis,
) -> Vec<String> {
    let prices = studio.prices.get();
    let (owned, draft) = (Arc::clone(&prices), counted.draft.clone());
    let estimates = off_thread(move || {
        let mut estimates = owned.estimator.estimate_all(&draft, now);
        estimates.retain(|estimate| {
            estimate.fits_context && fit(estimate, Tokens::ZERO, available).is_ok()
        });
        estimates
    });
    let mut fitting = Vec::new();
    for estimate in estimates.await {
        let Ok(model) = prices.catalogue().model(estimate.model.as_str()) else {
            continue;
        };
        if accept::reads_all(model, &accepted.pictures)
            && studio.keys.offer(model.provider).await != Offer::NoKey
            && studio.overruns.check(model.id.as_str(), now).is_ok()
        {
            fitting.push((estimate.credits.likely, model.id.to_string()));
        }
    }
    fitting.sort();
    fitting.into_iter().map(|(_, model)| model).collect()
}

fn not_estimated(error: &EstimateError) -> WireError {
    let code = match error {
        EstimateError::Catalogue(_) => Code::ModelUnknown,
        EstimateError::Charge(_) => Code::DraftTooLarge,
    };
    WireError::new(code, error.to_string())
}
