//! Which rate card priced a turn: receipts name it.

use std::fmt;

use anyai_units::UtcMillis;

use crate::model::ModelId;

/// A rate card's number and the fingerprint of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RateCardId {
    /// Its number; later cards have larger ones.
    pub version: u32,
    /// SHA-256 of the rate card document.
    pub sha256: [u8; 32],
}

/// The version and the first eight digits of the fingerprint, like `1-0a1b2c3d`.
impl fmt::Display for RateCardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-", self.version)?;
        self.sha256
            .iter()
            .take(4)
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// The heading of a rate card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateCard {
    /// What receipts name.
    pub id: RateCardId,
    /// The day it was published.
    pub published_at: UtcMillis,
    /// What one credit buys of provider list price; US$0.01 is 10,000,000.
    pub nano_usd_per_credit: u64,
    /// Models that are offered although the catalogue holds them back.
    pub switched_on: Vec<ModelId>,
}
