//! A turn of pictures or a clip comes in: priced, held, and handed to the task that makes it.

use std::sync::Arc;

use anyai_ledger::HoldRequest;
use anyai_ledger_db::Dispatch;
use anyai_units::{MemberId, Tokens, UtcMillis};
use anyai_wire::api::{ConversationRecord, TurnPost, TurnRecord};
use anyai_wire::{Media, WireError};

use super::accept::{self, Accepted, Request};
use super::price::{self, Draft};
use super::run;
use crate::access::Caller;
use crate::answer::{history_failure, ledger_failure};
use crate::history::{NewTurn, PathTurn, Terms};
use crate::studio::Studio;
use crate::turns::{
    Held, hold_and_begin, reconcile_one, record_of, room, start_held, withdraw, within,
};

/// What the history knew before the turn came.
pub(crate) struct Known {
    pub(crate) conversation: Option<ConversationRecord>,
    pub(crate) path: Vec<PathTurn>,
    pub(crate) fingerprint: [u8; 32],
}

/// Takes a turn in whose id is new.
pub(crate) async fn take_in(
    studio: &Arc<Studio>,
    caller: Caller,
    post: &TurnPost,
    media: &Media,
    known: Known,
) -> Result<TurnRecord, WireError> {
    let now = studio.clock.now();
    let conversation = known.conversation.as_ref();
    let accepting = accept::accept(
        studio,
        caller.member,
        post,
        media,
        (conversation, &known.path),
        now,
    );
    let accepted = accepting.await?;
    let terms = terms(studio, caller, post, &accepted, now).await?;
    let request = accept::request(studio, caller.member, &accepted).await?;
    let turn = new_turn(studio, caller, post, &accepted, &terms, known.fingerprint);
    let hold = hold_request(studio, caller, post, &accepted, &terms, known.fingerprint)?;
    match hold_and_begin(studio, turn, hold, now).await? {
        Held::New(dispatch) => {
            let member = caller.member;
            start(studio, member, post, (accepted, terms), *dispatch, request).await
        }
        Held::Before => {
            reconcile_one(studio, post.id).await;
            record_of(studio, post).await
        }
        Held::Short(needed) => {
            withdraw(studio, post).await?;
            let room = room_of(studio, caller, post, &accepted, now).await?;
            Err(price::shortfall(studio, &draft(&accepted), needed, &room, now).await)
        }
        Held::Refused(error) => {
            withdraw(studio, post).await?;
            Err(ledger_failure(&error))
        }
    }
}

fn draft(accepted: &Accepted) -> Draft<'_> {
    Draft {
        media: &accepted.media,
        given: &accepted.given,
        prompt: accepted.tokens,
    }
}

async fn room_of(
    studio: &Studio,
    caller: Caller,
    post: &TurnPost,
    accepted: &Accepted,
    now: UtcMillis,
) -> Result<anyai_wire::admin::Room, WireError> {
    let conversation = Some(post.conversation_id);
    let room = room(
        studio,
        caller.member,
        conversation,
        accepted.work.kind(),
        now,
    );
    let room = room.await.map_err(|error| ledger_failure(&error))?;
    // A stop ends no bill of what is made.
    Ok(within(room, post.stop_at))
}

/// What it is held and settled by; an error where that does not fit.
async fn terms(
    studio: &Studio,
    caller: Caller,
    post: &TurnPost,
    accepted: &Accepted,
    now: UtcMillis,
) -> Result<Terms, WireError> {
    let ceiling = price::estimate(&accepted.work)?.ceiling;
    let room = room_of(studio, caller, post, accepted, now).await?;
    if ceiling > room.left {
        return Err(price::shortfall(studio, &draft(accepted), ceiling, &room, now).await);
    }
    Ok(Terms {
        rate_card_version: studio.prices.get().catalogue().rate_card().id.version,
        priced_at: now,
        input_tokens: accepted.tokens,
        max_output_tokens: Tokens::ZERO,
        ceiling,
    })
}

fn new_turn(
    studio: &Studio,
    caller: Caller,
    post: &TurnPost,
    accepted: &Accepted,
    terms: &Terms,
    fingerprint: [u8; 32],
) -> NewTurn {
    NewTurn {
        id: post.id,
        member: caller.member,
        conversation_id: post.conversation_id,
        parent_id: post.parent_id,
        created_at: studio.clock.now(),
        provider: accepted.work.provider().as_str().to_owned(),
        model_id: accepted.work.model_id().to_owned(),
        model_label: accepted.work.label().to_owned(),
        effort: None,
        media: Some(accepted.media.clone()),
        simulated: studio.keys.simulated(),
        prompt: accepted.prompt.clone(),
        estimate: post.estimate,
        fingerprint,
        terms: terms.clone(),
    }
}

fn hold_request(
    studio: &Studio,
    caller: Caller,
    post: &TurnPost,
    accepted: &Accepted,
    terms: &Terms,
    fingerprint: [u8; 32],
) -> Result<HoldRequest, WireError> {
    Ok(HoldRequest {
        pool: studio.identity.pool,
        member: caller.member,
        turn: post.id,
        fingerprint,
        estimate: price::estimate(&accepted.work)?.likely,
        ceiling: terms.ceiling,
        price_version: terms.rate_card_version,
        model: accepted.work.model_id().to_owned(),
        kind: accepted.work.kind(),
        conversation: Some(post.conversation_id),
        expires_at: studio.lease_until(terms.priced_at),
    })
}

async fn start(
    studio: &Arc<Studio>,
    member: MemberId,
    post: &TurnPost,
    (accepted, terms): (Accepted, Terms),
    dispatch: Dispatch,
    request: Request,
) -> Result<TurnRecord, WireError> {
    let Some(starting) = start_held(studio, post, &accepted.prompt, &dispatch).await else {
        return record_of(studio, post).await;
    };
    let work = &accepted.work;
    let route = studio.route(&post.model_id, work.provider(), work.api(), accepted.key);
    let job = run::NewJob {
        turn: post.id,
        member,
        work: accepted.work,
        terms,
        route,
        name: super::files::name(&accepted.prompt),
        poster: accepted.given.first_frame.or(accepted.given.source),
    };
    run::begin(studio, job, dispatch, request);
    let started = starting.on_disk().await;
    started.map_err(|error| history_failure(&error))
}
