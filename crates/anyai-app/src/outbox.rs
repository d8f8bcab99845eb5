//! Turns on their way to the server. A turn is on disk before it is sent; it is sent until the
//! server has said what became of it, always with the same id and the same bytes.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use anyai_mirror::OutboxRow;
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

/// A turn is posted from one place at a time; dropping the claim gives it up.
struct Claim<'a> {
    studio: &'a Studio,
    id: TurnId,
}

impl<'a> Claim<'a> {
    fn take(studio: &'a Studio, id: TurnId) -> Option<Self> {
        let mut posting = studio
            .posting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        posting.insert(id).then_some(Self { studio, id })
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut posting = self
            .studio
            .posting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        posting.remove(&self.id);
    }
}

/// Sends a stored turn once, and a few times more when the server says the fault is its own.
pub(crate) async fn post(studio: &Arc<Studio>, id: TurnId, body: Bytes) -> Posted {
    let Some(_claim) = Claim::take(studio, id) else {
        return Posted::Unknown;
    };
    let mut backoff = Backoff::new();
    for left in (0..FAULT_TRIES).rev() {
        match studio.client.post_turn(body.clone()).await {
            Ok(record) => return accepted(studio, record).await,
            Err(error) => {
                if error.is_offline() {
                    sync::ask_now(studio);
                }
                if error.is_final() {
                    return Posted::Refused(error.into());
                }
                let nothing_done = error.surely_not_done();
                if !error.is_a_servers_fault() {
                    return match nothing_done {
                        true => Posted::NotSent(error.into()),
                        false => Posted::Unknown,
                    };
                }
                // A turn that may have been accepted is never given back: sent again under another
                // id, it would be paid twice.
                if left == 0 && nothing_done {
                    return Posted::Refused(error.into());
                }
            }
        }
        tokio::time::sleep(backoff.wait(id.uuid().as_u128())).await;
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

/// Posts every waiting turn, oldest first; the first that cannot be sent ends the round.
async fn send_all(studio: &Arc<Studio>) -> Result<(), WireError> {
    for row in studio.mirror.read(|mirror| mirror.outbox()).await? {
        let OutboxRow { turn_id, body, .. } = row;
        let conversation = conversation_of(studio, turn_id).await?;
        match post(studio, turn_id, body.into()).await {
            Posted::Accepted(_) => {}
            Posted::Refused(error) => refuse(studio, turn_id, conversation, error).await?,
            Posted::NotSent(error) => return Err(error),
            Posted::Unknown => {
                let message = "whether a turn arrived is not known yet";
                return Err(WireError::new(Code::ServerUnreachable, message));
            }
        }
    }
    Ok(())
}

async fn conversation_of(studio: &Studio, id: TurnId) -> Result<Option<ConversationId>, WireError> {
    let turn = studio.mirror.read(move |mirror| mirror.turn(id)).await?;
    Ok(turn.map(|turn| turn.conversation_id))
}

/// The person was away when the server refused: the turn stays where it is, marked, with its text.
async fn refuse(
    studio: &Studio,
    id: TurnId,
    conversation: Option<ConversationId>,
    error: WireError,
) -> Result<(), WireError> {
    tracing::warn!(turn = %id, code = ?error.code, "an unsent turn was refused");
    let phase = convert::json(&TurnPhase::Refused { error })?;
    studio
        .mirror
        .write(move |mirror| mirror.refuse_turn(id, &phase))
        .await?;
    studio.emit_history(conversation.into_iter().collect());
    Ok(())
}
