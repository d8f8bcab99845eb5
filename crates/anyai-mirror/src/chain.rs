//! The ledger's hash chain over plain fields. The byte form is the ledger's own (its `chain`
//! module has the table); it is written out again here because the desktop's copy must not
//! depend on the ledger that it checks.

use anyai_units::PoolId;
use sha2::{Digest, Sha256};

use crate::rows::EntryRow;

const LABEL: &[u8] = b"anyai.entry.1";

type Hash = [u8; 32];

/// Whether the entry's hash is that of its own contents, chained to the hash before.
pub(crate) fn is_intact(pool: PoolId, entry: &EntryRow) -> bool {
    let (Some(previous), Some(claimed)) = (hash(&entry.previous_hash), hash(&entry.hash)) else {
        return false;
    };
    canonical(pool, entry).is_some_and(|bytes| {
        let mut hasher = Sha256::new();
        hasher.update(previous);
        hasher.update(bytes);
        Hash::from(hasher.finalize()) == claimed
    })
}

/// Whether the text is a digest in the one spelling that is stored.
pub(crate) fn is_hash(text: &str) -> bool {
    hash(text).is_some()
}

fn canonical(pool: PoolId, entry: &EntryRow) -> Option<Vec<u8>> {
    let mut bytes = LABEL.to_vec();
    bytes.extend(pool.uuid().as_bytes());
    bytes.extend(entry.sequence.to_be_bytes());
    bytes.extend(entry.tx.to_be_bytes());
    text(&mut bytes, &entry.debit)?;
    text(&mut bytes, &entry.credit)?;
    bytes.extend(entry.amount.millicredits().to_be_bytes());
    text(&mut bytes, &entry.kind)?;
    optional(
        &mut bytes,
        entry.hold_id.as_ref().map(|id| id.uuid().into_bytes()),
    );
    optional(&mut bytes, entry.reverses.map(u64::to_be_bytes));
    let detail = match &entry.detail {
        Some(text) => Some(hash(text)?),
        None => None,
    };
    optional(&mut bytes, detail);
    text(&mut bytes, &entry.actor)?;
    bytes.push(u8::from(entry.reason.is_some()));
    if let Some(reason) = &entry.reason {
        text(&mut bytes, reason)?;
    }
    bytes.extend(entry.at.millis().to_be_bytes());
    Some(bytes)
}

/// Its length as a u32, then its bytes.
fn text(bytes: &mut Vec<u8>, text: &str) -> Option<()> {
    bytes.extend(u32::try_from(text.len()).ok()?.to_be_bytes());
    bytes.extend(text.as_bytes());
    Some(())
}

/// One byte, 0 when absent, or 1 followed by the field.
fn optional<const N: usize>(bytes: &mut Vec<u8>, field: Option<[u8; N]>) {
    bytes.push(u8::from(field.is_some()));
    bytes.extend(field.into_iter().flatten());
}

/// Exactly 64 lower-case hexadecimal digits: two spellings of one hash would compare unequal.
fn hash(text: &str) -> Option<Hash> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut hash = Hash::default();
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let [high, low] = pair else { return None };
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(hash)
}

const fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}
