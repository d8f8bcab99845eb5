//! Entries: what the ledger remembers for ever.

use std::fmt;
use std::str::FromStr;

use anyai_units::{Credits, HoldId, PoolId, UtcMillis};

use crate::Account;

/// A SHA-256 digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Digest(pub [u8; 32]);

/// Lower-case hexadecimal, the form a statement carries.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

macro_rules! entry_kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// Why credits moved.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EntryKind { $($(#[$doc])* $name,)* }

        impl EntryKind {
            /// The form that is stored and hashed.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }

        impl FromStr for EntryKind {
            type Err = ParseEntryKindError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($text => Ok(Self::$name),)* _ => Err(ParseEntryKindError) }
            }
        }
    };
}

entry_kinds! {
    /// `house_grants -> available:N`: a plan's month, a top-up, a gift.
    Grant = "grant";
    /// `house_revenue -> available:N`: a charge given back, as a grant of its own.
    Refund = "refund";
    /// `available:N -> house_grants`: unused credits taken back.
    Revoke = "revoke";
    /// `available:N -> house_breakage`, or `held:N -> house_breakage` when a hold of a past period
    /// returns credits whose grant has expired.
    Expire = "expire";
    /// `available:N -> available:M`, or `held:N -> available:M`: credits of a grant that outlives
    /// its period move into the current one.
    Carry = "carry";
    /// `available:N -> held:N`: the ceiling of a turn.
    Hold = "hold";
    /// `held:N -> house_revenue`: what the turn cost, at most its ceiling.
    Settle = "settle";
    /// `held:N -> available:N`: what a settled turn did not need.
    Release = "release";
    /// `held:N -> available:N`: everything back, nothing charged.
    Void = "void";
    /// `house_overrun -> house_revenue`: what a provider reported above the ceiling.
    Overrun = "overrun";
    /// `available:N -> available:N`, amount zero: new holds are refused from here.
    Freeze = "freeze";
    /// `available:N -> available:N`, amount zero: holds are accepted again.
    Thaw = "thaw";
    /// `available:N -> available:N`, amount zero: the plan of period N and of the next. It opens
    /// the period when it is the first of its number.
    Plan = "plan";
    /// `available:N -> available:N`, amount zero: an order begins; the command's other entries
    /// carry it out.
    Order = "order";
    /// `member:ID -> member:ID`, amount zero: what is set for a member.
    Member = "member";
    /// `envelope:N -> envelope:N`: an envelope is set or removed. The amount is what was spent in
    /// its running window before there was one.
    Envelope = "envelope";
}

/// The text names no kind of entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of ledger entry")]
pub struct ParseEntryKindError;

impl fmt::Display for EntryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One movement of credits. Entries are never changed or removed; a correction is a new entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The pool whose chain this is.
    pub pool: PoolId,
    /// The position in the pool's chain: 1, 2, 3, without gaps. It is the change feed's cursor.
    pub seq: u64,
    /// The first `seq` of the command that wrote this entry: entries of one command share it.
    pub tx: u64,
    /// The account that gives.
    pub debit: Account,
    /// The account that receives.
    pub credit: Account,
    /// How much moved; never negative. Zero where the fact matters and the amount does not.
    pub amount: Credits,
    /// Why.
    pub kind: EntryKind,
    /// The hold it belongs to: also of what gives a part of its charge back, takes that back, and so on.
    pub hold: Option<HoldId>,
    /// The entry this one takes back.
    pub reverses: Option<u64>,
    /// Digest of what the entry stands for: a hold's terms, a settlement's report.
    pub detail: Option<Digest>,
    /// Who did it: a member's id, `ledger` for what time does, or an administrator.
    pub actor: String,
    /// The grant's source, the reason of a void, an order's words.
    pub reason: Option<String>,
    /// When, by the server's clock; never before the entry before it.
    pub at: UtcMillis,
    /// The hash of the entry before, or the pool's epoch for the first.
    pub prev_hash: Digest,
    /// The hash of this entry.
    pub hash: Digest,
}

/// The entries of one command, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeqRange {
    /// The first entry's `seq`.
    pub first: u64,
    /// The last entry's `seq`.
    pub last: u64,
}
