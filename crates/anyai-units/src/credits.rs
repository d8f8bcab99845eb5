//! Credits, the unit of account: 1 credit is 1,000 millicredits, and only whole millicredits exist.

use std::fmt;
use std::str::FromStr;

/// An amount of credits, counted in millicredits (1 credit = 1,000; by default 1 credit buys
/// US$0.01 of provider list price, so 1 millicredit is US$0.00001).
///
/// The type is signed so that differences exist; the ledger refuses negative amounts where it
/// takes them in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(transparent)
)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Credits(i64);

impl Credits {
    /// No credits.
    pub const ZERO: Self = Self(0);
    /// Millicredits in one credit.
    pub const SCALE: i64 = 1_000;

    /// An amount from millicredits.
    #[must_use]
    pub const fn from_millicredits(millicredits: i64) -> Self {
        Self(millicredits)
    }

    /// An amount from whole credits; `None` when it does not fit.
    #[must_use]
    pub const fn from_whole(credits: i64) -> Option<Self> {
        match credits.checked_mul(Self::SCALE) {
            Some(millicredits) => Some(Self(millicredits)),
            None => None,
        }
    }

    /// The amount in millicredits.
    #[must_use]
    pub const fn millicredits(self) -> i64 {
        self.0
    }

    /// The sum; `None` on overflow.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The difference; `None` on overflow. It may be negative.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Some(Self(difference)),
            None => None,
        }
    }

    /// Whether the amount is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }
}

/// Exact decimal credits: `12`, `0.005`, `-3.5`.
impl fmt::Display for Credits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        let scale = Self::SCALE.unsigned_abs();
        let (whole, fraction) = (magnitude / scale, magnitude % scale);
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{fraction:03}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

/// Why a text is not an amount of credits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseCreditsError {
    /// Not digits with at most one point and three decimals.
    #[error("an amount of credits is digits with at most three decimals, like 12.5")]
    Malformed,
    /// Larger than the ledger can hold.
    #[error("that amount of credits is too large")]
    TooLarge,
}

impl FromStr for Credits {
    type Err = ParseCreditsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_digits(whole) || !is_digits(fraction) || fraction.len() > 3 {
            return Err(ParseCreditsError::Malformed);
        }
        let too_large = |_| ParseCreditsError::TooLarge;
        let whole: i64 = whole.parse().map_err(too_large)?;
        let fraction: i64 = format!("{fraction:0<3}").parse().map_err(too_large)?;
        let millicredits = whole
            .checked_mul(Self::SCALE)
            .and_then(|amount| amount.checked_add(fraction))
            .ok_or(ParseCreditsError::TooLarge)?;
        Ok(Self(if negative {
            -millicredits
        } else {
            millicredits
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_exactly_and_parses_back() {
        for millicredits in [0, 1, 5, 10, 999, 1_000, 12_340, -3_500, i64::MAX, -1] {
            let amount = Credits::from_millicredits(millicredits);
            assert_eq!(
                amount.to_string().parse(),
                Ok(amount),
                "{amount} reads back"
            );
        }
        assert_eq!(Credits::from_millicredits(12_300).to_string(), "12.3");
    }

    #[test]
    fn refuses_what_is_not_an_amount() {
        for text in [
            "", ".", "1.", ".5", "1.2345", "1e3", "+1", "--1", "1,000", "NaN",
        ] {
            assert_eq!(
                text.parse::<Credits>(),
                Err(ParseCreditsError::Malformed),
                "{text:?}"
            );
        }
        assert_eq!(
            "99999999999999999999".parse::<Credits>(),
            Err(ParseCreditsError::TooLarge)
        );
    }

    #[test]
    fn never_wraps() {
        let max = Credits::from_millicredits(i64::MAX);
        assert_eq!(max.checked_add(Credits::from_millicredits(1)), None);
        assert_eq!(Credits::from_millicredits(i64::MIN).checked_sub(max), None);
        assert_eq!(Credits::from_whole(i64::MAX), None);
    }
}
