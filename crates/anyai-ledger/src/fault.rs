//! What an audit names: the first row or entry that lies, and in what.

use anyai_units::{HoldId, MemberId};

use crate::chain::ChainFault;

/// The first thing that does not follow from the entries.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuditFault {
    /// The chain is broken.
    #[error(transparent)]
    Chain(#[from] ChainFault),
    /// An entry is chained correctly and says something that cannot be.
    #[error("entry {seq} {what}")]
    Entry {
        /// The entry.
        seq: u64,
        /// What cannot be.
        what: &'static str,
    },
    /// The pool's row says something else than its entries.
    #[error("the pool's {what} is not what its entries come to")]
    Pool {
        /// Which field.
        what: &'static str,
    },
    /// A period's row says something else than the entries.
    #[error("period {no}: {what} is not what the entries come to")]
    Period {
        /// The period's number.
        no: u32,
        /// Which field.
        what: &'static str,
    },
    /// A grant's row says something else than the entries and the holds.
    #[error("grant {no}: {what} is not what the entries and holds come to")]
    Grant {
        /// The grant's number.
        no: u64,
        /// Which field.
        what: &'static str,
    },
    /// A hold's row says something else than its entries.
    #[error("hold {hold}: {what} is not what its entries say")]
    Hold {
        /// The hold.
        hold: HoldId,
        /// Which field.
        what: &'static str,
    },
    /// What is set for a member is not what was ordered last, or their sums are not their holds'.
    #[error("member {member}: {what} is not what the entries and holds come to")]
    Member {
        /// Who.
        member: MemberId,
        /// Which field.
        what: &'static str,
    },
    /// An envelope is not what was ordered last, or its sums are not its holds'.
    #[error("envelope {no}: {what} is not what the entries and holds come to")]
    Envelope {
        /// The envelope's number.
        no: u64,
        /// Which field.
        what: &'static str,
    },
    /// An order's row says something else than its entries.
    #[error("the order at entry {seq}: {what} is not what its entries say")]
    Order {
        /// The order's first entry.
        seq: u64,
        /// Which field.
        what: &'static str,
    },
}

impl AuditFault {
    /// The entry that lies, when it is an entry.
    #[must_use]
    pub const fn seq(&self) -> Option<u64> {
        match self {
            Self::Chain(fault) => Some(fault.seq()),
            Self::Entry { seq, .. } => Some(*seq),
            Self::Pool { .. }
            | Self::Period { .. }
            | Self::Grant { .. }
            | Self::Hold { .. }
            | Self::Member { .. }
            | Self::Envelope { .. }
            | Self::Order { .. } => None,
        }
    }
}
