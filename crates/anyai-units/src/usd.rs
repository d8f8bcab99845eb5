//! Provider list prices, in whole nano-dollars.

/// US dollars counted in nano-dollars (1 USD = 1,000,000,000). A price of US$2 per million tokens
/// is 2,000 nano-dollars a token, so every published token price is an integer here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(transparent)
)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct NanoUsd(i64);

impl NanoUsd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount from nano-dollars.
    #[must_use]
    pub const fn from_nano(nano_usd: i64) -> Self {
        Self(nano_usd)
    }

    /// The amount in nano-dollars.
    #[must_use]
    pub const fn nano(self) -> i64 {
        self.0
    }
}
