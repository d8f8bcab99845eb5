//! Calls that make pictures and clips. What is paid for must be [`Admitted`]; asking after it, calling
//! it off and fetching it cost nothing.

use anyai_ledger_db::Dispatch;
use anyai_providers::{
    ImageRequest, Protocol, ProviderError, SubmitError, VideoJobId, VideoRequest, VideoStatus,
};
use anyai_wire::WireError;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;

use super::route::protocol_of;
use super::{Admitted, Call, Gateway, Route};

impl Gateway {
    /// Asks for pictures. As with [`Gateway::call`], nothing is sent before the first [`Call::next`].
    pub(crate) fn images(
        &self,
        admitted: Admitted,
        route: &Route,
        request: &ImageRequest,
    ) -> Result<Call, WireError> {
        let events = self.client.images(route.endpoint(), request);
        let events = events.map_err(|error| route.failure_to_build(&error))?;
        Ok(Call { admitted, events })
    }

    /// Submits a clip's job, once: the permission is used up.
    pub(crate) async fn submit_video(
        &self,
        admitted: Admitted,
        route: &Route,
        request: &VideoRequest,
    ) -> (Dispatch, Result<String, SubmitError>) {
        let Admitted { dispatch, mut pass } = admitted;
        let submitted = self.client.submit_video(route.endpoint(), request).await;
        match &submitted {
            Ok(_) => pass.answered(),
            Err(SubmitError { error, .. }) => pass.failed(error),
        }
        (dispatch, submitted.map(|VideoJobId(id)| id))
    }

    /// How far a clip's job is.
    pub(crate) async fn poll_video(
        &self,
        route: &Route,
        job: &str,
    ) -> Result<VideoStatus, ProviderError> {
        let job = VideoJobId(job.to_owned());
        self.client.poll_video(route.endpoint(), &job).await
    }

    /// Calls a clip's job off; `false` where the provider cannot.
    pub(crate) async fn cancel_video(
        &self,
        route: &Route,
        job: &str,
    ) -> Result<bool, ProviderError> {
        let job = VideoJobId(job.to_owned());
        self.client.cancel_video(route.endpoint(), &job).await
    }

    /// Fetches what a provider made.
    pub(crate) async fn download(
        &self,
        route: &Route,
        url: &str,
        bytes_max: u64,
    ) -> Result<BoxStream<'static, Result<Bytes, ProviderError>>, ProviderError> {
        let pieces = self.client.download(route.endpoint(), url, bytes_max);
        Ok(pieces.await?.boxed())
    }
}

impl Route {
    /// The protocol's own manners.
    pub(crate) const fn protocol(&self) -> Protocol {
        protocol_of(self.api)
    }
}
