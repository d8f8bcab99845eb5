//! What the ledger refuses, by name. A refused command has changed nothing.

use anyai_units::{Credits, HoldId, MemberId, PoolId, TurnId, UtcMillis};

use crate::HoldState;

/// The longest text the ledger stores.
pub(crate) const TEXT_LIMIT_BYTES: usize = 1_024;

/// Refuses a text that is too long to store.
pub(crate) fn check_text(field: &'static str, text: &str) -> Result<(), Refusal> {
    if text.len() > TEXT_LIMIT_BYTES {
        return Err(Refusal::TextTooLong {
            field,
            limit_bytes: TEXT_LIMIT_BYTES,
        });
    }
    Ok(())
}

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The ceiling does not fit what is left.
    #[error("this needs {needed} credits and {available} are left until the pool resets")]
    InsufficientCredits {
        /// The ceiling that was asked for.
        needed: Credits,
        /// What is left.
        available: Credits,
        /// When the next period begins.
        resets_at: UtcMillis,
    },
    /// The ceiling does not fit the member's own limit.
    #[error("this needs {needed} credits and {available} are left of the limit of member {member}")]
    MemberLimit {
        /// Who.
        member: MemberId,
        /// The ceiling that was asked for.
        needed: Credits,
        /// What is left of the limit.
        available: Credits,
        /// When the next period begins.
        resets_at: UtcMillis,
    },
    /// The member was taken out of the pool.
    #[error("member {member} was taken out of the pool")]
    MemberRemoved {
        /// Who.
        member: MemberId,
    },
    /// The ceiling does not fit an envelope.
    #[error("this needs {needed} credits and {available} are left in envelope {envelope}")]
    EnvelopeFull {
        /// The envelope's number.
        envelope: u64,
        /// The ceiling that was asked for.
        needed: Credits,
        /// What is left in it.
        available: Credits,
        /// When it begins anew; `None` for never.
        resets_at: Option<UtcMillis>,
    },
    /// The same turn was sent before with other content.
    #[error("turn {turn} was sent before with other content")]
    IdempotencyConflict {
        /// The turn.
        turn: TurnId,
    },
    /// The same grant source was used before with other terms.
    #[error("the grant source {source_key} was used before with other terms")]
    GrantConflict {
        /// The source.
        source_key: String,
    },
    /// The pool accepts no new holds.
    #[error("pool {pool} is frozen")]
    Frozen {
        /// The pool.
        pool: PoolId,
    },
    /// There is no such pool.
    #[error("there is no pool {pool}")]
    UnknownPool {
        /// The pool.
        pool: PoolId,
    },
    /// There is no such hold.
    #[error("there is no hold {hold}")]
    UnknownHold {
        /// The hold.
        hold: HoldId,
    },
    /// The hold is not where this command needs it.
    #[error("hold {hold} is {}, not where this command needs it", state.as_str())]
    WrongState {
        /// The hold.
        hold: HoldId,
        /// Where it is.
        state: HoldState,
    },
    /// An amount is negative, or zero where that means nothing.
    #[error("{amount} is not an amount this command takes")]
    InvalidAmount {
        /// The amount.
        amount: Credits,
    },
    /// A sum does not fit the ledger.
    #[error("an amount is larger than the ledger can hold")]
    AmountTooLarge,
    /// An instant lies outside the years 1970 to 9999, or before the pool's anchor.
    #[error("an instant is outside the pool's calendar")]
    OutsideCalendar,
    /// Only the ledger makes plan grants, and a grant has to last.
    #[error("the grant {source_key} is a plan's, or expires at once")]
    InvalidGrant {
        /// The source.
        source_key: String,
    },
    /// The pool's rows contradict each other: no command may build on them.
    #[error("the rows of pool {pool} contradict each other")]
    BooksDisagree {
        /// The pool.
        pool: PoolId,
    },
    /// A text is longer than the ledger stores.
    #[error("{field} is longer than {limit_bytes} bytes")]
    TextTooLong {
        /// Which text.
        field: &'static str,
        /// The most it may have.
        limit_bytes: usize,
    },
}
