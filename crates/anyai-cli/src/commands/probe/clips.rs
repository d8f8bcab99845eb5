//! `anyai probe --kind video`: a clip's job, submitted once, asked after until it is over, fetched.

use std::time::Duration;

use anyai_providers::{
    Client, Clip, ClipAt, Endpoint, ErrorClass, ProviderError, SubmitError, Usage, VideoJobId,
    VideoRequest, VideoStatus,
};
use serde_json::{Value, json};

use crate::commands::CommandError;
use crate::commands::probe::arguments::ProbeArguments;
use crate::commands::probe::report::error_json;
use crate::commands::probe::{ProbeError, asset, files, pictures};
use crate::exit::Exit;
use crate::output;

pub(super) async fn run(
    arguments: &ProbeArguments,
    endpoint: Endpoint<'_>,
) -> Result<Exit, CommandError> {
    let request = request(arguments)?;
    anyai_providers::build_video(&request, &endpoint).map_err(ProbeError::from)?;
    let client = Client::new().map_err(CommandError::Client)?.replaying();
    let mut course = Course::default();
    if let Err(error) = course.take(&client, endpoint, arguments, &request).await {
        course.error = Some(error);
    }
    let found = course.json(&arguments.model);
    if arguments.json {
        output::result(&found.to_string())?;
    } else {
        for asset in &course.assets {
            output::result(&asset.to_string())?;
        }
        let status = course.status.unwrap_or("not submitted");
        output::remark(&format!("[{status}; {} polls]", course.polls))?;
    }
    Ok(match course.error {
        Some(_) => Exit::Provider,
        None => Exit::Success,
    })
}

fn request(arguments: &ProbeArguments) -> Result<VideoRequest, ProbeError> {
    let media = &arguments.media;
    let mut request = VideoRequest::new(&arguments.model, &arguments.prompt, media.seconds);
    request.task = media.video_task(!arguments.images.is_empty());
    request.resolution.clone_from(&media.resolution);
    request.aspect.clone_from(&media.aspect);
    request.sound = media.sound;
    request.seed = media.seed;
    request.first_frame = media.first_frame.as_deref().map(files::image).transpose()?;
    request.last_frame = media.last_frame.as_deref().map(files::image).transpose()?;
    request.references = files::images(&arguments.images)?;
    request.source = media.clip.as_deref().map(files::clip).transpose()?;
    Ok(request)
}

/// What became of a job.
#[derive(Debug, Default)]
struct Course {
    job: Option<VideoJobId>,
    may_have_been_sent: Option<bool>,
    status: Option<&'static str>,
    permille: Option<u32>,
    polls: u32,
    assets: Vec<Value>,
    usage: Option<Usage>,
    refusal: Option<String>,
    error: Option<ProviderError>,
}

impl Course {
    async fn take(
        &mut self,
        client: &Client,
        endpoint: Endpoint<'_>,
        arguments: &ProbeArguments,
        request: &VideoRequest,
    ) -> Result<(), ProviderError> {
        let media = &arguments.media;
        let job = match &media.job {
            Some(id) => VideoJobId(id.clone()),
            None => {
                let submitted = client.submit_video(endpoint, request).await;
                submitted.map_err(|failed| self.not_submitted(failed))?
            }
        };
        self.job = Some(job.clone());
        while self.polls < media.polls_max {
            let manners = endpoint.protocol.poll_wait(self.polls);
            let wait = media.poll_ms.map_or(manners, Duration::from_millis);
            tokio::time::sleep(wait).await;
            let status = client.poll_video(endpoint, &job).await?;
            self.polls += 1;
            self.status = Some(status.as_str());
            if status.is_final() {
                return self.end(client, endpoint, status).await;
            }
            if let VideoStatus::Running { permille } = status {
                self.permille = permille;
            }
        }
        let message = format!("the job is not over after {} polls", self.polls);
        Err(ProviderError::new(ErrorClass::Timeout, message))
    }

    fn not_submitted(&mut self, failed: SubmitError) -> ProviderError {
        self.may_have_been_sent = Some(failed.may_have_been_sent);
        failed.error
    }

    async fn end(
        &mut self,
        client: &Client,
        endpoint: Endpoint<'_>,
        status: VideoStatus,
    ) -> Result<(), ProviderError> {
        match status {
            VideoStatus::Done { clips, usage } => {
                self.usage = usage;
                for clip in clips {
                    self.fetch(client, endpoint, clip).await?;
                }
                Ok(())
            }
            VideoStatus::Failed { error, usage } => {
                self.usage = usage;
                Err(error)
            }
            VideoStatus::Blocked { reason, usage } => {
                self.usage = usage;
                self.refusal = Some(reason.clone());
                Err(ProviderError::new(ErrorClass::ContentRefused, reason))
            }
            VideoStatus::Expired => {
                let message = "the provider no longer has the clip";
                Err(ProviderError::new(ErrorClass::NotFound, message))
            }
            VideoStatus::Queued | VideoStatus::Running { .. } => Ok(()),
        }
    }

    /// A link that leads to nothing is shown all the same.
    async fn fetch(
        &mut self,
        client: &Client,
        endpoint: Endpoint<'_>,
        clip: Clip,
    ) -> Result<(), ProviderError> {
        let mime = clip.mime.as_deref();
        let mut asset = match &clip.at {
            ClipAt::Bytes(bytes) => asset::clip(bytes, mime, None),
            ClipAt::Link(url) => match pictures::whole(client, endpoint, url).await {
                Ok((bytes, said)) => asset::clip(&bytes, said.as_deref().or(mime), Some(url)),
                Err(error) => {
                    self.assets.push(asset::link("video", url, mime));
                    return Err(error);
                }
            },
        };
        asset["milliseconds"] = json!(clip.milliseconds);
        self.assets.push(asset);
        Ok(())
    }

    fn json(&self, model: &str) -> Value {
        let cost = self.usage.and_then(|usage| usage.provider_cost);
        json!({
            "id": self.job.as_ref().map(|job| &job.0),
            "job_id": self.job.as_ref().map(|job| &job.0),
            "model": model,
            "status": self.status,
            "polls": self.polls,
            "progress_permille": self.permille,
            "assets": self.assets,
            "text": "",
            "refusal": self.refusal,
            "usage": self.usage.map(asset::usage),
            "provider_cost_nano_usd": cost.map(|cost| cost.nano()),
            "may_have_been_sent": self.may_have_been_sent,
            "error": self.error.as_ref().map(error_json),
        })
    }
}
