//! Clips: submitted once, asked after by the provider's id, fetched at once, then settled.

use std::time::Duration;

use anyai_ledger_db::Dispatch;
use anyai_providers::{
    Clip, ClipAt, ErrorClass, ProviderError, SubmitError, Usage, VideoRequest, VideoStatus,
};
use anyai_wire::{Code, JobStage, StopReason, TurnEvent, WireError};
use bytes::Bytes;

use super::bill::Came;
use super::files::{self, Place};
use super::progress::Leave;
use super::run::{End, Job};
use super::work::Work;
use crate::gateway::provider_failure;
use crate::history::{AssetRow, Closing, JobAnswer, JobState, Outcome};

/// How long a provider may take over a clip, and its link may be dead, before nobody knows.
pub(super) const MAKING_MS_MAX: i64 = 24 * 60 * 60 * 1_000;

/// The longest wait between two questions that were not answered.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// The longest wait a provider may ask for.
const ASKED_MAX: Duration = Duration::from_secs(60 * 60);

/// How often in a row a provider says that it has no such job before it is believed.
const NOT_FOUND_MAX: u32 = 3;

/// How often something else than a clip is fetched before that is what was made.
const NO_CLIP_MAX: u32 = 3;

/// Submits the clip of a held turn, and sees it through.
pub(super) async fn submit(job: &mut Job, dispatch: Dispatch, request: &VideoRequest) -> End {
    if job.track.is_stopped() {
        return job.never_sent(None);
    }
    let admitted = match job.admit(dispatch).await {
        Ok(admitted) => admitted,
        Err(end) => return end,
    };
    job.track.row.submitted_at = Some(job.studio.clock.now());
    if job.track.move_to(JobState::Submitting).await.is_err() {
        return End::Left;
    }
    let submitted = job
        .studio
        .gateway
        .submit_video(admitted, &job.route, request);
    match submitted.await {
        (dispatch, Ok(id)) => {
            job.note(&dispatch, &id).await;
            job.track.row.provider_job = Some(id);
            job.track.show(JobStage::Submitted, None);
            if job.track.move_to(JobState::Submitted).await.is_err() {
                return End::Left;
            }
            let wait = job.route.protocol().poll_wait(0);
            see_through(job, wait).await
        }
        (
            _,
            Err(SubmitError {
                error,
                may_have_been_sent: true,
            }),
        ) => {
            let turn = job.turn;
            tracing::error!(%turn, %error, "whether the clip of {turn} is being made is not known: {error}");
            unknown(job).await
        }
        (_, Err(SubmitError { error, .. })) => {
            let state = match error.class {
                ErrorClass::ContentRefused => JobState::Blocked,
                _ => JobState::Failed,
            };
            let error = provider_failure(job.route.provider, &error);
            End::Closed(job.closing(Came::default(), state, Outcome::Failed { error }))
        }
    }
}

/// Goes on where an earlier run left it, without submitting.
pub(super) async fn go_on(job: &mut Job) -> End {
    if job.track.row.stopped {
        // It may have been stopped while its provider could not be asked.
        call_off(job).await;
    }
    if job.track.row.state == JobState::Downloading
        && let Some(answer) = job.track.row.answer.clone()
    {
        let fetched = fetch(job, answer, None).await;
        return fetched.unwrap_or_else(End::from);
    }
    see_through(job, Duration::ZERO).await
}

async fn see_through(job: &mut Job, first_wait: Duration) -> End {
    match watch(job, first_wait).await {
        Ok(end) => end,
        Err(Leave) => End::Left,
    }
}

