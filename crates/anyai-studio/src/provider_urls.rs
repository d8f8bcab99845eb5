//! Other addresses of providers, as the environment names them: for gateways of one's own and for tests.

use std::collections::BTreeMap;

use anyai_catalog::Provider;
use url::Url;

/// Names addresses to call providers at: `openai=http://127.0.0.1:1234/v1,anthropic=https://gateway.example`.
pub(crate) const VARIABLE: &str = "ANYAI_PROVIDER_URLS";

/// The addresses of providers cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderUrlsError {
    /// The variable is not text.
    #[error("{VARIABLE} is not text")]
    NotText,
    /// An entry without an equals sign.
    #[error("{VARIABLE} has an entry that is not PROVIDER=ADDRESS: {0:?}")]
    NotAPair(String),
    /// Nobody we know.
    #[error(
        "{VARIABLE} names {0:?}, which is none of openai, anthropic, google, xai, openrouter, local"
    )]
    UnknownProvider(String),
    /// One provider, two addresses.
    #[error("{VARIABLE} names {0} twice")]
    Twice(Provider),
    /// No address the studio can call. It is not repeated: an address may hold a password.
    #[error(
        "{VARIABLE} gives {0} an address that is not http://HOST or https://HOST, without a name or password"
    )]
    NotAnAddress(Provider),
}

/// The addresses in the environment; none when the variable is unset or empty.
pub(crate) fn from_environment() -> Result<BTreeMap<String, String>, ProviderUrlsError> {
    match std::env::var(VARIABLE) {
        Ok(text) => parse(&text),
        Err(std::env::VarError::NotPresent) => Ok(BTreeMap::new()),
        Err(std::env::VarError::NotUnicode(_)) => Err(ProviderUrlsError::NotText),
    }
}

fn parse(text: &str) -> Result<BTreeMap<String, String>, ProviderUrlsError> {
    let mut urls = BTreeMap::new();
    let entries = text.split(',').map(str::trim);
    for entry in entries.filter(|entry| !entry.is_empty()) {
        let (name, address) = entry
            .split_once('=')
            .ok_or_else(|| ProviderUrlsError::NotAPair(entry.to_owned()))?;
        let provider = Provider::from_text(name.trim())
            .ok_or_else(|| ProviderUrlsError::UnknownProvider(name.trim().to_owned()))?;
        let address = address.trim();
        if !is_callable(address) {
            return Err(ProviderUrlsError::NotAnAddress(provider));
        }
        let before = urls.insert(provider.as_str().to_owned(), address.to_owned());
        if before.is_some() {
            return Err(ProviderUrlsError::Twice(provider));
        }
    }
    Ok(urls)
}

fn is_callable(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_provider_gets_the_address_it_is_given() {
        let urls = parse(" openai=http://127.0.0.1:1234/v1, anthropic = https://gateway.example ,")
            .unwrap();
        let named: Vec<_> = urls
            .iter()
            .map(|(name, url)| (name.as_str(), url.as_str()))
            .collect();
        assert_eq!(
            named,
            [
                ("anthropic", "https://gateway.example"),
                ("openai", "http://127.0.0.1:1234/v1")
            ]
        );
        assert!(
            parse("").unwrap().is_empty(),
            "an empty variable changes nothing"
        );
    }

    #[test]
    fn whatever_cannot_be_meant_is_refused() {
        for (text, error) in [
            (
                "http://127.0.0.1:1",
                ProviderUrlsError::NotAPair("http://127.0.0.1:1".to_owned()),
            ),
            (
                "acme=http://a",
                ProviderUrlsError::UnknownProvider("acme".to_owned()),
            ),
            (
                "openai=http://a,openai=http://b",
                ProviderUrlsError::Twice(Provider::OpenAi),
            ),
            ("openai=", ProviderUrlsError::NotAnAddress(Provider::OpenAi)),
            (
                "openai=localhost:80/v1",
                ProviderUrlsError::NotAnAddress(Provider::OpenAi),
            ),
            (
                "xai=ftp://a/v1",
                ProviderUrlsError::NotAnAddress(Provider::Xai),
            ),
            (
                "google=file:///etc/passwd",
                ProviderUrlsError::NotAnAddress(Provider::Google),
            ),
            (
                "openai=https://me:secret@a/v1",
                ProviderUrlsError::NotAnAddress(Provider::OpenAi),
            ),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn the_refusal_names_every_provider() {
        let said = ProviderUrlsError::UnknownProvider("acme".to_owned()).to_string();
        for provider in Provider::ALL {
            assert!(
                said.contains(provider.as_str()),
                "{provider} is missing in: {said}"
            );
        }
    }
}
