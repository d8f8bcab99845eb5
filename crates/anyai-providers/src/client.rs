//! Speaks HTTP for the protocols: one connection per answer, closed when the answer is dropped.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::Stream;

use crate::endpoint::Endpoint;
use crate::error::{BuildError, ErrorClass, ProviderError};
use crate::event::ProviderEvent;
use crate::request::ChatRequest;

/// A connection pool to the providers. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Client {
    _http: reqwest::Client,
}

impl Client {
    /// A client with the house's limits.
    ///
    /// # Errors
    /// When the machine's TLS set-up cannot be loaded.
    pub fn new() -> Result<Self, ProviderError> {
        let http = reqwest::Client::builder().build().map_err(|_| {
            ProviderError::new(
                ErrorClass::Network,
                "secure connections cannot be set up here",
            )
        })?;
        Ok(Self { _http: http })
    }

    /// Asks for one answer. Nothing is sent until the stream is polled; dropping it hangs up.
    ///
    /// # Errors
    /// When the request cannot be made at all.
    pub fn stream(
        &self,
        _endpoint: Endpoint<'_>,
        _request: &ChatRequest,
    ) -> Result<EventStream, BuildError> {
        Ok(EventStream {
            events: Box::pin(futures_util::stream::empty()),
        })
    }

    /// The model ids this key can see: the cheapest way to verify a key.
    ///
    /// # Errors
    /// A classed failure: `Auth` for a bad key.
    #[expect(clippy::unused_async, reason = "the signature lands before the body")]
    pub async fn list_models(
        &self,
        _endpoint: Endpoint<'_>,
    ) -> Result<Vec<String>, ListModelsError> {
        Ok(Vec::new())
    }
}

/// Why the models could not be listed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListModelsError {
    /// The request could not be made at all.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The provider did not answer with a list.
    #[error(transparent)]
    Provider(#[from] ProviderError),
}

/// An answer as it arrives. It ends after one `Finished` or `Failed`.
pub struct EventStream {
    events: Pin<Box<dyn Stream<Item = ProviderEvent> + Send>>,
}

impl std::fmt::Debug for EventStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EventStream")
    }
}

impl Stream for EventStream {
    type Item = ProviderEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.events.as_mut().poll_next(cx)
    }
}
