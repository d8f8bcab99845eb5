//! The embedded server as a tower service: the same requests as a remote one, and no port.

use anyai_app::{BodyStream, Transport, TransportError};
use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use futures_util::StreamExt;
use http::{Request, Response};
use tower::ServiceExt;

/// Calls a router where it stands.
pub(crate) struct InProcess(pub(crate) Router);

#[async_trait]
impl Transport for InProcess {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<BodyStream>, TransportError> {
        let answered = self.0.clone().oneshot(request.map(Body::from)).await;
        let response = answered.unwrap_or_else(|never| match never {});
        Ok(response.map(|body| {
            let pieces = body.into_data_stream();
            let stream: BodyStream =
                Box::pin(pieces.map(|piece| {
                    piece.map_err(|error| TransportError::maybe_sent(error.to_string()))
                }));
            stream
        }))
    }
}
