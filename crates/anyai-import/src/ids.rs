//! Ids made from another program's: the same export gives the same ids. They are shaped like version
//! 7, with the time first, so that imported turns lie among our own in the order they were asked.

use anyai_units::{AssetId, ConversationId, MemberId, TurnId, UtcMillis};
use sha2::{Digest, Sha256};
use uuid::Builder;

use crate::thread::Source;

pub(crate) fn conversation(source: Source, id: &str, at: UtcMillis) -> ConversationId {
    ConversationId::from_uuid(made_of("conversation", source, &[id], at))
}

pub(crate) fn turn(source: Source, ids: &[&str], at: UtcMillis) -> TurnId {
    TurnId::from_uuid(made_of("turn", source, ids, at))
}

/// The id of a file of a turn: another file in the same place has another.
#[must_use]
pub fn file_id(turn: TurnId, place: usize, bytes: &[u8], at: UtcMillis) -> AssetId {
    let place = (place as u64).to_be_bytes();
    let turn = turn.uuid();
    let parts = [turn.as_bytes().as_slice(), &place, bytes];
    AssetId::from_uuid(of_parts("file", &parts, at))
}

/// An id of an export, as one member's: at the same time, and no other member's.
pub(crate) fn of_member(id: uuid::Uuid, member: MemberId) -> uuid::Uuid {
    let member = member.uuid();
    let parts = [member.as_bytes().as_slice(), id.as_bytes()];
    let [time @ .., _, _, _, _, _, _, _, _, _, _] = id.into_bytes();
    let mut millis = [0; 8];
    millis[2..].copy_from_slice(&time);
    shaped("member", &parts, u64::from_be_bytes(millis))
}

fn made_of(noun: &str, source: Source, ids: &[&str], at: UtcMillis) -> uuid::Uuid {
    let parts = [source.label()].into_iter().chain(ids.iter().copied());
    let parts: Vec<&[u8]> = parts.map(str::as_bytes).collect();
    of_parts(noun, &parts, at)
}

fn of_parts(noun: &str, parts: &[&[u8]], at: UtcMillis) -> uuid::Uuid {
    shaped(noun, parts, u64::try_from(at.millis()).unwrap_or(0))
}

fn shaped(noun: &str, parts: &[&[u8]], millis: u64) -> uuid::Uuid {
    let mut hasher = Sha256::new();
    for part in [b"anyai.import.1".as_slice(), noun.as_bytes()]
        .iter()
        .chain(parts)
    {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let mut random = [0; 10];
    random.copy_from_slice(&hasher.finalize()[..10]);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
