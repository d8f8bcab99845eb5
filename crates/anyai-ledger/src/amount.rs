//! Checked sums: an amount that does not fit is a refusal, never a wrap.

use anyai_units::Credits;

use crate::Refusal;

pub(crate) fn add(a: Credits, b: Credits) -> Result<Credits, Refusal> {
    a.checked_add(b).ok_or(Refusal::AmountTooLarge)
}

pub(crate) fn subtract(a: Credits, b: Credits) -> Result<Credits, Refusal> {
    a.checked_sub(b).ok_or(Refusal::AmountTooLarge)
}

pub(crate) fn negate(amount: Credits) -> Result<Credits, Refusal> {
    subtract(Credits::ZERO, amount)
}

/// Refuses what is below zero.
pub(crate) fn at_least_zero(amount: Credits) -> Result<Credits, Refusal> {
    if amount.is_negative() {
        Err(Refusal::InvalidAmount { amount })
    } else {
        Ok(amount)
    }
}

/// Refuses zero and what is below.
pub(crate) fn above_zero(amount: Credits) -> Result<Credits, Refusal> {
    if amount > Credits::ZERO {
        Ok(amount)
    } else {
        Err(Refusal::InvalidAmount { amount })
    }
}
