//! Fetches what a provider made, from wherever its answer says it is.
//!
//! The link comes from outside, so it is followed with care: over HTTP only, never from an encrypted
//! connection to a plain one, never into a private network unless the provider itself is there, and
//! with the key only where the key belongs. Redirects are followed by hand under the same rules.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::{Stream, stream};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use url::Url;

use crate::address::may_be_public;
use crate::answered::Answered;
use crate::client::Client;
use crate::endpoint::Endpoint;
use crate::error::{ErrorClass, ProviderError};
use crate::http_request::HttpRequest;
use crate::jobs::not_built;
use crate::secret::Secret;
use crate::transport::{Manner, Transport, too_large};

/// The most redirects followed; providers need one.
const REDIRECTS_MAX: usize = 5;

/// A file as it arrives. It ends, or breaks off after one error.
pub struct Download {
    mime: Option<String>,
    length: Option<u64>,
    chunks: Pin<Box<dyn Stream<Item = Result<Bytes, ProviderError>> + Send>>,
}

impl Download {
    /// What the server says it is; its own first bytes are more reliable.
    #[must_use]
    pub fn mime(&self) -> Option<&str> {
        self.mime.as_deref()
    }

    /// How long it is, where the server says.
    #[must_use]
    pub const fn length(&self) -> Option<u64> {
        self.length
    }
}

impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Download")
            .field("mime", &self.mime)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl Stream for Download {
    type Item = Result<Bytes, ProviderError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.chunks.as_mut().poll_next(cx)
    }
}

impl Client {
    /// Fetches a file of at most `bytes_max` bytes that an answer of this provider linked to.
    ///
    /// # Errors
    /// When the link may not be followed, or leads to nothing.
    pub async fn download(
        &self,
        endpoint: Endpoint<'_>,
        url: &str,
        bytes_max: u64,
    ) -> Result<Download, ProviderError> {
        let secret = Secret::new(endpoint.key);
        let fetched = follow(&self.transport, &endpoint, url, self.stands_in).await;
        let response = fetched.map_err(|error| secret.scrub(error))?;
        let header = |name| response.headers().get(name)?.to_str().ok();
        let mime = header(CONTENT_TYPE).map(|mime| mime.split(';').next().unwrap_or(mime).trim());
        let mime = mime.filter(|mime| !mime.is_empty()).map(str::to_owned);
        let length: Option<u64> = header(CONTENT_LENGTH).and_then(|length| length.parse().ok());
        if length.is_some_and(|length| length > bytes_max) {
            return Err(above(bytes_max));
        }
        Ok(Download {
            mime,
            length,
            chunks: Box::pin(chunks(self.transport.clone(), response, bytes_max)),
        })
    }
}

fn above(bytes_max: u64) -> ProviderError {
    too_large(usize::try_from(bytes_max).unwrap_or(usize::MAX))
}

fn chunks(
    transport: Transport,
    response: Answered,
    bytes_max: u64,
) -> impl Stream<Item = Result<Bytes, ProviderError>> + Send {
    let rest = Some((transport, response, bytes_max));
    stream::unfold(rest, move |rest| async move {
        let (transport, mut response, left) = rest?;
        match transport.next_chunk(&mut response).await {
            Ok(None) => None,
            Ok(Some(chunk)) => match left.checked_sub(chunk.len() as u64) {
                Some(left) => Some((Ok(chunk), Some((transport, response, left)))),
                None => Some((Err(above(bytes_max)), None)),
            },
            Err(error) => Some((Err(error), None)),
        }
    })
}

async fn follow(
    transport: &Transport,
    endpoint: &Endpoint<'_>,
    link: &str,
    stands_in: bool,
) -> Result<Answered, ProviderError> {
    let own = HttpRequest::get(endpoint, "", None).map_err(|error| not_built(&error))?;
    let mut at = Url::parse(link).or_else(|_| own.url.join(link));
    for _ in 0..=REDIRECTS_MAX {
        let url = at.map_err(|_| refused("it is no address"))?;
        let way = Way::to(&url, &own, endpoint, stands_in)?;
        let patience = transport.limits().idle_timeout;
        let manner = Manner::following(patience, way.only_public);
        let response = transport
            .send_as(&way.request, endpoint.provider, manner)
            .await
            .map_err(|failure| failure.error)?;
        if !response.status().is_redirection() {
            return Ok(response);
        }
        let location = response.headers().get(LOCATION);
        let location = location.and_then(|location| location.to_str().ok());
        at = url.join(location.ok_or_else(|| refused("it leads elsewhere without saying where"))?);
    }
    Err(refused("it leads elsewhere too often"))
}

fn refused(why: &str) -> ProviderError {
    let message = format!("the provider's link to the file was not followed: {why}");
    ProviderError::new(ErrorClass::Malformed, message)
}

/// How one address is reached.
struct Way {
    request: HttpRequest,
    only_public: bool,
}

impl Way {
    fn to(
        url: &Url,
        own: &HttpRequest,
        endpoint: &Endpoint<'_>,
        stands_in: bool,
    ) -> Result<Self, ProviderError> {
        let Some(host) = url
            .host()
            .filter(|_| matches!(url.scheme(), "http" | "https"))
        else {
            return Err(refused("it is no web address"));
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("it holds a user name or a password"));
        }
        let stands_in = stands_in && own.is_loopback();
        let is_own =
            url.origin() == own.url.origin() || stands_in && url.origin() == usual_origin(endpoint);
        let mut request = HttpRequest {
            url: url.clone(),
            ..own.clone()
        };
        if !is_own {
            request.headers.clear();
        }
        // A server on this machine is there itself.
        if stands_in && !request.is_loopback() {
            request.url = own.url.clone();
            request.url.set_path(url.path());
            request.url.set_query(url.query());
        }
        let is_inside = is_own
            || own.url.host() == Some(host.clone())
            || own.is_loopback() && request.is_loopback();
        if !is_inside && !may_be_public(&host) {
            return Err(refused("it leads into a private network"));
        }
        if own.url.scheme() == "https" && url.scheme() != "https" {
            return Err(refused("it is not encrypted"));
        }
        Ok(Self {
            request,
            only_public: !is_inside,
        })
    }
}

/// Where the provider is found when nothing else is said.
fn usual_origin(endpoint: &Endpoint<'_>) -> url::Origin {
    let usual = endpoint.provider.default_base_url();
    let usual = usual.and_then(|usual| Url::parse(usual).ok());
    usual.map_or_else(url::Origin::new_opaque, |usual| usual.origin())
}
