//! Ids made from another program's: the same export gives the same ids. They are shaped like version
//! 7, with the time first, so that imported turns lie among our own in the order they were asked.

use anyai_units::{ConversationId, TurnId, UtcMillis};
use sha2::{Digest, Sha256};
use uuid::Builder;

use crate::thread::Source;

pub(crate) fn conversation(source: Source, id: &str, at: UtcMillis) -> ConversationId {
    ConversationId::from_uuid(made_of("conversation", source, &[id], at))
}

pub(crate) fn turn(source: Source, ids: &[&str], at: UtcMillis) -> TurnId {
    TurnId::from_uuid(made_of("turn", source, ids, at))
}

fn made_of(noun: &str, source: Source, ids: &[&str], at: UtcMillis) -> uuid::Uuid {
    let mut hasher = Sha256::new();
    for part in ["anyai.import.1", noun, source.label()].iter().chain(ids) {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    let mut random = [0; 10];
    random.copy_from_slice(&hasher.finalize()[..10]);
    let millis = u64::try_from(at.millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}
