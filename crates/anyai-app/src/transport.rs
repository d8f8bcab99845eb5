//! How a request reaches a studio server. The embedded server is called in-process by another
//! implementation of [`Transport`]; a remote one over HTTP by [`RemoteTransport`].

mod remote;

use std::pin::Pin;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::Stream;
use http::{Request, Response};

pub use remote::RemoteTransport;

/// A response body as it arrives.
pub type BodyStream = Pin<Box<dyn Stream<Item = Result<Bytes, TransportError>> + Send>>;

/// Carries requests to one studio server.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Sends a request whose URI is a path and query (`/v1/hello`), with every header it needs,
    /// and returns the response as soon as its head is there.
    ///
    /// # Errors
    /// [`TransportError`] when no response came; a response with any status is not an error.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<BodyStream>, TransportError>;
}

/// Whether a request that failed may have been acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It never left.
    NotSent,
    /// It left; whether the server acted is unknown.
    MaybeSent,
}

/// The server could not be reached, or the connection broke.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the studio server cannot be reached: {reason}")]
pub struct TransportError {
    /// Whether the request may have been acted on.
    pub delivery: Delivery,
    /// Why, for a log; never a token.
    pub reason: String,
}

impl TransportError {
    /// A failure before anything left.
    pub fn not_sent(reason: impl Into<String>) -> Self {
        Self {
            delivery: Delivery::NotSent,
            reason: reason.into(),
        }
    }

    /// A failure after the request left, or in the middle of a body.
    pub fn maybe_sent(reason: impl Into<String>) -> Self {
        Self {
            delivery: Delivery::MaybeSent,
            reason: reason.into(),
        }
    }
}