/// Asks after the job until it is over.
async fn watch(job: &mut Job, first_wait: Duration) -> Result<End, Leave> {
    let (mut polls, mut failures, mut not_found) = (0, 0, 0);
    let (mut wait, mut asked) = (first_wait, Duration::ZERO);
    loop {
        rest(job, wait, asked).await?;
        let status = poll(job).await?;
        polls += 1;
        wait = job.route.protocol().poll_wait(polls);
        asked = Duration::ZERO;
        let status = match status {
            Ok(status) => {
                (failures, not_found) = (0, 0);
                status
            }
            Err(error) if error.class == ErrorClass::NotFound && not_found + 1 >= NOT_FOUND_MAX => {
                VideoStatus::Expired
            }
            Err(error) => {
                failures += 1;
                not_found += u32::from(error.class == ErrorClass::NotFound);
                wait = after_failure(wait, failures);
                asked = asked_by(&error);
                let turn = job.turn;
                tracing::warn!(%turn, %error, "the clip of {turn} cannot be asked after: {error}");
                VideoStatus::Queued
            }
        };
        let is_asked = failures == 0;
        if let Some(end) = take(job, status, is_asked).await? {
            return Ok(end);
        }
        if is_overdue(job) {
            return Ok(unknown(job).await);
        }
    }
}

/// Takes what the provider says of the job; what is over has an end.
async fn take(job: &mut Job, status: VideoStatus, is_said: bool) -> Result<Option<End>, Leave> {
    let end = match status {
        VideoStatus::Queued | VideoStatus::Running { .. } => {
            if is_said {
                show(job, &status).await?;
            }
            return Ok(None);
        }
        VideoStatus::Done { clips, usage } => return made(job, clips, usage).await.map(Some),
        VideoStatus::Failed { error, usage } => {
            let state = match error.class {
                ErrorClass::ContentRefused => JobState::Blocked,
                _ => JobState::Failed,
            };
            over(
                job,
                state,
                provider_failure(job.route.provider, &error),
                usage,
            )
        }
        VideoStatus::Blocked { reason, usage } => {
            let message = format!("{} declined to make this: {reason}", job.route.provider);
            let error = WireError::new(Code::ContentRefused, message);
            over(job, JobState::Blocked, error, usage)
        }
        VideoStatus::Expired => {
            let message = "the provider no longer has the clip, and billed none";
            let error = WireError::new(Code::ProviderFailed, message);
            over(job, JobState::Expired, error, None)
        }
    };
    Ok(Some(end))
}

async fn show(job: &mut Job, status: &VideoStatus) -> Result<(), Leave> {
    let (stage, permille, state) = match status {
        VideoStatus::Running { permille } => (JobStage::Running, *permille, JobState::Running),
        _ => (JobStage::Submitted, None, JobState::Submitted),
    };
    // A provider that says queued again after running is not believed.
    let goes_back = stage == JobStage::Submitted && job.track.row.state == JobState::Running;
    if !goes_back && job.track.show(stage, permille) {
        return job.track.move_to(state).await;
    }
    Ok(())
}

fn over(job: &Job, state: JobState, error: WireError, usage: Option<Usage>) -> End {
    let came = Came {
        usage,
        ..Came::default()
    };
    End::Closed(job.closing(came, state, Outcome::Failed { error }))
}

/// The provider has made it: what that costs is decided and stored, then the clip is fetched.
async fn made(job: &mut Job, clips: Vec<Clip>, usage: Option<Usage>) -> Result<End, Leave> {
    let Some(clip) = clips.into_iter().next() else {
        let error = WireError::new(Code::ProviderMalformed, "the provider handed over no clip");
        return Ok(over(job, JobState::Failed, error, usage));
    };
    let came = Came {
        milliseconds: clip.milliseconds.unwrap_or_else(|| asked_ms(&job.work)),
        usage,
        ..Came::default()
    };
    let complete = Outcome::Ended {
        stop_reason: StopReason::Complete,
    };
    let never = WireError::new(
        Code::ProviderUnreachable,
        "the provider made the clip, and it could not be fetched",
    );
    let lost = Came {
        usage,
        ..Came::default()
    };
    let (link, bytes) = match clip.at {
        ClipAt::Link(link) => (Some(link), None),
        ClipAt::Bytes(bytes) => (None, Some(bytes)),
    };
    let answer = JobAnswer {
        link,
        closing: job.closing(came, JobState::Succeeded, complete),
        lost: job.closing(lost, JobState::Failed, Outcome::Failed { error: never }),
    };
    job.track.row.answer = Some(answer.clone());
    job.track.show(JobStage::Downloading, None);
    job.track.move_to(JobState::Downloading).await?;
    fetch(job, answer, bytes).await
}

