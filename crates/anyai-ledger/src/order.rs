//! Orders: what a person with authority has the ledger do, with who, why, and who agreed.

use anyai_units::PoolId;

use crate::chain::Canonical;
use crate::{Digest, SeqRange};

/// Who wants it, and why. Every command that is not a turn's own carries one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The idempotency key within the pool: the same key with the same content is answered again,
    /// with other content refused.
    pub key: String,
    /// Who.
    pub actor: String,
    /// Why, in their words.
    pub reason: String,
    /// The second person, where two are needed.
    pub approved_by: Option<String>,
}

/// An order that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRecord {
    /// The pool.
    pub pool: PoolId,
    /// Who wanted it, and why.
    pub order: Order,
    /// Digest of what was ordered; see [`Order::digest`].
    pub digest: Digest,
    /// The entries that carried it out; the first of them carries the digest as its `detail`.
    pub entries: SeqRange,
}

impl Order {
    /// The digest of the order and of the command it belongs to, whose own terms `write` adds.
    pub(crate) fn digest(&self, what: &str, write: impl FnOnce(&mut Canonical)) -> Digest {
        let mut bytes = Canonical::begin("anyai.order.1");
        bytes.text(&self.key);
        bytes.text(&self.actor);
        bytes.text(&self.reason);
        bytes.optional(self.approved_by.as_ref(), |bytes, name| bytes.text(name));
        bytes.text(what);
        write(&mut bytes);
        bytes.digest()
    }
}
