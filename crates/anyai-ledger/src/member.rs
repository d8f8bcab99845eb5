//! Members: people who share a pool, each under a limit of their own.

use anyai_units::{Credits, MemberId, PoolId};

use crate::Digest;
use crate::chain::Canonical;

/// What a pool's administrator set for one member. A member without a row may spend what the pool has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The pool they spend from.
    pub pool: PoolId,
    /// Who.
    pub member: MemberId,
    /// The most they may spend and hold in a period; `None` for as much as the pool has. It may be
    /// set below what is spent already: then nothing more is held for them.
    pub limit: Option<Credits>,
    /// Whether they were taken out of the pool: nothing new is held or dispatched for them.
    pub is_removed: bool,
}

impl Member {
    /// The digest its `member` entry carries.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut bytes = Canonical::begin("anyai.member.1");
        bytes.raw(self.pool.uuid().as_bytes());
        bytes.raw(self.member.uuid().as_bytes());
        bytes.optional(self.limit.as_ref(), |bytes, limit| {
            bytes.credits(*limit);
        });
        bytes.raw(&[u8::from(self.is_removed)]);
        bytes.digest()
    }
}

/// What a member spent and has held in one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberUse {
    /// The pool.
    pub pool: PoolId,
    /// Who.
    pub member: MemberId,
    /// The period's number.
    pub period: u32,
    /// Charged by their settled holds.
    pub posted: Credits,
    /// The ceilings of their open holds.
    pub pending: Credits,
}

/// Differences to a member's sums in a period. The row is made with the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberMove {
    /// The pool.
    pub pool: PoolId,
    /// Who.
    pub member: MemberId,
    /// The period's number.
    pub period: u32,
    /// To `posted`.
    pub posted: Credits,
    /// To `pending`.
    pub pending: Credits,
    /// What of `posted` asks no limit, as nobody holds it anew: a refund that is taken back, and what was
    /// spent before there was an envelope.
    pub unasked: Credits,
}
