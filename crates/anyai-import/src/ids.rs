//! Ids made from another program's: the same export gives the same ids. They are shaped like version
//! 7, with the time first, so that imported turns lie among our own in the order they were asked.

use anyai_units::{AssetId, ConversationId, MemberId, TurnId, UtcMillis};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

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

/// An id of an export, as one member's: where it was in time and order, and no other member's.
pub(crate) fn of_member(id: Uuid, member: MemberId) -> Uuid {
    let member = member.uuid();
    let hash = hashed("member", &[member.as_bytes(), id.as_bytes()]);
    let mut bytes = id.into_bytes();
    bytes[10..].copy_from_slice(&hash[..6]);
    Uuid::from_bytes(bytes)
}

fn made_of(noun: &str, source: Source, ids: &[&str], at: UtcMillis) -> Uuid {
    let parts = [source.label()].into_iter().chain(ids.iter().copied());
    let parts: Vec<&[u8]> = parts.map(str::as_bytes).collect();
    of_parts(noun, &parts, at)
}

fn of_parts(noun: &str, parts: &[&[u8]], at: UtcMillis) -> Uuid {
    let mut random = [0; 10];
    random.copy_from_slice(&hashed(noun, parts)[..10]);
    let millis = u64::try_from(at.millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

fn hashed(noun: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in [b"anyai.import.1".as_slice(), noun.as_bytes()]
        .iter()
        .chain(parts)
    {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}
