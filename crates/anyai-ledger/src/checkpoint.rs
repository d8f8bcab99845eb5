//! Checkpoints: a pool's head, signed by the studio server, so that a rewritten chain shows.

use anyai_units::{PoolId, UtcMillis};

use crate::chain::Canonical;
use crate::{Digest, Effect, Refusal, Store};

/// A signed head of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The pool.
    pub pool: PoolId,
    /// The entry it stands at.
    pub seq: u64,
    /// That entry's hash.
    pub hash: Digest,
    /// When it was signed.
    pub at: UtcMillis,
    /// The Ed25519 public key.
    pub key: [u8; 32],
    /// The Ed25519 signature of [`Checkpoint::signed_bytes`].
    pub signature: [u8; 64],
}

impl Checkpoint {
    /// What is signed: `anyai.checkpoint.1`, pool (16 bytes), seq (u64), hash (32), at (i64), all
    /// integers big endian.
    #[must_use]
    pub fn signed_bytes(pool: PoolId, seq: u64, hash: &Digest, at: UtcMillis) -> Vec<u8> {
        let mut bytes = Canonical::begin("anyai.checkpoint.1");
        bytes.raw(pool.uuid().as_bytes());
        bytes.raw(&seq.to_be_bytes());
        bytes.raw(&hash.0);
        bytes.raw(&at.millis().to_be_bytes());
        bytes.into_bytes()
    }
}

/// Stores a signed head. Whether the signature is right is for whoever holds the key to say.
///
/// # Errors
/// Refused when there is no such pool, it has no such entry, or that has another hash.
pub fn put_checkpoint<S: Store>(store: &mut S, checkpoint: Checkpoint) -> Result<(), S::Error> {
    let pool = checkpoint.pool;
    store.pool(pool)?.ok_or(Refusal::UnknownPool { pool })?;
    let entry = store.entry(pool, checkpoint.seq)?;
    if entry.is_none_or(|entry| entry.hash != checkpoint.hash) {
        return Err(Refusal::BooksDisagree { pool }.into());
    }
    store.apply(vec![Effect::PutCheckpoint(checkpoint)])
}
