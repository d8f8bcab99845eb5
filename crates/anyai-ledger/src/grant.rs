//! Grants: where a pool's credits came from, and how long they last.

use anyai_units::{Credits, PoolId, UtcMillis};

use crate::Digest;
use crate::chain::Canonical;

/// What kind of grant it is. The order is the order of spending between equal expiries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GrantKind {
    /// A plan's month.
    Plan,
    /// A gift with an end.
    Promo,
    /// Bought credits that outlive the month.
    TopUp,
    /// An administrator's correction upwards.
    Admin,
    /// Credits given back for an earlier turn.
    Refund,
}

impl GrantKind {
    /// The form that is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Promo => "promo",
            Self::TopUp => "topup",
            Self::Admin => "admin",
            Self::Refund => "refund",
        }
    }

    /// The kind with this stored form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [
            Self::Plan,
            Self::Promo,
            Self::TopUp,
            Self::Admin,
            Self::Refund,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == text)
    }
}

/// A grant as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The pool that received it.
    pub pool: PoolId,
    /// Its number within the pool: 1, 2, 3 in the order of granting.
    pub no: u64,
    /// The period in which it was granted.
    pub period: u32,
    /// What kind.
    pub kind: GrantKind,
    /// How much was granted.
    pub amount: Credits,
    /// Charged by settled holds.
    pub used: Credits,
    /// Held by open holds.
    pub held: Credits,
    /// Taken back unused.
    pub revoked: Credits,
    /// Expired unused.
    pub expired: Credits,
    /// Lower is spent first.
    pub priority: u32,
    /// When it was granted.
    pub effective_at: UtcMillis,
    /// When what is left expires; `None` for never.
    pub expires_at: Option<UtcMillis>,
    /// What it was granted for; unique, so that a repeated command finds its first answer.
    pub source: String,
}

impl Grant {
    /// What can still be held: `amount - used - held - revoked - expired`. `None` when the row
    /// contradicts itself.
    #[must_use]
    pub fn left(&self) -> Option<Credits> {
        let taken = [self.used, self.held, self.revoked, self.expired];
        let left = taken
            .into_iter()
            .try_fold(self.amount, Credits::checked_sub)?;
        (!left.is_negative()).then_some(left)
    }

    /// The digest its entry carries: what was granted, which nobody may change afterwards.
    #[must_use]
    pub fn terms_digest(&self) -> Digest {
        let mut bytes = Canonical::begin("anyai.grant.1");
        bytes.raw(self.pool.uuid().as_bytes());
        bytes.raw(&self.no.to_be_bytes());
        bytes.raw(&self.period.to_be_bytes());
        bytes.text(self.kind.as_str());
        bytes.credits(self.amount);
        bytes.raw(&self.priority.to_be_bytes());
        bytes.instant(Some(self.effective_at));
        bytes.instant(self.expires_at);
        bytes.text(&self.source);
        bytes.digest()
    }

    /// Whether it has expired at `at`.
    #[must_use]
    pub fn is_expired(&self, at: UtcMillis) -> bool {
        self.expires_at.is_some_and(|end| end <= at)
    }

    /// The order of spending: by priority, then what expires first, then the older.
    pub(crate) fn spending_order(&self) -> (u32, i64, u64) {
        (
            self.priority,
            self.expires_at.map_or(i64::MAX, UtcMillis::millis),
            self.no,
        )
    }
}

/// The part of a hold that one grant covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The grant's number within the hold's pool.
    pub grant: u64,
    /// How much of the ceiling it covers.
    pub amount: Credits,
    /// How much of that was charged.
    pub used: Credits,
}
