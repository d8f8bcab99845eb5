//! The providers' prompt caches, as written in the model list.

use anyai_units::Tokens;
use serde::Deserialize;

use super::LoadError;
use crate::model::Provider;
use crate::prompt_cache::PromptCache;

/// No provider keeps a prompt longer without being asked to.
const KEPT_S_MAX: u32 = 24 * 60 * 60;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PromptCacheText {
    provider: String,
    kept_s: u32,
    tokens_min: u64,
}

impl PromptCacheText {
    pub(super) fn check(self) -> Result<PromptCache, LoadError> {
        let entry = || format!("prompt_cache of {}", self.provider);
        let provider = Provider::from_text(&self.provider);
        let provider = provider.ok_or_else(|| LoadError::UnknownWord {
            model: entry(),
            field: "provider",
            value: self.provider.clone(),
        })?;
        if !(1..=KEPT_S_MAX).contains(&self.kept_s) {
            return Err(LoadError::ImpossibleLimit {
                model: entry(),
                field: "kept_s",
            });
        }
        Ok(PromptCache {
            provider,
            kept_ms: i64::from(self.kept_s) * 1_000,
            tokens_min: Tokens::new(self.tokens_min),
        })
    }
}
