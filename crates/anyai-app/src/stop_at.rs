//! Stopping a turn where its person said: the limit is kept here, so it is the app that watches what
//! the turn has cost so far and asks the server to stop it. The last words may cost a little more;
//! what is held remains the most it can be.

use std::sync::Arc;

use anyai_mirror::StopAtRow;
use anyai_units::{ConversationId, Credits, TurnId};
use anyai_wire::{StopAt, TurnStopAt, TurnView, WireError};

use crate::backoff::Backoff;
use crate::live::LiveTurn;
use crate::studio::Studio;

/// A limit that was not reached yet.
pub(crate) const fn open(credits: Credits) -> StopAt {
    StopAt {
        credits,
        reached: false,
    }
}

const fn told(row: StopAtRow) -> StopAt {
    StopAt {
        credits: row.credits,
        reached: row.reached,
    }
}

/// Sets or takes away the limit of a turn under way.
pub(crate) async fn set(studio: &Arc<Studio>, request: TurnStopAt) -> Result<(), WireError> {
    let TurnStopAt { turn_id, credits } = request;
    let set = studio
        .mirror
        .write(move |mirror| mirror.set_stop_at(turn_id, credits));
    set.await?;
    if let Some(turn) = studio.live.get(turn_id) {
        turn.set_stop_at(credits);
        stop_if_reached(studio, &turn);
        studio.emit_history(vec![turn.view().conversation_id]);
    }
    Ok(())
}

/// A turn's limit that is still to be watched.
pub(crate) async fn kept(studio: &Studio, id: TurnId) -> Option<Credits> {
    let read = studio.mirror.read(move |mirror| mirror.stop_at(id)).await;
    let row = read.ok().flatten().filter(|row| !row.reached)?;
    Some(row.credits)
}

/// Stops the turn when it has cost what it may. What the server did not hear is said again until it
/// does, the turn ends, or its person takes the limit away.
pub(crate) fn stop_if_reached(studio: &Arc<Studio>, turn: &Arc<LiveTurn>) {
    if !turn.begin_stopping() {
        return;
    }
    let (stopping, turn) = (Arc::clone(studio), Arc::clone(turn));
    studio.tasks.start(async move {
        let stopped = stop(&stopping, &turn).await;
        turn.end_stopping(stopped);
    });
}

/// Whether the turn was stopped.
async fn stop(studio: &Arc<Studio>, turn: &LiveTurn) -> bool {
    let id = turn.view().id;
    let mut backoff = Backoff::new();
    while turn.is_at_its_limit() {
        match studio.client.stop_turn(id).await {
            Ok(_) => {
                let noted = studio.mirror.write(move |mirror| mirror.stop_reached(id));
                if let Err(error) = noted.await {
                    tracing::warn!(turn = %id, %error, "that a turn reached its limit was not written");
                }
                studio.emit_history(vec![turn.view().conversation_id]);
                return true;
            }
            Err(error) if error.is_turn_finished() => return false,
            Err(error) => {
                tracing::warn!(turn = %id, %error, "a turn at its limit was not stopped yet");
            }
        }
        let random = studio.desk.host.mint_uuid().as_u128();
        tokio::time::sleep(backoff.wait(random)).await;
    }
    false
}

/// The turns of a conversation with their limits.
pub(crate) async fn with_limits(
    studio: &Studio,
    conversation: ConversationId,
    turns: &mut [TurnView],
) -> Result<(), WireError> {
    let read = studio
        .mirror
        .read(move |mirror| mirror.stops_of(conversation));
    let limits = read.await?;
    for turn in turns {
        turn.stop_at = limits.get(&turn.id).copied().map(told);
    }
    Ok(())
}
