//! Ends what was left open: by an earlier run at every start, by a fault in a turn's own task at
//! once, and by whatever else went wrong meanwhile every now and then.
//!
//! A hold that was never dispatched is voided: nothing was sent. A dispatched one is settled as the
//! turn had decided before the crash, if it had; else for the part that its log holds, in the
//! person's favour: no margin, no thinking, and nothing at all when nothing came.

use std::sync::Arc;
use std::time::Duration;

use anyai_ledger::{HoldRecord, HoldState};
use anyai_units::{Credits, TurnId};
use anyai_wire::{Code, TurnEvent, TurnPhase, WireError};

use super::finish::{self, NotFinished};
use crate::gateway::{End, Heard, bill, outcome};
use crate::history::{Closing, Outcome, StoredTurn};
use crate::studio::Studio;

/// How long a turn that is being taken in is waited for before the next one's turn comes.
const DOOR_WAIT: Duration = Duration::from_secs(1);

/// Ends every turn and resolves every hold that an earlier run left open. What cannot be ended is
/// logged, keeps its credits held, and is tried again while the studio runs.
pub(crate) async fn reconcile(studio: &Studio) -> Result<(), NotFinished> {
    for turn in studio.history.turns_not_ended().await? {
        let id = turn.record.id;
        if let Err(error) = end(studio, turn).await {
            tracing::error!(turn = %id, %error, "the turn {id} cannot be ended yet: {error}");
            finish::mark_reconciling(studio, id).await;
        }
    }
    void_unrecorded(studio).await
}

/// Ends what nobody in this run sees through: turns whose task is gone, and holds past their time.
pub(crate) async fn reconcile_abandoned(studio: &Studio) -> Result<(), NotFinished> {
    let expired = studio.ledger.expire_stale(studio.clock.now()).await?;
    for hold in expired.voided.iter().chain(&expired.unknown) {
        tracing::warn!(hold = %hold.id, "a hold is past its time");
    }
    for turn in studio.history.turns_not_ended().await? {
        end_abandoned(studio, turn.record.id).await;
    }
    void_unrecorded(studio).await
}

async fn end_abandoned(studio: &Studio, id: TurnId) {
    // Whoever takes a turn in holds its door until the turn has a task of its own.
    let door = tokio::time::timeout(DOOR_WAIT, studio.live.enter(id)).await;
    if door.is_err() || studio.live.get(id).is_some() {
        return;
    }
    let stored = match studio.history.turn(id).await {
        Ok(Some(stored)) if !stored.ended => stored,
        Ok(_) => return,
        Err(error) => return tracing::error!(turn = %id, %error, "{id} cannot be read: {error}"),
    };
    let is_marked = matches!(stored.record.phase, TurnPhase::Reconciling { .. });
    if let Err(error) = end(studio, stored).await {
        tracing::error!(turn = %id, %error, "the turn {id} cannot be ended yet: {error}");
        if !is_marked {
            finish::mark_reconciling(studio, id).await;
        }
    }
}

/// Gives back what is held for turns of which no record is left.
async fn void_unrecorded(studio: &Studio) -> Result<(), NotFinished> {
    for hold in studio.ledger.open_holds().await? {
        let turn = hold.record().turn;
        let door = tokio::time::timeout(DOOR_WAIT, studio.live.enter(turn)).await;
        if door.is_err() || studio.history.turn(turn).await?.is_some() {
            continue;
        }
        tracing::error!(%turn, hold = %hold.id(), "a hold has no turn; its credits go back");
        let now = studio.clock.now();
        studio
            .ledger
            .void(&hold, "no record of its turn is left", now)
            .await?;
    }
    Ok(())
}

/// Ends one turn from its log.
pub(super) async fn one(studio: &Studio, turn: TurnId) {
    let ended = match studio.history.turn(turn).await {
        Ok(Some(stored)) => end(studio, stored).await,
        Ok(None) => Ok(()),
        Err(error) => Err(error.into()),
    };
    if let Err(error) = ended {
        tracing::error!(%turn, %error, "the turn {turn} cannot be ended yet: {error}");
    }
    studio.live.remove(turn);
}

async fn end(studio: &Studio, turn: StoredTurn) -> Result<(), NotFinished> {
    let id = turn.record.id;
    let hold = studio.ledger.hold_of(studio.identity.pool, id).await?;
    let Some(hold) = hold else {
        return end_unheld(studio, turn).await;
    };
    let closing = match turn.closing.clone() {
        Some(closing) => closing,
        None => derived(studio, &turn, &hold),
    };
    finish::try_finish(studio, id, hold.id, &closing, &[], None).await?;
    Ok(())
}

/// A turn for which the ledger holds nothing. One that nobody has seen stopped before its hold: the
/// app still has it and may send it again. One that was seen has lost its ledger: it ends with what
/// it wrote, and there is nothing to charge it to.
async fn end_unheld(studio: &Studio, turn: StoredTurn) -> Result<(), NotFinished> {
    let id = turn.record.id;
    if turn.record.revision == 0 {
        studio.history.withdraw_turn(id).await?;
        return Ok(());
    }
    tracing::error!(turn = %id, "the ledger knows nothing of the turn {id}; it ends uncharged");
    let error = WireError::new(
        Code::Interrupted,
        "the ledger that held this turn's credits is gone; what came was kept",
    );
    let charged = Credits::ZERO;
    let phase = TurnPhase::Failed {
        charged,
        error: error.clone(),
    };
    let event = TurnEvent::Failed { charged, error };
    let now = studio.clock.now();
    let frame = studio.history.end_turn(id, phase, event, now).await?;
    if let (Some(frame), Some(live)) = (frame, studio.live.get(id)) {
        live.tell(Arc::new(frame));
    }
    Ok(())
}

fn derived(studio: &Studio, turn: &StoredTurn, hold: &HoldRecord) -> Closing {
    let interrupted = |reason| {
        let error = WireError::new(
            Code::Interrupted,
            "the studio stopped while the turn was under way; what came was kept",
        );
        Closing::nothing(Outcome::Failed { error }, reason)
    };
    if hold.state == HoldState::Held {
        return interrupted("it was never sent");
    }
    let model_id = turn.record.model_id.as_str();
    let model = studio.catalogue.model(model_id);
    let price = studio.catalogue.price(model_id, turn.terms.priced_at);
    let (Ok(model), Ok(price)) = (model, price) else {
        return interrupted("the catalogue no longer prices its model");
    };
    let text = studio.tokens.count(&turn.record.text);
    let heard = Heard {
        began: true,
        has_output: !turn.record.text.is_empty() || !turn.record.thinking.is_empty(),
        counted_output: studio.tokens.tokens(model, &text),
        ..Heard::default()
    };
    let end = End::Interrupted;
    let bill = bill(&end, &heard, &turn.terms, model, price);
    Closing {
        provider_request_id: hold.provider_op.clone(),
        ..bill.closing(outcome(&end, model.provider))
    }
}
