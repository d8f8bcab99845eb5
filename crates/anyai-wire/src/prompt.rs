//! Prompts a person keeps for later, variables in double braces.

use anyai_units::UtcMillis;
use serde::{Deserialize, Serialize};

/// A prompt that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SavedPrompt {
    /// Its id.
    pub id: String,
    /// What its person calls it.
    pub name: String,
    /// The text; `{{topic}}` is filled in before it is used.
    pub text: String,
    /// When it was last changed.
    pub changed_at: UtcMillis,
}

/// The prompts, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SavedPrompts {
    /// Each of them.
    pub prompts: Vec<SavedPrompt>,
}

/// Keeps a prompt.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SavedPromptSave {
    /// The one it replaces; `None` is a new one.
    pub id: Option<String>,
    /// Its name, 1 to 80 characters.
    pub name: String,
    /// Its text, 1 to 100,000 bytes.
    pub text: String,
}

/// Names a prompt that is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SavedPromptRef {
    /// The prompt.
    pub id: String,
}
