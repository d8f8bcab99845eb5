//! Orders: what a person with authority has the ledger do, with who, why, and who agreed.

use anyai_units::{Credits, MemberId, PoolId, UtcMillis};

use crate::chain::Canonical;
use crate::{
    Account, Balance, Digest, Entry, EntryKind, EnvelopeScope, GrantKind, PlanGrant, PlanTerms,
    SeqRange,
};

/// Corrections and gifts of more than this need a second person.
pub const TWO_PERSON_ABOVE: Credits = Credits::from_millicredits(10_000 * Credits::SCALE);
/// The most envelopes a pool has at a time.
pub const ENVELOPES_MAX: usize = 64;

/// Who wants it, and why. Every command that is not a turn's own carries one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The idempotency key within the pool: the same key with the same content is answered again,
    /// with other content refused. What it grants has it as its source.
    pub key: String,
    /// Who.
    pub actor: String,
    /// Why, in their words.
    pub reason: String,
    /// The second person, where two are needed.
    pub approved_by: Option<String>,
}

/// What is ordered of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Another plan.
    ChangePlan {
        /// The plan it gets.
        plan: PlanGrant,
        /// How the change works.
        terms: PlanTerms,
    },
    /// Credits besides the plan: bought, given, or an administrator's.
    Grant {
        /// What kind: a plan's grants and refunds are made by the ledger itself.
        kind: GrantKind,
        /// How much; above zero.
        amount: Credits,
        /// Lower is spent first. A plan's month has 100.
        priority: u32,
        /// When what is left expires; `None` for never.
        expires_at: Option<UtcMillis>,
    },
    /// A correction: more is granted, less is taken out of what is unused, last spent first.
    Adjust {
        /// How much; not zero.
        change: Credits,
        /// When what is left of a plus expires; `None` for never, and always for a minus.
        expires_at: Option<UtcMillis>,
    },
    /// Takes an entry back, whole or in part: a charge is refunded, a grant revoked as far as it is
    /// unused, what was revoked is granted again.
    Reverse {
        /// The entry.
        seq: u64,
        /// How much; `None` for all that was not reversed before.
        amount: Option<Credits>,
    },
    /// The payment for a bought grant went back: what is unused of it goes too.
    TakeBack {
        /// The grant's source.
        source: String,
        /// Why.
        cause: TakeBackCause,
    },
    /// Refuses new holds, or accepts them again. Open holds run to their end either way.
    SetFrozen {
        /// Whether new holds are refused.
        frozen: bool,
    },
    /// What a member may spend in a period. It takes a removed member in again.
    SetMember {
        /// Who.
        member: MemberId,
        /// The most; `None` for as much as the pool has.
        limit: Option<Credits>,
    },
    /// Nothing new is held or dispatched for a member.
    RemoveMember {
        /// Who.
        member: MemberId,
    },
    /// Makes a member an owner, who may order and agree to orders; its key is [`crate::owner_key`].
    MakeOwner {
        /// Who.
        member: MemberId,
    },
    /// An envelope around one member's or everybody's work. There is one of each member and scope:
    /// the same again changes its cap.
    SetEnvelope {
        /// Whose holds it is around; `None` for everybody's.
        member: Option<MemberId>,
        /// What it is around.
        scope: EnvelopeScope,
        /// The most that may be spent and held inside it.
        cap: Credits,
    },
    /// The envelope limits nothing any more.
    RemoveEnvelope {
        /// Its number.
        no: u64,
    },
}

/// Why a payment went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TakeBackCause {
    /// It is being refunded: as much as could be taken back.
    Refund,
    /// The bank took it all. If some of the grant is used or held, the pool is frozen.
    Chargeback,
}

impl TakeBackCause {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Refund => "refund",
            Self::Chargeback => "chargeback",
        }
    }
}

/// An order that was carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRecord {
    /// The pool.
    pub pool: PoolId,
    /// Who wanted it, and why.
    pub order: Order,
    /// Digest of what was ordered, without the order's own words.
    pub digest: Digest,
    /// The entries that carried it out. The first of them is of kind `order`, and its `detail` is
    /// [`OrderRecord::chained_digest`].
    pub entries: SeqRange,
}

impl OrderRecord {
    /// The digest of every word of the order and of what was ordered.
    #[must_use]
    pub fn chained_digest(&self) -> Digest {
        self.order.digest(self.digest)
    }
}

