//! What a turn is held to when it is sent: what is free, and the most it was shown to cost.

use anyai_units::Credits;
use anyai_wire::{Code, EstimateShown, WireError};

use crate::studio::Studio;

#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// What is free for it.
    pub(crate) available: Credits,
    /// The most it was shown to cost.
    pub(crate) ceiling_max: Option<Credits>,
}

impl Bounds {
    /// All that the pool has.
    pub(crate) fn of_the_pool(studio: &Studio) -> Self {
        Self {
            available: studio.available(),
            ceiling_max: None,
        }
    }

    pub(crate) fn check(self, model: &str, estimate: EstimateShown) -> Result<(), WireError> {
        let ceiling = estimate.ceiling;
        match self.ceiling_max {
            Some(shown) if ceiling > shown => {
                let message =
                    format!("{model} may cost {ceiling} credits now, and was shown as {shown}");
                Err(WireError::new(Code::RateCardChanged, message))
            }
            _ => Ok(()),
        }
    }
}
