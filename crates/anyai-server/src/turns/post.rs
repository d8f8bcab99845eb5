//! A turn comes in: priced, held, dispatched, and handed to the task that sees it through.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use anyai_ledger::{HoldRequest, WorkKind};
use anyai_ledger_db::Dispatch;
use anyai_providers::ChatRequest;
use anyai_units::MemberId;
use anyai_wire::api::{TurnPost, TurnRecord};
use anyai_wire::{Code, PromptPart, TurnPhase, WireError};
use futures_util::FutureExt;
use sha2::{Digest, Sha256};

use super::accept::{self, Accepted};
use super::hold::{Held, hold_and_begin, start_held};
use super::off_thread::off_thread_if_long;
use super::pictures::{self, Pictures};
use super::price::{self, Counted, Priced};
use super::room::within;
use super::run::{self, Run};
use super::{budget, reconcile};
use crate::access::Caller;
use crate::answer::{history_failure, ledger_failure};
use crate::gateway::compose;
use crate::history::{Before, NewTurn, StoredTurn};
use crate::jobs;
use crate::studio::Studio;

/// How often a turn is priced again because others took what it was priced for.
const PRICING_TRIES_MAX: u32 = 3;

/// Takes a turn in. The same post again answers the same record. It runs to its end whether or
/// not the caller waits: half a hold is no state to leave behind.
pub(crate) async fn post(
    studio: &Arc<Studio>,
    caller: Caller,
    post: TurnPost,
) -> Result<TurnRecord, WireError> {
    if studio.stopping.is_cancelled() {
        return Err(WireError::new(Code::Interrupted, "the studio is stopping"));
    }
    let (owned, post) = (Arc::clone(studio), Arc::new(post));
    let taken = studio.spawn(async move {
        let taking = AssertUnwindSafe(take_in(&owned, caller, &post));
        match taking.catch_unwind().await {
            Ok(taken) => taken,
            Err(_panic) => {
                tracing::error!(turn = %post.id, "taking {} in ended by a panic", post.id);
                reconcile::one(&owned, post.id).await;
                let message = "taking the turn in broke off";
                Err(WireError::new(Code::Internal, message))
            }
        }
    });
    match taken.await {
        Ok(Some(taken)) => taken,
        Ok(None) => Err(WireError::new(Code::Interrupted, "the studio has stopped")),
        Err(error) => {
            tracing::error!(%error, "taking a turn in broke off: {error}");
            Err(WireError::new(
                Code::Internal,
                "taking the turn in broke off",
            ))
        }
    }
}

async fn take_in(
    studio: &Arc<Studio>,
    caller: Caller,
    post: &Arc<TurnPost>,
) -> Result<TurnRecord, WireError> {
    let _alone = studio.live.enter(post.id).await;
    let posted = Arc::clone(post);
    let fingerprint = off_thread_if_long(prompt_bytes(post), move || fingerprint(&posted)).await?;
    studio.live.end_of(post.id).await;
    if let Some(parent) = post.parent_id {
        studio.live.end_of(parent).await;
    }
    let before = studio
        .history
        .before_turn(caller.member, post.id, post.conversation_id, post.parent_id)
        .await;
    let (conversation, path) = match before.map_err(|error| history_failure(&error))? {
        Before::Existing(existing) => {
            return same_or_conflict(*existing, caller.member, &fingerprint);
        }
        Before::Anothers => return Err(not_ones_own(post)),
        Before::New { conversation, path } => (conversation, path),
    };
    if let Some(media) = &post.media {
        let known = jobs::Known {
            conversation,
            path,
            fingerprint,
        };
        return jobs::take_in(studio, caller, post, media, known).await;
    }
    let accepted = accept::accept(studio, caller.member, post, conversation, path).await?;
    let owned = Arc::clone(studio);
    let bytes = accepted.bytes();
    let count = move || (price::count(&owned, &accepted), accepted);
    let (counted, accepted) = off_thread_if_long(bytes, count).await;
    let took = hold(studio, caller, post, &accepted, &counted, fingerprint).await?;
    let Took::Held(priced, pictures, dispatch) = took else {
        reconcile::one(studio, post.id).await;
        return record(studio, post).await;
    };
    let request = request(studio, caller, post, &accepted, &priced, pictures);
    start(studio, post, &accepted, *priced, *dispatch, request).await
}

/// What another member sent is never the same.
pub(super) fn same_or_conflict(
    existing: StoredTurn,
    member: MemberId,
    fingerprint: &[u8; 32],
) -> Result<TurnRecord, WireError> {
    if existing.member == member && existing.fingerprint == *fingerprint {
        return Ok(existing.record);
    }
    let message = format!(
        "the turn {} was sent before with other content",
        existing.record.id
    );
    Err(WireError::new(Code::TurnConflict, message))
}

fn not_ones_own(post: &TurnPost) -> WireError {
    let message = format!("the conversation {} is unknown here", post.conversation_id);
    WireError::new(Code::ConversationNotFound, message)
}

fn prompt_bytes(post: &TurnPost) -> usize {
    let bytes = |part: &PromptPart| match part {
        PromptPart::Text { text } => text.len(),
        PromptPart::Image(_) | PromptPart::Video(_) | PromptPart::Document(_) => 0,
    };
    post.prompt.iter().map(bytes).sum()
}

/// SHA-256 of the post as this program writes it: field order and spacing are the program's own.
fn fingerprint(post: &TurnPost) -> Result<[u8; 32], WireError> {
    let canonical = serde_json::to_vec(post)
        .map_err(|error| WireError::new(Code::BadRequest, error.to_string()))?;
    Ok(Sha256::digest(canonical).into())
}