/// The answer to an order: where the pool stands, and what was written for the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    /// Where the pool stands now.
    pub balance: Balance,
    /// The order's entries; when it was carried out before, the ones of then.
    pub entries: Vec<Entry>,
}

impl Ordered {
    /// How much was taken back.
    #[must_use]
    pub fn revoked(&self) -> Credits {
        self.sum(|kind| kind == EntryKind::Revoke)
    }

    /// How much was granted or refunded.
    #[must_use]
    pub fn granted(&self) -> Credits {
        self.sum(|kind| matches!(kind, EntryKind::Grant | EntryKind::Refund))
    }

    /// The number of the envelope that was set or removed.
    #[must_use]
    pub fn envelope(&self) -> Option<u64> {
        self.entries.iter().find_map(|entry| match entry.credit {
            Account::Envelope(no) => Some(no),
            _ => None,
        })
    }

    fn sum(&self, is_counted: impl Fn(EntryKind) -> bool) -> Credits {
        let counted = self.entries.iter().filter(|entry| is_counted(entry.kind));
        let millicredits = counted.map(|entry| entry.amount.millicredits());
        Credits::from_millicredits(millicredits.fold(0, i64::saturating_add))
    }
}

impl Order {
    /// The digest the order's first entry carries; `terms` is the one of what is ordered.
    pub(crate) fn digest(&self, terms: Digest) -> Digest {
        let mut bytes = Canonical::begin("anyai.order.1");
        bytes.text(&self.key);
        bytes.text(&self.actor);
        bytes.text(&self.reason);
        bytes.optional(self.approved_by.as_ref(), |bytes, name| bytes.text(name));
        bytes.raw(&terms.0);
        bytes.digest()
    }

    /// Whether a second person agreed.
    pub(crate) fn is_approved(&self) -> bool {
        let second = self.approved_by.as_ref();
        second.is_some_and(|name| !name.is_empty() && *name != self.actor)
    }
}

impl Action {
    /// Digest of what is ordered of this pool.
    pub(crate) fn digest(&self, pool: PoolId) -> Digest {
        let mut bytes = Canonical::begin("anyai.action.1");
        bytes.raw(pool.uuid().as_bytes());
        bytes.text(self.name());
        match self {
            Self::ChangePlan { plan, terms } => {
                plan.write(&mut bytes);
                bytes.text(terms.as_str());
            }
            Self::Grant {
                kind,
                amount,
                priority,
                expires_at,
            } => {
                bytes.text(kind.as_str());
                bytes.credits(*amount);
                bytes.raw(&priority.to_be_bytes());
                bytes.instant(*expires_at);
            }
            Self::Adjust { change, expires_at } => {
                bytes.credits(*change);
                bytes.instant(*expires_at);
            }
            Self::Reverse { seq, amount } => {
                bytes.raw(&seq.to_be_bytes());
                bytes.optional(amount.as_ref(), |bytes, amount| bytes.credits(*amount));
            }
            Self::TakeBack { source, cause } => {
                bytes.text(source);
                bytes.text(cause.as_str());
            }
            Self::SetFrozen { frozen } => bytes.raw(&[u8::from(*frozen)]),
            Self::SetMember { member, limit } => {
                bytes.raw(member.uuid().as_bytes());
                bytes.optional(limit.as_ref(), |bytes, limit| bytes.credits(*limit));
            }
            Self::RemoveMember { member } | Self::MakeOwner { member } => {
                bytes.raw(member.uuid().as_bytes());
            }
            Self::SetEnvelope { member, scope, cap } => {
                bytes.optional(member.as_ref(), |bytes, member| {
                    bytes.raw(member.uuid().as_bytes());
                });
                scope.write(&mut bytes);
                bytes.credits(*cap);
            }
            Self::RemoveEnvelope { no } => bytes.raw(&no.to_be_bytes()),
        }
        bytes.digest()
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::ChangePlan { .. } => "change_plan",
            Self::Grant { .. } => "grant",
            Self::Adjust { .. } => "adjust",
            Self::Reverse { .. } => "reverse",
            Self::TakeBack { .. } => "take_back",
            Self::SetFrozen { .. } => "set_frozen",
            Self::SetMember { .. } => "set_member",
            Self::RemoveMember { .. } => "remove_member",
            Self::MakeOwner { .. } => "make_owner",
            Self::SetEnvelope { .. } => "set_envelope",
            Self::RemoveEnvelope { .. } => "remove_envelope",
        }
    }
}
