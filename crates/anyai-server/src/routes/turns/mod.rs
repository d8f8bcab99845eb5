//! Turns: sent, listened to, stopped, accounted for.

pub(super) mod events;
pub(super) mod post;
pub(super) mod receipt;
pub(super) mod stop;

use anyai_units::TurnId;
use anyai_wire::Code;

use crate::answer::Failure;
use crate::history::StoredTurn;
use crate::studio::Studio;

async fn find(studio: &Studio, id: TurnId) -> Result<StoredTurn, Failure> {
    studio.live.end_of(id).await;
    let found = studio.history.turn(id).await?;
    found.ok_or_else(|| {
        let message = format!("the turn {id} is unknown here");
        Failure::new(Code::TurnNotFound, message)
    })
}
