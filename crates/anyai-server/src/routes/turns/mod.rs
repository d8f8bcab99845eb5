//! Turns: sent, listened to, stopped, accounted for.

pub(super) mod events;
pub(super) mod post;
pub(super) mod receipt;
pub(super) mod stop;

use anyai_units::TurnId;
use anyai_wire::Code;

use crate::access::Caller;
use crate::answer::Failure;
use crate::history::StoredTurn;
use crate::studio::Studio;

/// The caller's own turn: another's is as unknown as one that never was.
async fn find(studio: &Studio, caller: Caller, id: TurnId) -> Result<StoredTurn, Failure> {
    studio.live.end_of(id).await;
    let found = studio.history.turn(id).await?;
    let own = found.filter(|turn| turn.member == caller.member);
    own.ok_or_else(|| unknown(id))
}

fn unknown(id: TurnId) -> Failure {
    let message = format!("the turn {id} is unknown here");
    Failure::new(Code::TurnNotFound, message)
}
