//! Signed heads: whoever rewrites a chain, hashes and all, cannot sign it again.

use std::fmt;

use anyai_ledger::{Checkpoint, Command};
use anyai_units::{PoolId, UtcMillis};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use crate::{Ledger, LedgerError};

/// The Ed25519 key a studio signs its ledger's heads with. It never prints itself, and is wiped from
/// memory when it is dropped.
#[derive(Clone)]
pub struct CheckpointKey(SigningKey);

impl fmt::Debug for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckpointKey").finish_non_exhaustive()
    }
}

impl CheckpointKey {
    /// The key made from 32 secret random bytes.
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// The public half, for whoever verifies.
    #[must_use]
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }
}

/// When a head is due to be signed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckpointPolicy {
    /// After this many entries.
    pub entries: u64,
    /// Or after this time, when there is any new entry.
    pub interval_ms: i64,
}

impl Default for CheckpointPolicy {
    fn default() -> Self {
        Self {
            entries: 1_000,
            interval_ms: 60 * 60 * 1_000,
        }
    }
}

impl CheckpointPolicy {
    /// Whether the head at `head_seq` is due, `last` being the pool's newest checkpoint.
    #[must_use]
    pub fn is_due(&self, last: Option<&Checkpoint>, head_seq: u64, now: UtcMillis) -> bool {
        let Some(last) = last else {
            return head_seq > 0;
        };
        let moved = head_seq.saturating_sub(last.seq);
        let is_old = now >= last.at.plus_millis(self.interval_ms);
        moved > 0 && (moved >= self.entries || is_old)
    }
}

impl Ledger {
    /// Signs the pool's head, or finds that it is signed already. Every pool has one: its plan is its first
    /// entry.
    ///
    /// # Errors
    /// Refused when there is no such pool.
    pub async fn checkpoint(
        &self,
        pool: PoolId,
        key: &CheckpointKey,
        now: UtcMillis,
    ) -> Result<Checkpoint, LedgerError> {
        let head = self
            .reads
            .read(move |reader| anyai_ledger::standing(reader, pool))
            .await?;
        let (seq, hash) = (head.head_seq, head.head_hash);
        if let Some(signed) = self.checkpoint_at(pool, seq).await? {
            return Ok(signed);
        }
        let bytes = Checkpoint::signed_bytes(pool, seq, &hash, now);
        let checkpoint = Checkpoint {
            pool,
            seq,
            hash,
            at: now,
            key: key.public(),
            signature: key.0.sign(&bytes).to_bytes(),
        };
        match self.engine.run(Command::Checkpoint(checkpoint), now).await {
            Ok(_) => Ok(checkpoint),
            // Another program signed the same head first.
            Err(error) => self.checkpoint_at(pool, seq).await?.ok_or(error),
        }
    }

    /// The pool's checkpoints, from the first.
    ///
    /// # Errors
    /// Only when the ledger cannot be read.
    pub async fn checkpoints(&self, pool: PoolId) -> Result<Vec<Checkpoint>, LedgerError> {
        self.reads
            .read(move |reader| reader.checkpoints(pool))
            .await
    }

    async fn checkpoint_at(
        &self,
        pool: PoolId,
        seq: u64,
    ) -> Result<Option<Checkpoint>, LedgerError> {
        let all = self.checkpoints(pool).await?;
        Ok(all.into_iter().find(|checkpoint| checkpoint.seq == seq))
    }
}

/// What is wrong with a checkpoint's signature; it has to be of one of the `expected` keys, if any are
/// known.
pub(crate) fn signature_problem(
    checkpoint: &Checkpoint,
    expected: &[[u8; 32]],
) -> Option<&'static str> {
    if !expected.is_empty() && !expected.contains(&checkpoint.key) {
        return Some("is signed with another key");
    }
    let Checkpoint { pool, seq, at, .. } = *checkpoint;
    let bytes = Checkpoint::signed_bytes(pool, seq, &checkpoint.hash, at);
    let signature = Signature::from_bytes(&checkpoint.signature);
    let verified = VerifyingKey::from_bytes(&checkpoint.key)
        .and_then(|key| key.verify_strict(&bytes, &signature));
    verified.err().map(|_| "is not signed with its key")
}
