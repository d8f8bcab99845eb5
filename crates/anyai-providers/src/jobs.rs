//! Video jobs at a provider: submitted once, asked after as often as it takes.

use serde_json::json;

use crate::build_media::build_video;
use crate::client::Client;
use crate::endpoint::Endpoint;
use crate::error::{BuildError, ErrorClass, ProviderError};
use crate::http_request::HttpRequest;
use crate::secret::Secret;
use crate::transport::Manner;
use crate::video_job::{SubmitError, VideoJobId, VideoStatus};
use crate::video_request::VideoRequest;

/// The most bytes a status may have: the clip may stand in it.
const STATUS_BYTES_MAX: usize = 128 * 1024 * 1024;

impl Client {
    /// Submits a clip's job. It is sent once; only connecting is tried again.
    ///
    /// # Errors
    /// When there is no job id, with whether there may be a job all the same.
    pub async fn submit_video(
        &self,
        endpoint: Endpoint<'_>,
        request: &VideoRequest,
    ) -> Result<VideoJobId, SubmitError> {
        let secret = Secret::new(endpoint.key);
        let request = build_video(request, &endpoint)
            .map_err(|error| SubmitError::unsent(not_built(&error)))?;
        let patience = self.transport.limits().idle_timeout;
        let manner = Manner::order(patience);
        let sending = self.transport.send_as(&request, endpoint.provider, manner);
        let response = sending.await.map_err(|failure| {
            let error = secret.scrub(failure.error);
            if failure.unsent {
                SubmitError::unsent(error)
            } else {
                SubmitError::sent(error)
            }
        })?;
        let status = response.status().as_u16();
        let reading = self.transport.read_whole(response, STATUS_BYTES_MAX).await;
        let job = reading.and_then(|body| VideoJobId::read(endpoint.provider, &body));
        job.map_err(|mut error| {
            error.http_status = Some(status);
            SubmitError::sent(secret.scrub(error))
        })
    }

    /// Asks how far a job is. A failure here is one of asking; the job goes on.
    ///
    /// # Errors
    /// When the provider does not say, now.
    pub async fn poll_video(
        &self,
        endpoint: Endpoint<'_>,
        job: &VideoJobId,
    ) -> Result<VideoStatus, ProviderError> {
        let secret = Secret::new(endpoint.key);
        let polled = self.poll(endpoint, job).await;
        polled
            .map(|status| status.without(&secret))
            .map_err(|error| secret.scrub(error))
    }

    async fn poll(
        &self,
        endpoint: Endpoint<'_>,
        job: &VideoJobId,
    ) -> Result<VideoStatus, ProviderError> {
        let path = job_path(&endpoint, job)?;
        let request =
            HttpRequest::get(&endpoint, &path, None).map_err(|error| not_built(&error))?;
        let response = match self.transport.send(&request, endpoint.provider).await {
            Ok(response) => response,
            // Some say with an error that the clip did not pass.
            Err(error) if error.class == ErrorClass::ContentRefused => {
                return Ok(VideoStatus::not_made(error, None));
            }
            Err(error) if error.http_status == Some(410) => return Ok(VideoStatus::Expired),
            Err(error) => return Err(error),
        };
        let status = response.status().as_u16();
        let body = self
            .transport
            .read_whole(response, STATUS_BYTES_MAX)
            .await?;
        VideoStatus::read(endpoint.provider, endpoint.protocol, status, &body)
    }

    /// Calls a job off, where the provider can. `false` where it cannot: then it goes on, and is
    /// billed.
    ///
    /// # Errors
    /// When the provider does not confirm it.
    pub async fn cancel_video(
        &self,
        endpoint: Endpoint<'_>,
        job: &VideoJobId,
    ) -> Result<bool, ProviderError> {
        if !endpoint.protocol.can_cancel_video() {
            return Ok(false);
        }
        let path = format!("{}/cancel", job_path(&endpoint, job)?);
        let request = HttpRequest::post(&endpoint, &path, None, &json!({}))
            .map_err(|error| not_built(&error))?;
        let sent = self.transport.send(&request, endpoint.provider).await;
        let secret = Secret::new(endpoint.key);
        sent.map(|_| true).map_err(|error| secret.scrub(error))
    }
}

fn job_path(endpoint: &Endpoint<'_>, job: &VideoJobId) -> Result<String, ProviderError> {
    job.path(endpoint.protocol).ok_or_else(|| {
        let message = "the job cannot be asked after: its id is none of this protocol";
        ProviderError::new(ErrorClass::InvalidRequest, message)
    })
}

/// A request that cannot be made, as a failure of the provider's: a bad key is a bad key.
pub(crate) fn not_built(error: &BuildError) -> ProviderError {
    let class = match error {
        BuildError::Key => ErrorClass::Auth,
        _ => ErrorClass::InvalidRequest,
    };
    ProviderError::new(class, error.to_string())
}
