//! List prices as written: checked against bounds, and turned into credits.

use anyai_units::NanoUsd;

use super::LoadError;
use crate::media_price::UnitPrice;
use crate::spelled::spelled;

spelled! {
    /// What a list price is of.
    Each {
        /// A token.
        Token = "token",
        /// A picture.
        Picture = "picture",
        /// A second of a clip.
        Second = "second",
        /// A call of a provider's tool.
        Call = "call",
    }
}

impl Each {
    /// No token costs more than US$2,000 per million, and no picture, second or call more than US$10.
    const fn nano_usd_max(self) -> i64 {
        match self {
            Self::Token => 2_000_000,
            Self::Picture | Self::Second | Self::Call => 10_000_000_000,
        }
    }
}

/// What turns list prices into credits.
#[derive(Clone, Copy)]
pub(super) struct CreditValue {
    pub(super) nano_usd_per_credit: u64,
}

impl CreditValue {
    /// A list price of a model, which must be there and may be neither negative nor absurd.
    pub(super) fn price(
        self,
        model: &str,
        field: &'static str,
        each: Each,
        nano_usd: Option<i64>,
    ) -> Result<UnitPrice, LoadError> {
        let model = || model.to_owned();
        let nano_usd = nano_usd.ok_or_else(|| LoadError::MissingPrice {
            model: model(),
            field,
        })?;
        let absurd = || LoadError::AbsurdPrice {
            model: model(),
            field,
            nano_usd,
            each,
        };
        match u64::try_from(nano_usd) {
            Err(_) => Err(LoadError::NegativePrice {
                model: model(),
                field,
            }),
            Ok(rate) if rate > 0 && nano_usd <= each.nano_usd_max() => Ok(UnitPrice {
                picocredits: self.picocredits(rate).ok_or_else(absurd)?,
                list: NanoUsd::from_nano(nano_usd),
            }),
            Ok(_) => Err(absurd()),
        }
    }

    /// Exact when the value of a credit divides the price, as the default does; otherwise rounded
    /// up, by less than a millionth of a credit per million tokens.
    fn picocredits(self, nano_usd: u64) -> Option<u64> {
        const PICOCREDITS_PER_CREDIT: u128 = 1_000_000_000_000;
        let scaled = u128::from(nano_usd) * PICOCREDITS_PER_CREDIT;
        let picocredits = scaled.div_ceil(u128::from(self.nano_usd_per_credit));
        u64::try_from(picocredits).ok()
    }
}
