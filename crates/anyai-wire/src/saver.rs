//! Ways to pay less for a draft, each with the price it would then have.

use serde::{Deserialize, Serialize};

use crate::EstimateShown;

/// The savers of one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Savers {
    /// Catalogue id of the model.
    pub model_id: String,
    /// Those that save most first.
    pub savers: Vec<Saver>,
}

/// A change of the draft, and what the turn costs with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Saver {
    /// The change.
    pub change: SaverChange,
    /// The estimate with it.
    pub estimate: EstimateShown,
}

/// What a saver changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum SaverChange {
    /// The turn starts a conversation of its own.
    StartFresh,
    /// A file is left out.
    DropAttachment {
        /// Its place among the draft's parts, from 0.
        part: u32,
    },
    /// The model thinks less.
    Effort {
        /// The value of its knob.
        effort: String,
    },
    /// Another model is asked.
    Model {
        /// Catalogue id.
        model_id: String,
    },
    /// The answer is limited.
    AnswerWords {
        /// To so many words.
        words: u32,
    },
}
