//! Turns on their way to the server. A turn is on disk before it is sent; it is sent until the
//! server has said what became of it, always with the same id and the same bytes.

use std::collections::HashSet;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use anyai_units::{ConversationId, TurnId};
use anyai_wire::api::TurnRecord;
use anyai_wire::{Code, TurnPhase, WireError};
use bytes::Bytes;

use crate::backoff::Backoff;
use crate::convert;
use crate::live;
use crate::studio::Studio;
use crate::sync;

/// Tries for a server that answers with a fault of its own.
const FAULT_TRIES: u32 = 3;

/// What became of a post.
pub(crate) enum Posted {
    /// The server has the turn.
    Accepted(Box<TurnRecord>),
    /// The server refused it for good.
    Refused(WireError),
    /// It surely did not get there.
    NotSent(WireError),
    /// It may have got there.
    Unknown,
}

/// A turn is posted, or given up, from one place at a time; dropping the claim gives it to others.
pub(crate) struct Claim {
    studio: Arc<Studio>,
    id: TurnId,
}

impl Claim {
    pub(crate) fn take(studio: &Arc<Studio>, id: TurnId) -> Option<Self> {
        let is_free = posting(studio).insert(id);
        is_free.then(|| Self {
            studio: Arc::clone(studio),
            id,
        })
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        posting(&self.studio).remove(&self.id);
    }
}

fn posting(studio: &Studio) -> MutexGuard<'_, HashSet<TurnId>> {
    let posting = studio.posting.lock();
    posting.unwrap_or_else(PoisonError::into_inner)
}

/// Sends a turn that was never sent before.
pub(crate) async fn post_first(claim: &Claim, body: Bytes) -> Posted {
    post(claim, body, false).await
}

/// Sends a turn once, and a few times more when the server says the fault is its own. A turn that
/// `may_be_there` from an earlier try is never given back: sent again under another id, it would be
/// paid twice.
async fn post(claim: &Claim, body: Bytes, mut may_be_there: bool) -> Posted {
    let Claim { studio, id } = claim;
    let mut backoff = Backoff::new();
    for left in (0..FAULT_TRIES).rev() {
        let error = match studio.client.post_turn(body.clone()).await {
            Ok(record) => return accepted(studio, record).await,
            Err(error) => error,
        };
        if error.is_offline() {
            sync::ask_now(studio);
        }
        if error.is_final() && (!may_be_there || error.looked_the_turn_up()) {
            return Posted::Refused(error.into());
        }
        may_be_there |= !error.surely_not_done();
        match (may_be_there, error.is_a_servers_fault()) {
            (false, false) => return Posted::NotSent(error.into()),
            (false, true) if left == 0 => return Posted::Refused(error.into()),
            (true, false) => return Posted::Unknown,
            (_, true) => tokio::time::sleep(backoff.wait(id.uuid().as_u128())).await,
        }
    }
    Posted::Unknown
}

async fn accepted(studio: &Arc<Studio>, record: TurnRecord) -> Posted {
    let written = match convert::turn_row(&record) {
        Ok(row) => {
            studio
                .mirror
                .write(move |mirror| mirror.put_turn(&row))
                .await
        }
        Err(error) => Err(error),
    };
    if let Err(error) = written {
        // The history feed brings it again, and takes it out of the outbox.
        tracing::warn!(turn = %record.id, %error, "an accepted turn was not written yet");
    }
    if matches!(record.phase, TurnPhase::Running { .. } | TurnPhase::Sending) {
        live::follow(studio, live::view_of(record.clone()));
    }
    studio.emit_history(vec![record.conversation_id]);
    Posted::Accepted(Box::new(record))
}

/// Empties the outbox at start and whenever the server is back.
pub(crate) fn start(studio: &Arc<Studio>) {
    studio.tasks.start(run(Arc::clone(studio)));
}

async fn run(studio: Arc<Studio>) {
    let mut backoff = Backoff::new();
    loop {
        match send_all(&studio).await {
            Ok(()) => {
                backoff.reset();
                studio.outbox_bell.notified().await;
            }
            Err(error) => {
                tracing::info!(code = ?error.code, "unsent turns wait for the server");
                let random = studio.desk.host.mint_uuid().as_u128();
                let pause = backoff.wait(random).max(Duration::from_millis(500));
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = studio.outbox_bell.notified() => {}
                }
            }
        }
    }
}

/// Posts every waiting turn, oldest first. One whose fate is not known keeps back what follows it in
/// its conversation, and nothing else; a server that is not there ends the round.
async fn send_all(studio: &Arc<Studio>) -> Result<(), WireError> {
    let mut stuck = HashSet::new();
    for (turn_id, conversation) in studio.mirror.read(|mirror| mirror.waiting()).await? {
        if stuck.contains(&conversation) {
            continue;
        }
        match post_again(studio, turn_id).await? {
            Some(Posted::Accepted(_)) | None => {}
            Some(Posted::Refused(error)) => refuse(studio, turn_id, conversation, error).await?,
            Some(Posted::NotSent(error)) => return Err(error),
            Some(Posted::Unknown) => {
                stuck.insert(conversation);
            }
        }
    }
    if stuck.is_empty() {
        return Ok(());
    }
    let message = "whether a turn arrived is not known yet";
    Err(WireError::new(Code::ServerUnreachable, message))
}

/// Sends a turn of the outbox as it is now; `None` when it was taken back meanwhile. An earlier run
/// may have sent it.
async fn post_again(studio: &Arc<Studio>, id: TurnId) -> Result<Option<Posted>, WireError> {
    let Some(claim) = Claim::take(studio, id) else {
        return Ok(Some(Posted::Unknown));
    };
    let body = studio.mirror.read(move |mirror| mirror.waiting_post(id));
    match body.await? {
        Some(body) => Ok(Some(post(&claim, body.into(), true).await)),
        None => Ok(None),
    }
}

/// Gives up a turn that waits, because its person stopped it and the server has no such turn. Whether
/// it was given up.
pub(crate) async fn give_up(studio: &Arc<Studio>, id: TurnId) -> Result<bool, WireError> {
    let Some(_claim) = Claim::take(studio, id) else {
        return Ok(false);
    };
    let found = studio.mirror.read(move |mirror| {
        let waits = mirror.waiting_post(id)?.is_some();
        Ok(mirror.turn(id)?.filter(|_| waits))
    });
    let Some(turn) = found.await? else {
        return Ok(false);
    };
    let error = WireError::new(
        Code::Interrupted,
        "it was stopped before the server had it; nothing was charged",
    );
    refuse(studio, id, Some(turn.conversation_id), error).await?;
    Ok(true)
}

/// The person was away when the server refused, or stopped it: the turn stays where it is, marked, with
/// its text.
async fn refuse(
    studio: &Studio,
    id: TurnId,
    conversation: Option<ConversationId>,
    error: WireError,
) -> Result<(), WireError> {
    tracing::warn!(turn = %id, code = ?error.code, "an unsent turn is not sent any more");
    let phase = convert::json(&TurnPhase::Refused { error })?;
    studio
        .mirror
        .write(move |mirror| mirror.refuse_turn(id, &phase))
        .await?;
    studio.emit_history(conversation.into_iter().collect());
    Ok(())
}
