//! Asks a provider for an answer: one connection per answer, closed when the answer is dropped.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, stream};

use crate::aftermath::{self, Aftermath};
use crate::answered::Answered;
use crate::build::build;
use crate::build_media::build_images;
use crate::decode::Decoder;
use crate::endpoint::{Endpoint, Provider};
use crate::error::{BuildError, ProviderError};
use crate::event::ProviderEvent;
use crate::http_request::HttpRequest;
use crate::image_request::ImageRequest;
use crate::models::{self, ListModelsError};
use crate::request::ChatRequest;
use crate::secret::Secret;
use crate::transport::{Limits, Manner, Setback, Transport, silence, too_large};

/// The most bytes one answer may have altogether.
const ANSWER_BYTES_MAX: usize = 128 * 1024 * 1024;

/// Talks to providers. Cloning shares its connections.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) transport: Transport,
    /// A server on this machine is taken for every server a link names.
    pub(crate) stands_in: bool,
}

impl Client {
    /// A client with the house's limits.
    ///
    /// # Errors
    /// When the machine's TLS set-up cannot be loaded.
    pub fn new() -> Result<Self, ProviderError> {
        Self::with_limits(Limits::default())
    }

    /// A client with other limits.
    ///
    /// # Errors
    /// When the machine's TLS set-up cannot be loaded.
    pub fn with_limits(limits: Limits) -> Result<Self, ProviderError> {
        Ok(Self {
            transport: Transport::new(limits)?,
            stands_in: false,
        })
    }

    /// The same client, for recordings replayed by a server on this machine: what an answer links
    /// to is fetched there too, whichever server the link names. It changes nothing for an endpoint
    /// that is elsewhere.
    #[must_use]
    pub fn replaying(self) -> Self {
        Self {
            stands_in: true,
            ..self
        }
    }

    /// Asks for one answer. Nothing is sent until the stream is polled; dropping it hangs up.
    ///
    /// # Errors
    /// When the request cannot be made at all.
    pub fn stream(
        &self,
        endpoint: Endpoint<'_>,
        request: &ChatRequest,
    ) -> Result<EventStream, BuildError> {
        let request = build(request, &endpoint)?;
        let patience = self.transport.limits().idle_timeout;
        Ok(self.answer(endpoint, request, Manner::asking(patience)))
    }

    /// Asks for pictures. Nothing is sent until the stream is polled. They are billed when they are
    /// made, so the request is sent once; only connecting is tried again.
    ///
    /// # Errors
    /// When the request cannot be made at all.
    pub fn images(
        &self,
        endpoint: Endpoint<'_>,
        request: &ImageRequest,
    ) -> Result<EventStream, BuildError> {
        let request = build_images(request, &endpoint)?;
        let patience = self.transport.limits().making_timeout;
        Ok(self.answer(endpoint, request, Manner::order(patience)))
    }

    fn answer(&self, endpoint: Endpoint<'_>, request: HttpRequest, manner: Manner) -> EventStream {
        let answer = Answer {
            transport: self.transport.clone(),
            provider: endpoint.provider,
            secret: Secret::new(endpoint.key),
            request,
            manner,
            decoder: Decoder::new(endpoint.provider, endpoint.protocol),
            failed_attempts: 0,
            again_in: None,
            response: None,
            events: VecDeque::new(),
            bytes_read: 0,
        };
        let events = stream::unfold(answer, |mut answer| async move {
            let event = answer.next().await?;
            Some((event, answer))
        });
        EventStream {
            events: Box::pin(events),
        }
    }

    /// The model ids this key can see: the cheapest way to verify a key.
    ///
    /// # Errors
    /// A classed failure: `Auth` for a bad key.
    pub async fn list_models(
        &self,
        endpoint: Endpoint<'_>,
    ) -> Result<Vec<String>, ListModelsError> {
        models::list(&self.transport, endpoint).await
    }

    /// What became of an answer that nobody read to its end, by the provider's id for it. Asking
    /// costs nothing.
    ///
    /// # Errors
    /// When the provider does not say, now: it cannot be reached, or refuses the key.
    pub async fn ask_after(
        &self,
        endpoint: Endpoint<'_>,
        provider_request_id: &str,
    ) -> Result<Aftermath, ProviderError> {
        aftermath::ask(&self.transport, endpoint, provider_request_id).await
    }
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

/// One answer under way.
struct Answer {
    transport: Transport,
    provider: Provider,
    secret: Secret,
    request: HttpRequest,
    manner: Manner,
    decoder: Decoder,
    failed_attempts: u32,
    /// How long to wait before it is asked again.
    again_in: Option<Duration>,
    response: Option<Answered>,
    events: VecDeque<ProviderEvent>,
    bytes_read: usize,
}

impl Answer {
    async fn next(&mut self) -> Option<ProviderEvent> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some(event);
            }
            if self.decoder.ended() {
                return None;
            }
            let events = match self.response.take() {
                None => self.open().await,
                Some(response) => self.read(response).await,
            };
            self.events.extend(events);
        }
    }

    /// Asks, or waits and asks again.
    async fn open(&mut self) -> Vec<ProviderEvent> {
        if let Some(wait) = self.again_in.take() {
            tokio::time::sleep(wait).await;
        }
        let failed_before = self.failed_attempts;
        let attempt =
            self.transport
                .attempt(&self.request, self.provider, self.manner, failed_before);
        let Setback { failure, again_in } = match attempt.await {
            Ok(response) => {
                self.response = Some(response);
                return Vec::new();
            }
            Err(setback) => setback,
        };
        let error = self.secret.scrub(failure.error);
        if again_in.is_none() {
            return self.decoder.interrupt(error);
        }
        self.failed_attempts += 1;
        self.again_in = again_in;
        let asked = error.retry_after_ms.is_some();
        asked
            .then_some(ProviderEvent::AskedToWait(error))
            .into_iter()
            .collect()
    }

    /// Reads one chunk. The response is put back unless the answer is over, so an answer that is
    /// over closes its connection.
    async fn read(&mut self, mut response: Answered) -> Vec<ProviderEvent> {
        let status = response.status().as_u16();
        let events = match tokio::time::timeout(self.manner.patience, response.chunk()).await {
            Err(_) => self.decoder.interrupt(silence(self.manner.patience)),
            Ok(Err(error)) => self.decoder.interrupt(error),
            Ok(Ok(None)) => self.decoder.finish(),
            Ok(Ok(Some(chunk))) => {
                self.bytes_read = self.bytes_read.saturating_add(chunk.len());
                if self.bytes_read > ANSWER_BYTES_MAX {
                    self.decoder.interrupt(too_large(ANSWER_BYTES_MAX))
                } else {
                    self.decoder.push(&chunk)
                }
            }
        };
        if !self.decoder.ended() {
            self.response = Some(response);
        }
        events
            .into_iter()
            .map(|event| self.at_status(event, status))
            .collect()
    }

    fn at_status(&self, event: ProviderEvent, status: u16) -> ProviderEvent {
        match event {
            ProviderEvent::Failed(mut error) => {
                error.http_status = Some(status);
                ProviderEvent::Failed(self.secret.scrub(error))
            }
            other => other,
        }
    }
}
