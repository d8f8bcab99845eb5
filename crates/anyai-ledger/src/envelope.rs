//! Envelopes: limits people set themselves inside a pool. An envelope can only lower what may be
//! spent, never raise it.

use anyai_units::{ConversationId, Credits, MemberId, PoolId, UtcMillis};

use crate::chain::Canonical;
use crate::{Digest, HoldRecord, PeriodBounds, WorkKind};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
const MINUTE_MS: i64 = 60 * 1_000;
/// The furthest a place's clock is from UTC.
const OFFSET_MINUTES_MAX: i16 = 14 * 60;

/// What an envelope is around.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EnvelopeScope {
    /// Each day of a clock that is this many minutes ahead of UTC. The offset is fixed: a person
    /// whose clock changes sets the envelope again.
    Day {
        /// Minutes ahead of UTC, -840 to 840.
        utc_offset_minutes: i16,
    },
    /// One conversation, for as long as it lives.
    Conversation(ConversationId),
    /// One kind of work, in each period.
    Modality(WorkKind),
}

/// An envelope as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The pool it lies in.
    pub pool: PoolId,
    /// Its number within the pool: 1, 2, 3.
    pub no: u64,
    /// Whose holds it is around; `None` for everybody's.
    pub member: Option<MemberId>,
    /// What it is around.
    pub scope: EnvelopeScope,
    /// The most that may be spent and held inside it.
    pub cap: Credits,
    /// Whether it was taken away again.
    pub is_removed: bool,
}

/// What was spent and is held inside an envelope, in one of its windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvelopeUse {
    /// The pool.
    pub pool: PoolId,
    /// The envelope's number.
    pub envelope: u64,
    /// Which day or period; 0 for a conversation.
    pub window: i64,
    /// Charged by settled holds.
    pub posted: Credits,
    /// The ceilings of open holds.
    pub pending: Credits,
}

/// Differences to an envelope's sums in a window. The row is made with the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvelopeMove {
    /// The pool.
    pub pool: PoolId,
    /// The envelope's number.
    pub envelope: u64,
    /// Which day or period.
    pub window: i64,
    /// To `posted`.
    pub posted: Credits,
    /// To `pending`.
    pub pending: Credits,
    /// What of `posted` asks no limit, as nobody holds it anew: a refund that is taken back, and what was
    /// spent before there was an envelope.
    pub unasked: Credits,
}

/// An envelope's window that a hold counts in, from its placing to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnvelopeShare {
    /// The envelope's number.
    pub envelope: u64,
    /// The window.
    pub window: i64,
}

/// The holds an envelope is around in one of its windows: for what was spent before it was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpendQuery {
    /// The pool.
    pub pool: PoolId,
    /// Whose; `None` for everybody's.
    pub member: Option<MemberId>,
    /// In which conversation; `None` for all.
    pub conversation: Option<ConversationId>,
    /// Of which kind; `None` for all.
    pub kind: Option<WorkKind>,
    /// Placed at or after.
    pub from: UtcMillis,
    /// Placed before.
    pub until: UtcMillis,
}

impl SpendQuery {
    /// Whether the hold is one of them.
    #[must_use]
    pub fn is_about(&self, hold: &HoldRecord) -> bool {
        hold.pool == self.pool
            && self.member.is_none_or(|member| hold.member == member)
            && (self.conversation.is_none() || hold.conversation == self.conversation)
            && self.kind.is_none_or(|kind| hold.kind == kind)
            && (self.from..self.until).contains(&hold.created_at)
    }
}

impl EnvelopeScope {
    /// Whether the scope means something.
    #[must_use]
    pub const fn is_valid(self) -> bool {
        match self {
            Self::Day { utc_offset_minutes } => {
                utc_offset_minutes >= -OFFSET_MINUTES_MAX
                    && utc_offset_minutes <= OFFSET_MINUTES_MAX
            }
            Self::Conversation(_) | Self::Modality(_) => true,
        }
    }

    /// The window an instant of the period `period` falls in.
    #[must_use]
    pub fn window(self, period: u32, at: UtcMillis) -> i64 {
        match self {
            Self::Day { utc_offset_minutes } => at
                .millis()
                .saturating_add(offset_ms(utc_offset_minutes))
                .div_euclid(DAY_MS),
            Self::Conversation(_) => 0,
            Self::Modality(_) => i64::from(period),
        }
    }

    /// When the window ends, in a period that ends at `period_ends_at`; `None` for never.
    #[must_use]
    pub fn resets_at(self, window: i64, period_ends_at: UtcMillis) -> Option<UtcMillis> {
        match self {
            Self::Day { utc_offset_minutes } => {
                let next = window.saturating_add(1).saturating_mul(DAY_MS);
                let utc = next.saturating_sub(offset_ms(utc_offset_minutes));
                Some(UtcMillis::from_millis(utc))
            }
            Self::Modality(_) => Some(period_ends_at),
            Self::Conversation(_) => None,
        }
    }
}

impl EnvelopeScope {
    /// The instants of the window that `at` falls in, within the period `period`.
    pub(crate) fn range(self, period: PeriodBounds, at: UtcMillis) -> (UtcMillis, UtcMillis) {
        let window = self.window(period.no, at);
        let first = UtcMillis::from_millis(i64::MIN);
        let last = UtcMillis::from_millis(i64::MAX);
        match self {
            Self::Day { .. } => (
                self.resets_at(window.saturating_sub(1), period.ends_at)
                    .unwrap_or(first),
                self.resets_at(window, period.ends_at).unwrap_or(last),
            ),
            Self::Modality(_) => (period.starts_at, period.ends_at),
            Self::Conversation(_) => (first, last),
        }
    }

    pub(crate) fn write(self, bytes: &mut Canonical) {
        match self {
            Self::Day { utc_offset_minutes } => {
                bytes.text("day");
                bytes.raw(&utc_offset_minutes.to_be_bytes());
            }
            Self::Conversation(conversation) => {
                bytes.text("conversation");
                bytes.raw(conversation.uuid().as_bytes());
            }
            Self::Modality(kind) => {
                bytes.text("modality");
                bytes.text(kind.as_str());
            }
        }
    }
}

fn offset_ms(minutes: i16) -> i64 {
    i64::from(minutes).saturating_mul(MINUTE_MS)
}

impl Envelope {
    /// Whether a hold of this member, conversation and kind counts inside it.
    #[must_use]
    pub fn covers(
        &self,
        member: MemberId,
        conversation: Option<ConversationId>,
        kind: WorkKind,
    ) -> bool {
        let is_theirs = self.member.is_none_or(|own| own == member);
        let is_inside = match self.scope {
            EnvelopeScope::Day { .. } => true,
            EnvelopeScope::Conversation(own) => conversation == Some(own),
            EnvelopeScope::Modality(own) => own == kind,
        };
        !self.is_removed && is_theirs && is_inside
    }

    /// The digest its `envelope` entry carries.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let mut bytes = Canonical::begin("anyai.envelope.1");
        bytes.raw(self.pool.uuid().as_bytes());
        bytes.raw(&self.no.to_be_bytes());
        bytes.optional(self.member.as_ref(), |bytes, member| {
            bytes.raw(member.uuid().as_bytes());
        });
        self.scope.write(&mut bytes);
        bytes.credits(self.cap);
        bytes.raw(&[u8::from(self.is_removed)]);
        bytes.digest()
    }
}