/// How long the clip was to be, where the provider does not say how long it is.
fn asked_ms(work: &Work) -> u64 {
    match work {
        Work::Video { ask, .. } => u64::from(ask.seconds) * 1_000,
        Work::Image { .. } => 0,
    }
}

/// Fetches the clip until it is here: links die, and the provider is asked for another.
async fn fetch(job: &mut Job, answer: JobAnswer, here: Option<Bytes>) -> Result<End, Leave> {
    let (mut link, mut here) = (answer.link.clone(), here);
    let (mut failures, mut no_clip) = (0, 0);
    loop {
        let error = match get(job, link.as_deref(), here.take()).await? {
            Some(Ok(asset)) => return keep(job, answer, asset).await,
            Some(Err(error)) => {
                let turn = job.turn;
                tracing::warn!(%turn, %error, "the clip of {turn} is not here yet: {error}");
                Some(error)
            }
            None => None,
        };
        no_clip += u32::from(error.is_some_and(|error| error.code == Code::AttachmentRejected));
        if no_clip == NO_CLIP_MAX {
            let message = "the provider handed over something that is no clip";
            let error = WireError::new(Code::ProviderMalformed, message);
            return Ok(lost(answer.lost, Some(error)));
        }
        if is_overdue(job) {
            return Ok(lost(answer.lost, None));
        }
        // The first question for another link is asked at once.
        if failures > 0 {
            let wait = after_failure(Duration::from_secs(1), failures);
            rest(job, wait, Duration::ZERO).await?;
        }
        failures += 1;
        if let Ok(VideoStatus::Done { clips, .. }) = poll(job).await?
            && let Some(clip) = clips.into_iter().next()
        {
            match clip.at {
                ClipAt::Link(fresh) => link = Some(fresh),
                ClipAt::Bytes(bytes) => here = Some(bytes),
            }
        }
    }
}

fn lost(closing: Closing, error: Option<WireError>) -> End {
    End::Closed(match error {
        Some(error) if matches!(closing.outcome, Outcome::Failed { .. }) => Closing {
            outcome: Outcome::Failed { error },
            ..closing
        },
        _ => closing,
    })
}

/// Gets the clip once; `None` where nobody knows where it is.
async fn get(
    job: &Job,
    link: Option<&str>,
    here: Option<Bytes>,
) -> Result<Option<Result<AssetRow, WireError>>, Leave> {
    let (studio, maker, place) = (&job.studio, job.maker(), Place::Output(0));
    let getting = async {
        match (here, link) {
            (Some(bytes), _) => Some(files::keep(studio, maker, place, &job.name, bytes).await),
            (None, Some(link)) => {
                let from = (&job.route, link);
                Some(files::fetch(studio, maker, place, &job.name, from).await)
            }
            (None, None) => None,
        }
    };
    let got = tokio::select! {
        () = studio.interrupt.cancelled() => return Err(Leave),
        got = getting => got,
    };
    Ok(got.map(|got| {
        let asset = got?;
        match asset.attachment.mime.starts_with("video/") {
            true => Ok(asset),
            false => Err(WireError::new(Code::AttachmentRejected, "it is no clip")),
        }
    }))
}

