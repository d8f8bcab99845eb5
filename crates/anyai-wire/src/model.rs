//! Models as the picker shows them, and what this turn would cost on each.

use anyai_units::{ConversationId, Credits, TurnId};
use serde::{Deserialize, Serialize};

use crate::{PromptPart, Savers};

/// The chat models of the rate card in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Models {
    /// The rate card's number.
    pub rate_card_version: u32,
    /// Grouped by provider, in catalogue order.
    pub models: Vec<ModelView>,
}

/// One model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ModelView {
    /// Catalogue id.
    pub id: String,
    /// Its name.
    pub label: String,
    /// Catalogue id of the provider.
    pub provider: String,
    /// The provider's name.
    pub provider_label: String,
    /// One sentence on what it is good at.
    pub strengths: String,
    /// Context window in tokens.
    pub context_tokens: u64,
    /// Whether it reads pictures.
    pub reads_images: bool,
    /// Whether it reads PDFs.
    #[serde(default)]
    pub reads_pdfs: bool,
    /// Its thinking knob, where it has one.
    pub effort: Option<EffortKnob>,
    /// The day its provider switches it off (`2026-12-11`).
    pub ends_on: Option<String>,
    /// Whether it can be called here.
    pub offer: Offer,
}

/// A model's thinking knob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct EffortKnob {
    /// The values, least first.
    pub values: Vec<String>,
    /// What is used when none is chosen.
    pub default: String,
}

/// Whether a model can be called here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Offer {
    /// Yes.
    Offered,
    /// Yes, simulated: practice credits.
    Simulated,
    /// Its provider has no key here.
    NoKey,
    /// Not for now: its provider charged too much more than turns were to cost at most.
    SwitchedOff,
}

/// Prices a draft on every model. No network.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct QuoteRequest {
    /// Counts up with every change of the draft; the answer carries it back.
    pub revision: u64,
    /// The conversation; `None` for a new one.
    pub conversation_id: Option<ConversationId>,
    /// The turn this one would follow; its path is the history.
    pub parent_id: Option<TurnId>,
    /// The draft.
    pub parts: Vec<PromptPart>,
    /// The thinking effort chosen per model; absent is the model's default.
    pub effort_by_model: std::collections::BTreeMap<String, String>,
    /// The longest answer that is wanted, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub answer_words_max: Option<u32>,
    /// The model whose savers are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub savers_of: Option<String>,
}

/// What the draft would cost on every model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Quote {
    /// The draft's revision.
    pub revision: u64,
    /// What the pool has free, as last known.
    pub available: Credits,
    /// One for each model of [`Models`], in the same order.
    pub models: Vec<ModelQuote>,
    /// The savers that were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub savers: Option<Savers>,
}

/// What the draft would cost on one model. Estimates and ceilings are rounded up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ModelQuote {
    /// Catalogue id.
    pub model_id: String,
    /// One turn in twenty costs less.
    pub low: Credits,
    /// The median.
    pub likely: Credits,
    /// One turn in twenty costs more.
    pub high: Credits,
    /// The most it can cost, and what will be held. Already lowered when [`Fit::Limited`].
    pub ceiling: Credits,
    /// The share of the context window the prompt takes, in thousandths.
    pub context_permille: u32,
    /// Whether it can be sent.
    pub fit: Fit,
    /// What moves the price, largest first.
    pub drivers: Vec<Driver>,
}

/// Whether a turn can be sent on a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Fit {
    /// Yes.
    Fits,
    /// Yes, with the answer limited so that the ceiling fits what is left.
    Limited {
        /// About how many words the answer may have.
        answer_words: u32,
    },
    /// No: even a short answer needs more than is left.
    DoesNotFit {
        /// The least that would have to be free.
        needed: Credits,
    },
    /// No: the prompt is longer than the model reads.
    ContextTooLong {
        /// What the prompt takes.
        asked_tokens: u64,
        /// What the model reads.
        limit_tokens: u64,
    },
}

/// A share of the likely price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Driver {
    /// What it is.
    pub kind: DriverKind,
    /// Its share in thousandths.
    pub permille: u32,
    /// An attachment's place among the draft's parts, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub part: Option<u32>,
}

/// What moves a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum DriverKind {
    /// The instructions before the conversation.
    Instructions,
    /// Earlier turns of the conversation.
    History,
    /// An attached file.
    Attachment,
    /// The text of the draft.
    Draft,
    /// The answer, thinking included.
    Answer,
}
