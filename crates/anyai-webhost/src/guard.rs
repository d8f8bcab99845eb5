//! Who may speak to the webhost: a page it served itself, holding its token.

use std::fmt;
use std::net::SocketAddr;

use axum::http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The secret in the URL's fragment. A browser never sends a fragment anywhere.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A token from random text; the caller owns the random source.
    #[must_use]
    pub fn new(random: String) -> Self {
        Self(random)
    }

    /// The text, for the URL that is printed once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What opens files and nothing else: an address is shown in more places than a header.
    fn asset_key(&self) -> Self {
        let digest = Sha256::digest(format!("anyai assets {}", self.0));
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Compares in constant time.
    pub(crate) fn matches(&self, offered: &str) -> bool {
        self.0.as_bytes().ct_eq(offered.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(<redacted>)")
    }
}

/// What a request must carry.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    token: Token,
    asset_key: Token,
    hosts: [String; 2],
}

impl Guard {
    pub(crate) fn new(token: Token, address: SocketAddr) -> Self {
        let port = address.port();
        Self {
            asset_key: token.asset_key(),
            token,
            hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")],
        }
    }

    /// The request names this host (a rebound domain name does not) and its page came from here.
    pub(crate) fn is_from_here(&self, headers: &HeaderMap) -> bool {
        let named = |value: &HeaderValue, prefix: &str| {
            value
                .to_str()
                .ok()
                .and_then(|text| text.strip_prefix(prefix))
                .is_some_and(|host| self.hosts.iter().any(|ours| ours == host))
        };
        let host = headers
            .get(header::HOST)
            .is_some_and(|host| named(host, ""));
        let origin = headers
            .get(header::ORIGIN)
            .is_none_or(|origin| named(origin, "http://"));
        host && origin
    }

    /// The request carries the token as a bearer.
    pub(crate) fn has_bearer(&self, headers: &HeaderMap) -> bool {
        headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .is_some_and(|offered| self.token.matches(offered))
    }

    /// The address holds the key of files.
    pub(crate) fn has_asset_key(&self, offered: &str) -> bool {
        self.asset_key.matches(offered)
    }

    /// The WebSocket offers the token as a subprotocol: a browser cannot set other headers on it.
    pub(crate) fn has_subprotocol(&self, headers: &HeaderMap) -> bool {
        headers
            .get_all(header::SEC_WEBSOCKET_PROTOCOL)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|protocol| protocol.trim().strip_prefix("anyai.token."))
            .any(|offered| self.token.matches(offered))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard() -> Guard {
        Guard::new(
            Token::new("secret-token".to_owned()),
            SocketAddr::from(([127, 0, 0, 1], 4100)),
        )
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |&(name, value): &(&'static str, &'static str)| {
            (
                header::HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn only_pages_of_this_host_may_ask() {
        let from_here =
            |pairs: &[(&'static str, &'static str)]| guard().is_from_here(&headers(pairs));
        assert!(from_here(&[("host", "127.0.0.1:4100")]));
        assert!(from_here(&[
            ("host", "localhost:4100"),
            ("origin", "http://localhost:4100")
        ]));
        assert!(
            !from_here(&[("host", "rebound.example:4100")]),
            "a name that was pointed at loopback"
        );
        assert!(!from_here(&[
            ("host", "127.0.0.1:4100"),
            ("origin", "https://evil.example")
        ]));
        assert!(!from_here(&[
            ("host", "127.0.0.1:4100"),
            ("origin", "null")
        ]));
        assert!(!from_here(&[]));
    }

    #[test]
    fn the_token_is_compared_whole() {
        let bearer =
            |value: &'static str| guard().has_bearer(&headers(&[("authorization", value)]));
        assert!(bearer("Bearer secret-token"));
        assert!(!bearer("Bearer secret-toke"));
        assert!(!bearer("Bearer secret-token2"));
        assert!(!bearer("secret-token"));
        let protocol = |value: &'static str| {
            guard().has_subprotocol(&headers(&[("sec-websocket-protocol", value)]))
        };
        assert!(protocol("anyai, anyai.token.secret-token"));
        assert!(!protocol("anyai, anyai.token.other"));
        assert!(!protocol("anyai"));
    }

    #[test]
    fn files_have_a_key_of_their_own() {
        assert!(
            !guard().has_asset_key("secret-token"),
            "the token is not shown in addresses"
        );
        assert!(guard().has_asset_key(guard().asset_key.expose()));
        assert!(!guard().has_asset_key(""), "nor does nothing open them");
    }

    #[test]
    fn the_token_is_never_printed() {
        assert!(!format!("{:?}", guard()).contains("secret"));
    }
}