async fn keep(job: &mut Job, answer: JobAnswer, asset: AssetRow) -> Result<End, Leave> {
    let asset = AssetRow {
        poster: job.poster_hash().await,
        ..asset
    };
    let shown = asset.attachment.clone();
    let event = TurnEvent::Output {
        place: 0,
        asset: shown,
    };
    job.track.log.event(event);
    job.track.row.state = JobState::Succeeded;
    job.track.store(vec![asset]).await?;
    let closing = match job.track.is_stopped() {
        true => Closing {
            outcome: Outcome::Ended {
                stop_reason: StopReason::Stopped,
            },
            ..answer.closing
        },
        false => answer.closing,
    };
    Ok(End::Closed(closing))
}

async fn unknown(job: &mut Job) -> End {
    let now = job.studio.clock.now();
    job.track.row.unknown_since.get_or_insert(now);
    match job.track.move_to(JobState::Unknown).await {
        Ok(()) => End::Unknown,
        Err(Leave) => End::Left,
    }
}

fn is_overdue(job: &Job) -> bool {
    let submitted = job.track.row.submitted_at;
    submitted.is_some_and(|at| at.plus_millis(MAKING_MS_MAX) <= job.studio.clock.now())
}

/// Asks how far the job is.
async fn poll(job: &Job) -> Result<Result<VideoStatus, ProviderError>, Leave> {
    let id = job.track.row.provider_job.as_deref().unwrap_or_default();
    tokio::select! {
        () = job.studio.interrupt.cancelled() => Err(Leave),
        status = job.studio.gateway.poll_video(&job.route, id) => Ok(status),
    }
}

/// Waits, never less than the provider asked for, and heeds the person's stop meanwhile. A studio
/// that stops is left at once: the next start goes on.
async fn rest(job: &mut Job, wait: Duration, asked: Duration) -> Result<(), Leave> {
    let wait = wait.min(job.studio.upkeep.poll_wait_max).max(asked);
    let (stop, stopping) = (job.track.live.stop.clone(), job.studio.stopping.clone());
    tokio::select! {
        () = stopping.cancelled() => return Err(Leave),
        () = stop.cancelled(), if !job.track.row.stopped => {}
        () = tokio::time::sleep(wait) => return Ok(()),
    }
    job.track.stop();
    job.track.store(Vec::new()).await?;
    call_off(job).await;
    Ok(())
}

/// Asks a provider that can to make it no further.
async fn call_off(job: &Job) {
    if job.route.protocol().can_cancel_video() {
        let id = job.track.row.provider_job.as_deref().unwrap_or_default();
        if let Err(error) = job.studio.gateway.cancel_video(&job.route, id).await {
            let turn = job.turn;
            tracing::warn!(%turn, %error, "the clip of {turn} is not called off: {error}");
        }
    }
}

/// Twice as long after each failure.
fn after_failure(wait: Duration, failures: u32) -> Duration {
    wait.saturating_mul(2_u32.saturating_pow(failures.min(6)))
        .min(WAIT_MAX)
}

/// How long the provider asks to be left alone.
fn asked_by(error: &ProviderError) -> Duration {
    let asked = error.retry_after_ms.map(Duration::from_millis);
    asked.unwrap_or_default().min(ASKED_MAX)
}

impl Job {
    /// Waits, unless the studio is interrupted.
    pub(super) async fn pause(&self, wait: Duration) -> Result<(), Leave> {
        tokio::select! {
            () = self.studio.interrupt.cancelled() => Err(Leave),
            () = tokio::time::sleep(wait.min(self.studio.upkeep.poll_wait_max)) => Ok(()),
        }
    }

    /// The hash of the picture that stands for the clip: its first frame, or what stands for the
    /// clip it was made from.
    async fn poster_hash(&self) -> Option<[u8; 32]> {
        let id = self.poster.as_ref()?.asset_id;
        let found = self.studio.history.asset(self.member, id).await;
        let found = found.ok().flatten()?;
        match found.attachment.mime.starts_with("image/") {
            true => Some(found.sha256),
            false => found.poster,
        }
    }
}
