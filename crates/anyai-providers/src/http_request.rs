//! The HTTP request a protocol makes of a turn, before anything is sent.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Serialize;
use url::{Host, Url};

use crate::endpoint::{Endpoint, Protocol, Provider};
use crate::error::BuildError;

/// Longer ids than any provider gives.
const PATH_SEGMENT_BYTES_MAX: usize = 512;

/// A request ready to send. The header that holds the key is marked sensitive, so it does not print.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// `GET` or `POST`.
    pub method: Method,
    /// Where to; never holds the key.
    pub url: Url,
    /// All headers the protocol asks for.
    pub headers: HeaderMap,
    /// The JSON body; empty for `GET`.
    pub body: Bytes,
}

impl HttpRequest {
    pub(crate) fn post(
        endpoint: &Endpoint<'_>,
        path: &str,
        query: Option<&str>,
        body: &impl Serialize,
    ) -> Result<Self, BuildError> {
        let mut request = Self::get(endpoint, path, query)?;
        request.method = Method::POST;
        request
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request.headers.insert(
            ACCEPT,
            HeaderValue::from_static("text/event-stream, application/json"),
        );
        // Only stored state can fail to be written.
        let body = serde_json::to_vec(body).map_err(|_| BuildError::OpaqueState)?;
        request.body = Bytes::from(body);
        Ok(request)
    }

    pub(crate) fn get(
        endpoint: &Endpoint<'_>,
        path: &str,
        query: Option<&str>,
    ) -> Result<Self, BuildError> {
        let mut url = base_url(endpoint)?;
        url.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
        url.set_query(query);
        Ok(Self {
            method: Method::GET,
            url,
            headers: key_headers(endpoint)?,
            body: Bytes::new(),
        })
    }

    /// Whether it goes to this machine; such requests never take a proxy.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            None => false,
        }
    }
}

/// Whether this is one step of a path and nothing else, so that it cannot change the address.
pub(crate) fn is_path_segment(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:~=".contains(&byte);
    !text.is_empty()
        && text.len() <= PATH_SEGMENT_BYTES_MAX
        && !text.contains("..")
        && text.bytes().all(is_plain)
}

/// The base URL, checked, with the protocol's usual path where it must have one.
fn base_url(endpoint: &Endpoint<'_>) -> Result<Url, BuildError> {
    let address = endpoint.base_url.trim();
    let mut url = Url::parse(address)
        .map_err(|_| bad(address, "an address looks like https://api.example.com/v1"))?;
    let shown = without_secrets(&url);
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(bad(&shown, "it must start with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad(&shown, "it must not hold a user name or password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(bad(&shown, "it must not have a ? or # part"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    let path = match endpoint.protocol {
        Protocol::Messages => format!("{}/v1", path.strip_suffix("/v1").unwrap_or(&path)),
        Protocol::OllamaChat => {
            let root = path
                .strip_suffix("/v1")
                .or(path.strip_suffix("/api"))
                .unwrap_or(&path);
            format!("{root}/api")
        }
        Protocol::GenerateContent | Protocol::Interactions | Protocol::PredictLongRunning
            if path.is_empty() =>
        {
            "/v1beta".to_owned()
        }
        Protocol::Responses | Protocol::ChatCompletions | Protocol::Images | Protocol::Videos
            if path.is_empty() =>
        {
            match endpoint.provider {
                Provider::OpenRouter => "/api/v1".to_owned(),
                _ => "/v1".to_owned(),
            }
        }
        _ => path,
    };
    url.set_path(&path);
    Ok(url)
}

fn bad(address: &str, reason: &'static str) -> BuildError {
    BuildError::BaseUrl {
        address: address.to_owned(),
        reason,
    }
}

fn without_secrets(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_query(None);
    shown.set_fragment(None);
    if shown.set_username("").is_err() || shown.set_password(None).is_err() {
        return url.scheme().to_owned();
    }
    shown.to_string()
}

fn key_headers(endpoint: &Endpoint<'_>) -> Result<HeaderMap, BuildError> {
    let mut headers = HeaderMap::new();
    if endpoint.protocol == Protocol::Messages {
        headers.insert(
            HeaderName::from_static("anthropic-version"),
            HeaderValue::from_static("2023-06-01"),
        );
    }
    let Some(key) = endpoint.key.map(str::trim).filter(|key| !key.is_empty()) else {
        return Ok(headers);
    };
    if key.bytes().any(|byte| !byte.is_ascii_graphic()) {
        return Err(BuildError::Key);
    }
    let (name, value) = match endpoint.protocol {
        Protocol::Messages => (HeaderName::from_static("x-api-key"), key.to_owned()),
        Protocol::GenerateContent | Protocol::Interactions | Protocol::PredictLongRunning => {
            (HeaderName::from_static("x-goog-api-key"), key.to_owned())
        }
        Protocol::Responses
        | Protocol::ChatCompletions
        | Protocol::OllamaChat
        | Protocol::Images
        | Protocol::Videos => (AUTHORIZATION, format!("Bearer {key}")),
    };
    let mut value = HeaderValue::try_from(value).map_err(|_| BuildError::Key)?;
    value.set_sensitive(true);
    headers.insert(name, value);
    Ok(headers)
}
