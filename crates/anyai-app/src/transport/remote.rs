//! A studio server elsewhere, over HTTP.

use std::net::IpAddr;
use std::time::Duration;

use anyai_wire::{Code, WireError};
use async_trait::async_trait;
use bytes::Bytes;
use futures_util::StreamExt;
use http::{Request, Response};
use reqwest::{Client, Url};

use super::{BodyStream, Delivery, Transport, TransportError};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes must keep coming within this time: longer than the longest poll.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// HTTP to one address. It follows no redirect: the bearer token goes to the host the person
/// named and to no other.
pub struct RemoteTransport {
    client: Client,
    base: Url,
}

impl RemoteTransport {
    /// A transport to the server at `address`, like `https://studio.example.org`. An address
    /// without a scheme is taken as `https`, on this machine as `http`.
    ///
    /// # Errors
    /// [`Code::AddressInvalid`] when it is no web address, carries credentials, or is plain
    /// `http` without the person having written so.
    pub fn new(address: &str) -> Result<Self, WireError> {
        let base = parse_address(address)?;
        let mut builder = Client::builder();
        if is_this_machine(&base) {
            // A proxy elsewhere would read the token, and would ask its own loopback.
            builder = builder.no_proxy();
        }
        let client = builder
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .referer(false)
            .build()
            .map_err(|error| WireError::new(Code::Internal, format!("no HTTP client: {error}")))?;
        Ok(Self { client, base })
    }

    /// The address in one spelling, for showing and for telling studios apart.
    #[must_use]
    pub fn address(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    fn target(&self, path_and_query: &str) -> Result<Url, TransportError> {
        let text = format!("{}{path_and_query}", self.address());
        Url::parse(&text).map_err(|_| TransportError::not_sent("the path is not a web address"))
    }
}

#[async_trait]
impl Transport for RemoteTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<BodyStream>, TransportError> {
        let (head, body) = request.into_parts();
        let path = head
            .uri
            .path_and_query()
            .map_or("/", http::uri::PathAndQuery::as_str);
        let url = self.target(path)?;
        let sent = self
            .client
            .request(head.method, url)
            .headers(head.headers)
            .body(body)
            .send();
        let response = sent.await.map_err(failure)?;
        let mut answer = Response::builder().status(response.status());
        if let Some(headers) = answer.headers_mut() {
            *headers = response.headers().clone();
        }
        let body: BodyStream = Box::pin(
            response
                .bytes_stream()
                .map(|piece| piece.map_err(|error| TransportError::maybe_sent(reason(&error)))),
        );
        answer
            .body(body)
            .map_err(|_| TransportError::maybe_sent("the response has no valid head"))
    }
}

fn failure(error: reqwest::Error) -> TransportError {
    let delivery = if error.is_connect() || error.is_builder() {
        Delivery::NotSent
    } else {
        Delivery::MaybeSent
    };
    TransportError {
        delivery,
        reason: reason(&error),
    }
}

/// The innermost cause says most ("connection refused"); the address is left out.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if std::ptr::addr_eq(cause, error) && error.url().is_some() {
        return "the request failed".to_owned();
    }
    cause.to_string()
}

fn parse_address(address: &str) -> Result<Url, WireError> {
    let invalid = |why: &str| WireError::new(Code::AddressInvalid, why.to_owned());
    let trimmed = address.trim();
    let spelled = if trimmed.contains("://") {
        trimmed.to_owned()
    } else {
        let guess = format!("https://{trimmed}");
        let local = Url::parse(&guess).is_ok_and(|url| is_this_machine(&url));
        if local {
            format!("http://{trimmed}")
        } else {
            guess
        }
    };
    let mut url = Url::parse(&spelled).map_err(|_| invalid("that is not a web address"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(invalid(
            "a studio server's address starts with https:// or http://",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("leave user name and password out of the address"));
    }
    url.set_query(None);
    url.set_fragment(None);
    Ok(url)
}

fn is_this_machine(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    })
}
