//! Plans: what a month grants and what it costs.

use anyai_units::Credits;

/// A plan of the studio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Its id, like `pro`.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// The credits it grants each month.
    pub monthly_allowance: Credits,
    /// What it costs each month, in US cents.
    pub monthly_price_us_cents: u32,
}
