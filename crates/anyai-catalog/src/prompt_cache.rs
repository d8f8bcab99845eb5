//! How a provider's prompt cache behaves, as far as an estimate can foresee it.

use anyai_units::Tokens;

use crate::model::Provider;

/// The prompt cache of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PromptCache {
    /// The provider.
    pub provider: Provider,
    /// How long what was sent stays, at least, unless it is sent again.
    pub kept_ms: i64,
    /// The shortest prompt that is cached without being asked for.
    pub tokens_min: Tokens,
}
