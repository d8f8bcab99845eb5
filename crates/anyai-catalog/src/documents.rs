//! The three documents a catalogue is made of. A remote studio server sends its own to the app.

use std::fmt;

/// The texts of a catalogue, as TOML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Documents {
    /// The models.
    pub models: String,
    /// The rate card.
    pub rate_card: String,
    /// The plans.
    pub plans: String,
}

impl Documents {
    /// The documents this program was built with.
    #[must_use]
    pub fn embedded() -> Self {
        Self {
            models: include_str!("../data/models.toml").to_owned(),
            rate_card: include_str!("../data/rate_card.toml").to_owned(),
            plans: include_str!("../data/plans.toml").to_owned(),
        }
    }
}

/// Which of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// The models.
    Models,
    /// The rate card.
    RateCard,
    /// The plans.
    Plans,
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Models => "model list",
            Self::RateCard => "rate card",
            Self::Plans => "plan list",
        })
    }
}
