//! How much a turn may cost: the least of what the pool has, the person's limit and the envelopes.

use anyai_ledger::{self as ledger, EnvelopeScope, RoomQuery, WorkKind};
use anyai_ledger_db::LedgerError;
use anyai_units::{ConversationId, Credits, MemberId, UtcMillis};
use anyai_wire::Bound;
use anyai_wire::admin::Room;

use crate::studio::Studio;

/// What work of this kind may cost this person, and what keeps it from costing more.
pub(crate) async fn room(
    studio: &Studio,
    member: MemberId,
    conversation: Option<ConversationId>,
    kind: WorkKind,
    now: UtcMillis,
) -> Result<Room, LedgerError> {
    let query = RoomQuery {
        pool: studio.identity.pool,
        member,
        conversation,
        kind,
    };
    let room = studio.ledger.room(query, now).await?;
    let bound = match room.bound {
        ledger::Bound::Pool => Bound::Pool,
        ledger::Bound::Member => Bound::Member,
        ledger::Bound::Envelope(no) => envelope(studio, no).await?,
        ledger::Bound::Frozen => Bound::Frozen,
        ledger::Bound::Removed => Bound::Removed,
    };
    Ok(Room {
        left: room.left,
        bound,
        resets_at: room.resets_at,
    })
}

/// The room of a turn whose bill no stop ends: it may cost what its person said.
pub(crate) fn within(room: Room, stop_at: Option<Credits>) -> Room {
    match stop_at {
        Some(limit) if limit < room.left => Room {
            left: limit,
            bound: Bound::StopAt,
            resets_at: None,
        },
        _ => room,
    }
}

async fn envelope(studio: &Studio, no: u64) -> Result<Bound, LedgerError> {
    let envelopes = studio.ledger.envelopes(studio.identity.pool).await?;
    let found = envelopes.iter().find(|envelope| envelope.no == no);
    Ok(match found.map(|envelope| envelope.scope) {
        Some(EnvelopeScope::Day { .. }) => Bound::DayEnvelope,
        Some(EnvelopeScope::Conversation(_)) => Bound::ConversationEnvelope,
        Some(EnvelopeScope::Modality(_)) | None => Bound::WorkEnvelope,
    })
}
