//! The accounts credits move between: two of the pool for each period, and four of the house.

use std::fmt;
use std::str::FromStr;

use anyai_units::MemberId;

/// One side of an entry. Balances are credits received minus credits given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// The pool's credits that are free to spend in the period with this number.
    Available(u32),
    /// The pool's credits held for turns of the period with this number.
    Held(u32),
    /// Where granted credits come from, and where revoked ones return to.
    HouseGrants,
    /// What turns were charged, and what the house paid above a ceiling.
    HouseRevenue,
    /// What providers reported above the ceiling: the house pays it, never the person.
    HouseOverrun,
    /// Granted credits that expired unused.
    HouseBreakage,
    /// What is set for a member. No credits move here: both sides of an entry of zero.
    Member(MemberId),
    /// The envelope with this number, likewise.
    Envelope(u64),
}

/// `available:3`, `held:3`, `house_grants`: the form that is stored and hashed.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Available(period) => write!(f, "available:{period}"),
            Self::Held(period) => write!(f, "held:{period}"),
            Self::HouseGrants => f.write_str("house_grants"),
            Self::HouseRevenue => f.write_str("house_revenue"),
            Self::HouseOverrun => f.write_str("house_overrun"),
            Self::HouseBreakage => f.write_str("house_breakage"),
            Self::Member(member) => write!(f, "member:{member}"),
            Self::Envelope(no) => write!(f, "envelope:{no}"),
        }
    }
}

/// The text names no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an account is available:N, held:N, member:ID, envelope:N, or one of the house's")]
pub struct ParseAccountError;

impl FromStr for Account {
    type Err = ParseAccountError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let account = match text.split_once(':') {
            Some(("available", period)) => Self::Available(canonical(period)?),
            Some(("held", period)) => Self::Held(canonical(period)?),
            Some(("envelope", no)) => Self::Envelope(canonical(no)?),
            Some(("member", member)) => Self::Member(canonical(member)?),
            Some(_) => return Err(ParseAccountError),
            None => match text {
                "house_grants" => Self::HouseGrants,
                "house_revenue" => Self::HouseRevenue,
                "house_overrun" => Self::HouseOverrun,
                "house_breakage" => Self::HouseBreakage,
                _ => return Err(ParseAccountError),
            },
        };
        Ok(account)
    }
}

/// Only the form `Display` writes: two spellings of one account would hash differently.
fn canonical<T: FromStr + fmt::Display>(text: &str) -> Result<T, ParseAccountError> {
    let value: T = text.parse().map_err(|_| ParseAccountError)?;
    if value.to_string() == text {
        Ok(value)
    } else {
        Err(ParseAccountError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_writes_and_nothing_else() {
        for account in [
            Account::Available(0),
            Account::Held(4_294_967_295),
            Account::HouseGrants,
            Account::HouseRevenue,
            Account::HouseOverrun,
            Account::HouseBreakage,
            Account::Member(MemberId::from_uuid(uuid::Uuid::from_u128(7))),
            Account::Envelope(18_446_744_073_709_551_615),
        ] {
            assert_eq!(account.to_string().parse(), Ok(account));
        }
        for text in [
            "",
            "held",
            "held:",
            "held:01",
            "held:+1",
            "held:4294967296",
            "house:1",
            "envelope:01",
            "member:00000000000000000000000000000007",
            "x",
        ] {
            assert_eq!(text.parse::<Account>(), Err(ParseAccountError), "{text:?}");
        }
    }
}
