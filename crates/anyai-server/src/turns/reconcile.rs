//! Ends what an earlier run left open: at every start, and after a fault in a turn's own task.
//!
//! A hold that was never dispatched is voided: nothing was sent. A dispatched one is settled as the
//! turn had decided before the crash, if it had; else for the part that its log holds, in the
//! person's favour: no margin, no thinking, and nothing at all when nothing came.

use anyai_ledger::{HoldRecord, HoldState};
use anyai_units::TurnId;
use anyai_wire::{Code, WireError};

use super::finish::{self, NotFinished};
use crate::gateway::{End, Heard, bill, outcome};
use crate::history::{Closing, Outcome, StoredTurn};
use crate::studio::Studio;

/// Ends every turn and resolves every hold that an earlier run left open. What cannot be ended is
/// logged, keeps its credits held, and is tried again at the next start.
pub(crate) async fn reconcile(studio: &Studio) -> Result<(), NotFinished> {
    for turn in studio.history.turns_not_ended().await? {
        let id = turn.record.id;
        if let Err(error) = end(studio, turn).await {
            tracing::error!(turn = %id, %error, "the turn {id} cannot be ended yet: {error}");
            finish::mark_reconciling(studio, id).await;
        }
    }
    for hold in studio.ledger.open_holds().await? {
        let turn = hold.record().turn;
        if studio.history.turn(turn).await?.is_some() {
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
        // It stopped before anything was held: the app still has it and may send it again.
        studio.history.withdraw_turn(id).await?;
        return Ok(());
    };
    let closing = match turn.closing.clone() {
        Some(closing) => closing,
        None => derived(studio, &turn, &hold),
    };
    finish::try_finish(studio, id, hold.id, &closing, &[]).await?;
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
