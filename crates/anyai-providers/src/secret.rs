//! A key held while its answer is under way, to keep it out of everything that is said.

use crate::error::ProviderError;

/// What a key is replaced with.
const REDACTED: &str = "[key]";
/// Shorter keys are placeholders, and replacing them would garble ordinary words.
const SECRET_LEN_MIN: usize = 6;

/// The key of one request. It does not print.
#[derive(Clone, Default)]
pub(crate) struct Secret(Option<String>);

impl Secret {
    pub(crate) fn new(key: Option<&str>) -> Self {
        let key = key.map(str::trim).filter(|key| key.len() >= SECRET_LEN_MIN);
        Self(key.map(str::to_owned))
    }

    /// The error without the key: some providers repeat what they were sent.
    pub(crate) fn scrub(&self, mut error: ProviderError) -> ProviderError {
        self.scrub_text(&mut error.message);
        error
    }

    /// Words of the provider's without the key.
    pub(crate) fn scrub_text(&self, text: &mut String) {
        if let Some(key) = self.0.as_ref().filter(|key| text.contains(key.as_str())) {
            *text = text.replace(key.as_str(), REDACTED);
        }
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(<redacted>)")
    }
}
