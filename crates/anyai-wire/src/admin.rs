//! What people with authority order of a pool, and what the server tells them of it.
//!
//! These cross the app-to-server seam only: the command line uses them, the window does not yet.

use anyai_units::{ConversationId, Credits, MemberId, PoolId, UtcMillis};
use serde::{Deserialize, Serialize};

use crate::Balance;
use crate::api::LedgerEntry;

/// The header with a second owner's token, for orders that one person may not give alone.
pub const APPROVAL_HEADER: &str = "anyai-approval";

/// Orders something of the pool. The same key with the same content is answered again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderPost {
    /// The idempotency key. What is granted has it as its source.
    pub key: String,
    /// Why; it stays in the ledger for ever.
    pub reason: String,
    /// What is ordered.
    pub action: OrderAction,
}

/// What may be ordered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OrderAction {
    /// Credits besides the plan.
    Grant {
        /// What kind.
        grant: GrantKind,
        /// How much; above zero.
        amount: Credits,
        /// When what is left expires; `None` for never.
        expires_at: Option<UtcMillis>,
    },
    /// A correction; less is taken out of what is unused.
    Adjust {
        /// How much; not zero.
        change: Credits,
        /// When what is left of a plus expires.
        expires_at: Option<UtcMillis>,
    },
    /// Takes an entry back.
    Reverse {
        /// The entry.
        sequence: u64,
        /// How much; `None` for all that was not reversed before.
        amount: Option<Credits>,
    },
    /// The payment for a bought grant went back.
    TakeBack {
        /// The key of the order that granted it.
        source: String,
        /// Why.
        cause: TakeBackCause,
    },
    /// Refuses new turns, or accepts them again.
    SetFrozen {
        /// Whether new turns are refused.
        frozen: bool,
    },
    /// Another plan.
    ChangePlan {
        /// Catalogue id of the plan.
        plan_id: String,
        /// How the change works.
        terms: PlanTerms,
    },
    /// What a member may spend in a period. It takes a removed member in again.
    SetMember {
        /// Who.
        member_id: MemberId,
        /// The most; `None` for as much as the pool has.
        limit: Option<Credits>,
    },
    /// Takes a member out: nothing new is sent for them, and their tokens are refused.
    RemoveMember {
        /// Who.
        member_id: MemberId,
    },
    /// A limit inside the pool. A member may set their own; only an owner sets everybody's.
    SetEnvelope {
        /// Whose; `None` for everybody's.
        member_id: Option<MemberId>,
        /// What it is around.
        scope: EnvelopeScope,
        /// The most that may be spent and held inside it.
        cap: Credits,
    },
    /// The envelope limits nothing any more.
    RemoveEnvelope {
        /// Its number.
        envelope: u64,
    },
}

/// What kind of credits are granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantKind {
    /// Bought; it outlives the month.
    Topup,
    /// A gift with an end.
    Promo,
}

/// Why a payment went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TakeBackCause {
    /// It is being refunded.
    Refund,
    /// The bank took it. If some of it is spent, the pool is frozen.
    Chargeback,
}

/// How a change of plan works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanTerms {
    /// At once in both directions.
    Budget,
    /// More at once for the rest of the month; less with the next.
    Subscription,
}

/// What an envelope is around.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum EnvelopeScope {
    /// Each day.
    Day {
        /// Minutes the day's clock is ahead of UTC.
        utc_offset_minutes: i16,
    },
    /// One conversation.
    Conversation {
        /// Which.
        conversation_id: ConversationId,
    },
    /// One kind of work, in each period.
    Modality {
        /// `chat`, `image` or `video`.
        work: String,
    },
}

/// An order that was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderDone {
    /// What the order granted or refunded.
    pub granted: Credits,
    /// What it took back.
    pub revoked: Credits,
    /// The envelope it set or removed.
    pub envelope: Option<u64>,
    /// The entries it wrote, then or now.
    pub entries: Vec<LedgerEntry>,
    /// Where the pool stands now.
    pub balance: Balance,
}

/// The envelopes that bind whoever asks: an owner is told of all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelopes {
    /// By number, which is by age.
    pub envelopes: Vec<EnvelopeView>,
}

/// A limit inside the pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvelopeView {
    /// Its number.
    pub envelope: u64,
    /// Whose; `None` for everybody's.
    pub member_id: Option<MemberId>,
    /// What it is around.
    pub scope: EnvelopeScope,
    /// The most that may be spent and held inside it.
    pub cap: Credits,
}

/// The orders that were carried out, from the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orders {
    /// Each with who and why.
    pub orders: Vec<OrderView>,
}

/// An order as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    /// Its idempotency key.
    pub key: String,
    /// Who wanted it: a member's id.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// The second person, where there was one.
    pub approved_by: Option<String>,
    /// The first of its entries.
    pub first_sequence: u64,
    /// The last of them.
    pub last_sequence: u64,
}

/// Makes a member with a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberMint {
    /// For one that is known already, another token.
    pub member_id: Option<MemberId>,
    /// Whether the token may set keys, members and the plan. To make another owner is an order: where
    /// there are two already, one of them has to agree ([`APPROVAL_HEADER`]).
    pub owner: bool,
    /// Why, where another owner is made; it stays in the ledger for ever.
    #[serde(default)]
    pub reason: String,
}

/// A member's new token. It is shown this once.
#[derive(Clone, Serialize, Deserialize)]
pub struct MemberMinted {
    /// Who.
    pub member_id: MemberId,
    /// What they sign in with.
    pub token: String,
}

impl std::fmt::Debug for MemberMinted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemberMinted({}, <redacted>)", self.member_id)
    }
}

/// Who may come in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Members {
    /// By id, which is by age.
    pub members: Vec<MemberView>,
}

/// One member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    /// Who.
    pub member_id: MemberId,
    /// How many tokens of theirs this server takes.
    pub tokens: u32,
    /// Whether one of them is an owner's.
    pub owner: bool,
    /// What they may still spend: of the pool, of their limit and of their envelopes for chats.
    pub room: Room,
}

/// What a turn could cost at most, and what keeps it from costing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// How much.
    pub left: Credits,
    /// What binds.
    pub bound: crate::Bound,
    /// When the limit that binds begins anew; `None` for not by itself.
    pub resets_at: Option<UtcMillis>,
}

/// The heads that are signed. Servers that share a ledger each sign with a key of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoints {
    /// The pool.
    pub pool_id: PoolId,
    /// This server's Ed25519 public key, hex: keep every server's, and give them all to
    /// `anyai ledger verify --key`.
    pub public_key: String,
    /// The heads, from the first.
    pub checkpoints: Vec<CheckpointView>,
}

/// One signed head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointView {
    /// The entry it stands at.
    pub sequence: u64,
    /// That entry's hash, hex.
    pub hash: String,
    /// When it was signed.
    pub at: UtcMillis,
    /// The key it was signed with, hex.
    pub key: String,
    /// The signature, hex.
    pub signature: String,
}
