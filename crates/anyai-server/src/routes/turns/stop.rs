//! POST `/v1/turns/{id}/stop`

use std::sync::Arc;
use std::time::Duration;

use anyai_units::TurnId;
use anyai_wire::Code;
use anyai_wire::api::TurnRecord;
use axum::Json;
use axum::extract::State;

use super::find;
use crate::access::Caller;
use crate::answer::Failure;
use crate::extract::PathId;
use crate::studio::Studio;
use crate::turns::is_over;

/// How long the answer waits for the turn's last word. A provider that bills an answer to its end
/// is read on unseen, which may take longer; the record then still says running.
const WAIT_MAX: Duration = Duration::from_secs(5);

pub(in crate::routes) async fn stop(
    State(studio): State<Arc<Studio>>,
    caller: Caller,
    PathId(id): PathId<TurnId>,
) -> Result<Json<TurnRecord>, Failure> {
    let turn = find(&studio, caller, id).await?;
    let live = studio.live.get(id);
    let is_left = live.is_none() && !turn.ended && turn.record.media.is_some();
    if is_left && studio.history.stop_job(id).await? {
        return Ok(Json(turn.record));
    }
    if is_over(&turn.record.phase) {
        let message = format!("the turn {id} has already ended");
        return Err(Failure::new(Code::TurnFinished, message));
    }
    if let Some(live) = live {
        live.stop.cancel();
        // Running out of time is an answer too.
        let _ = tokio::time::timeout(WAIT_MAX, live.over.cancelled()).await;
    }
    Ok(Json(find(&studio, caller, id).await?.record))
}
