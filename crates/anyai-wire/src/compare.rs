//! The same prompt on several models, side by side, under one total quote.

use anyai_units::{ConversationId, Credits, TurnId};
use serde::{Deserialize, Serialize};

use crate::{ModelQuote, PromptPart, QuoteRequest, TurnView, WireError};

/// The most models that are compared at once.
pub const COMPARED_MAX: usize = 4;

/// Prices a draft on several models together. No network.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CompareQuoteRequest {
    /// The draft.
    pub draft: QuoteRequest,
    /// Catalogue ids, in the order they are sent (1 to 4).
    pub model_ids: Vec<String>,
}

/// What all of them would cost together. Each lane's `fit` is told of what the lanes before it leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CompareQuote {
    /// The draft's revision.
    pub revision: u64,
    /// What the pool has free, as last known.
    pub available: Credits,
    /// The sum over the lanes that fit: one comparison in twenty, or fewer, costs less.
    pub low: Credits,
    /// The sum of the medians.
    pub likely: Credits,
    /// One comparison in twenty, or fewer, costs more.
    pub high: Credits,
    /// The most they can cost together.
    pub ceiling: Credits,
    /// One for each model, in the order asked.
    pub lanes: Vec<ModelQuote>,
}

/// Sends a prompt to several models: sibling turns.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CompareSend {
    /// The conversation; `None` starts one.
    pub conversation_id: Option<ConversationId>,
    /// The turn they follow.
    pub parent_id: Option<TurnId>,
    /// The prompt.
    pub parts: Vec<PromptPart>,
    /// The models, in the order they are sent (1 to 4).
    pub lanes: Vec<CompareLane>,
    /// The most all of them were shown to cost together; lanes that would pass it are not sent.
    pub ceiling: Credits,
    /// The most words each answer may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub answer_words_max: Option<u32>,
    /// Each turn is stopped when it has cost this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub stop_at: Option<Credits>,
}

/// One model of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CompareLane {
    /// Catalogue id.
    pub model_id: String,
    /// The thinking effort; `None` is the model's default.
    pub effort: Option<String>,
    /// The most it was shown to cost; `None` where it was shown as one that does not fit, which is
    /// not sent.
    pub ceiling: Option<Credits>,
}

/// What became of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Compared {
    /// The turns under way, in the order they were sent.
    pub sent: Vec<TurnView>,
    /// Those that were not sent, and cost nothing.
    pub refused: Vec<CompareRefused>,
}

/// A lane that was not sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CompareRefused {
    /// Catalogue id.
    pub model_id: String,
    /// Why.
    pub error: WireError,
}
