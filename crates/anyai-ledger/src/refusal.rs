//! What the ledger refuses, by name. A refused command has changed nothing.

use anyai_units::{Credits, HoldId, PoolId, TurnId, UtcMillis};

use crate::HoldState;

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
    /// The pool exists with another anchor.
    #[error("pool {pool} exists with another anchor")]
    PoolConflict {
        /// The pool.
        pool: PoolId,
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
    /// A text is longer than the ledger stores.
    #[error("{field} is longer than {limit_bytes} bytes")]
    TextTooLong {
        /// Which text.
        field: &'static str,
        /// The most it may have.
        limit_bytes: usize,
    },
}