/// Holds a turn's ceiling. When others took what it was priced for, it is priced again for what is
/// left.
async fn hold(
    studio: &Arc<Studio>,
    caller: Caller,
    post: &TurnPost,
    accepted: &Accepted,
    counted: &Counted,
    fingerprint: [u8; 32],
) -> Result<Took, WireError> {
    let mut tries = 1;
    let mut pictures = None;
    loop {
        let now = studio.clock.now();
        let conversation = post.conversation_id;
        let room = budget::room(
            studio,
            (caller.member, conversation),
            accepted,
            counted,
            tries == 1,
            now,
        );
        let mut room = room.await.map_err(|error| ledger_failure(&error))?;
        if run::bills_on(accepted.model.provider) {
            room = within(room, post.stop_at);
        }
        let priced = price::price(studio, accepted, counted, &room, now).await?;
        let read = match pictures.take() {
            Some(read) => read,
            None => pictures::read(studio, accepted).await?,
        };
        let turn = new_turn(studio, caller, post, accepted, &priced, fingerprint);
        let request = hold_request(studio, caller, post, accepted, &priced, fingerprint);
        let refused = match hold_and_begin(studio, turn, request, now).await? {
            Held::New(dispatch) => return Ok(Took::Held(Box::new(priced), read, dispatch)),
            Held::Before => return Ok(Took::Before),
            Held::Short(needed) => {
                if tries < PRICING_TRIES_MAX {
                    tries += 1;
                    pictures = Some(read);
                    withdraw(studio, post).await?;
                    continue;
                }
                price::shortfall(studio, accepted, counted, needed, &room, now).await
            }
            Held::Refused(error) => ledger_failure(&error),
        };
        withdraw(studio, post).await?;
        return Err(refused);
    }
}

/// What is to be held, as of the instant it was priced for.
fn hold_request(
    studio: &Studio,
    caller: Caller,
    post: &TurnPost,
    accepted: &Accepted,
    priced: &Priced,
    fingerprint: [u8; 32],
) -> HoldRequest {
    HoldRequest {
        pool: studio.identity.pool,
        member: caller.member,
        turn: post.id,
        fingerprint,
        estimate: priced.likely,
        ceiling: priced.terms.ceiling,
        price_version: priced.terms.rate_card_version,
        model: accepted.model.id.to_string(),
        kind: WorkKind::Chat,
        conversation: Some(post.conversation_id),
        expires_at: studio.lease_until(priced.terms.priced_at),
    }
}

/// What became of a turn's hold.
enum Took {
    Held(Box<Priced>, Pictures, Box<Dispatch>),
    /// An earlier run held it and stopped before it had stored the turn, which was never sent.
    Before,
}

fn new_turn(
    studio: &Studio,
    caller: Caller,
    post: &TurnPost,
    accepted: &Accepted,
    priced: &Priced,
    fingerprint: [u8; 32],
) -> NewTurn {
    NewTurn {
        id: post.id,
        member: caller.member,
        conversation_id: post.conversation_id,
        parent_id: post.parent_id,
        created_at: studio.clock.now(),
        provider: accepted.model.provider.as_str().to_owned(),
        model_id: accepted.model.id.to_string(),
        model_label: accepted.model.label.clone(),
        effort: accepted.effort.map(|effort| effort.as_str().to_owned()),
        media: None,
        simulated: studio.keys.simulated(),
        prompt: accepted.prompt.clone(),
        estimate: post.estimate,
        fingerprint,
        terms: priced.terms.clone(),
    }
}

pub(crate) async fn withdraw(studio: &Studio, post: &TurnPost) -> Result<(), WireError> {
    let withdrawn = studio.history.withdraw_turn(post.id).await;
    studio.live.remove(post.id);
    withdrawn.map_err(|error| history_failure(&error))
}

fn request(
    studio: &Studio,
    caller: Caller,
    post: &TurnPost,
    accepted: &Accepted,
    priced: &Priced,
    pictures: Pictures,
) -> ChatRequest {
    let (path, question) = pictures.into_said(accepted);
    let request = compose(
        &accepted.model,
        accepted.effort,
        path,
        question,
        priced.terms.max_output_tokens,
    );
    ChatRequest {
        cache_key: Some(post.conversation_id.to_string()),
        write_cache: priced.write_cache,
        end_user: Some(studio.end_user(caller.member)),
        ..request
    }
}

/// Makes the turn part of the history and hands it over. The provider is called while the turn's
/// start is on its way to the disk: all that is written of the turn comes after it.
async fn start(
    studio: &Arc<Studio>,
    post: &TurnPost,
    accepted: &Accepted,
    priced: Priced,
    dispatch: Dispatch,
    request: ChatRequest,
) -> Result<TurnRecord, WireError> {
    let Some(starting) = start_held(studio, post, &accepted.prompt, &dispatch).await else {
        return record(studio, post).await;
    };
    let model = accepted.model.clone();
    let run = Run {
        turn: post.id,
        route: studio.route(
            model.id.as_str(),
            model.provider,
            model.api,
            accepted.key.clone(),
        ),
        model,
        terms: priced.terms,
        request,
    };
    run::spawn(studio, run, priced.price, dispatch);
    let started = starting.on_disk().await;
    started.map_err(|error| history_failure(&error))
}

pub(crate) async fn record(studio: &Studio, post: &TurnPost) -> Result<TurnRecord, WireError> {
    let stored = studio.history.turn(post.id).await;
    match stored.map_err(|error| history_failure(&error))? {
        Some(stored) => Ok(stored.record),
        None => Err(WireError::new(Code::Internal, "the turn's record is gone")),
    }
}

/// Whether a turn's stream is over.
pub(crate) fn is_over(phase: &TurnPhase) -> bool {
    !matches!(phase, TurnPhase::Sending | TurnPhase::Running { .. })
}
