//! Stores a turn as sending and holds its ceiling, in the same time. Either without the other is
//! undone: here, and after a crash by the reconciler.

use anyai_ledger::{HoldRequest, Refusal};
use anyai_ledger_db::{Dispatch, LedgerError, Sent};
use anyai_units::{Credits, MemberId, TurnId, UtcMillis};
use anyai_wire::api::TurnPost;
use anyai_wire::{PromptPart, WireError};

use super::finish;
use super::post::same_or_conflict;
use crate::answer::history_failure;
use crate::history::{Begun, Closing, NewTurn, Outcome, Queued, Starting, title_of};
use crate::studio::Studio;

/// What became of a turn's hold.
pub(crate) enum Held {
    /// It is held, and its provider may be called.
    New(Box<Dispatch>),
    /// An earlier run held it and stopped before it had stored the turn, which was never sent.
    Before,
    /// It needs more than there is room for; the turn is stored and is to be withdrawn.
    Short(Credits),
    /// The ledger did not hold it for another reason; the turn is stored and is to be withdrawn.
    Refused(LedgerError),
}

/// Holds and stores a turn.
pub(crate) async fn hold_and_begin(
    studio: &Studio,
    turn: NewTurn,
    request: HoldRequest,
    now: UtcMillis,
) -> Result<Held, WireError> {
    let (id, member, fingerprint) = (turn.id, turn.member, turn.fingerprint);
    // Both are on disk before the provider is called. The hold takes longer and is waited for
    // first: to be woken for each costs more than the difference.
    let beginning = studio.history.begin_turn(turn).await;
    let beginning = beginning.map_err(|error| history_failure(&error))?;
    let held = studio.ledger.hold_dispatched(request, now).await;
    let begun = stored(studio, (id, member), beginning, &fingerprint).await;
    match (begun, held) {
        (Ok(()), Ok(Sent::New(dispatch))) => Ok(Held::New(Box::new(dispatch))),
        (Ok(()), Ok(Sent::Existing(_))) => Ok(Held::Before),
        (
            Ok(()),
            Err(LedgerError::Refused(
                Refusal::InsufficientCredits { needed, .. }
                | Refusal::MemberLimit { needed, .. }
                | Refusal::EnvelopeFull { needed, .. },
            )),
        ) => Ok(Held::Short(needed)),
        (Ok(()), Err(error)) => Ok(Held::Refused(error)),
        (Err(error), Ok(Sent::New(dispatch))) => {
            give_back(studio, &dispatch).await;
            Err(error)
        }
        (Err(error), _) => Err(error),
    }
}

async fn stored(
    studio: &Studio,
    (turn, member): (TurnId, MemberId),
    beginning: Queued<Begun>,
    fingerprint: &[u8; 32],
) -> Result<(), WireError> {
    let begun = beginning.on_disk().await;
    match begun.map_err(|error| history_failure(&error))? {
        Begun::New => {
            studio.live.add(turn);
            Ok(())
        }
        Begun::Existing(existing) => same_or_conflict(*existing, member, fingerprint).map(drop),
    }
}

/// Gives a hold back whose turn could not be stored. What fails here is tried again by the
/// reconciler, which finds a hold without a turn.
async fn give_back(studio: &Studio, hold: &Dispatch) {
    let now = studio.clock.now();
    let given = studio
        .ledger
        .void(hold, "its turn could not be stored", now)
        .await;
    if let Err(error) = given {
        tracing::error!(hold = %hold.id(), %error, "a hold is not given back yet: {error}");
    }
}

/// Makes a held turn part of the history. A history that does not take it gives the hold back and ends
/// the turn as failed: then there is nothing to call for.
pub(crate) async fn start_held<'a>(
    studio: &'a Studio,
    post: &TurnPost,
    prompt: &[PromptPart],
    dispatch: &Dispatch,
) -> Option<Starting<'a>> {
    let now = studio.clock.now();
    let ceiling = dispatch.record().ceiling;
    let starting = studio.history.start_turn(
        post.id,
        post.conversation_id,
        title_of(prompt),
        ceiling,
        now,
    );
    match starting.await {
        Ok(starting) => Some(starting),
        Err(error) => {
            let error = history_failure(&error);
            let closing = Closing::nothing(Outcome::Failed { error }, "it was never sent");
            finish::finish(studio, post.id, dispatch.id(), closing, Vec::new(), None).await;
            None
        }
    }
}
