//! Pictures: one stream, read to its end whether or not anyone listens. What comes is kept at once.

use std::pin::pin;
use std::time::Duration;

use anyai_ledger_db::Dispatch;
use anyai_providers::{
    ErrorClass, Image, ImageRequest, ProviderError, ProviderEvent, StopReason as Stop,
};
use anyai_wire::{Code, JobStage, StopReason, TurnEvent, WireError};

use super::bill::Came;
use super::files::{self, Place};
use super::progress::Leave;
use super::run::{End, Job};
use crate::gateway::{Call, provider_failure};
use crate::history::{AssetRow, JobState, Outcome};

/// The longest the making of pictures may take.
const TIME_MAX: Duration = Duration::from_secs(60 * 60);

/// How often a picture that is elsewhere is asked for.
const FETCHES_MAX: u32 = 6;

/// The wait before the second fetch; each one after it waits twice as long.
const FETCH_AGAIN: Duration = Duration::from_millis(500);

/// How the stream ended.
enum Over {
    Finished(Stop),
    Failed(WireError, ErrorClass),
    Interrupted,
}

/// Pictures as they come.
struct Making<'a> {
    job: &'a mut Job,
    came: Came,
    previews: u32,
    /// The provider's words for refusing.
    refusal: String,
    /// Why a picture that came is not there.
    lost: Option<WireError>,
}

/// Has the pictures of a held turn made.
pub(super) async fn make(job: &mut Job, dispatch: Dispatch, request: &ImageRequest) -> End {
    if job.track.is_stopped() {
        return job.never_sent(None);
    }
    let admitted = match job.admit(dispatch).await {
        Ok(admitted) => admitted,
        Err(end) => return end,
    };
    job.track.row.submitted_at = Some(job.studio.clock.now());
    job.track.show(JobStage::Submitted, None);
    if job.track.move_to(JobState::Submitting).await.is_err() {
        return End::Left;
    }
    let call = match job.studio.gateway.images(admitted, &job.route, request) {
        Ok(call) => call,
        Err(error) => return job.never_sent(Some(error)),
    };
    let mut making = Making {
        job,
        came: Came::default(),
        previews: 0,
        refusal: String::new(),
        lost: None,
    };
    match making.read(call).await {
        Ok(over) => making.close(over),
        Err(Leave) => making.close(Over::Interrupted),
    }
}

impl Making<'_> {
    async fn read(&mut self, mut call: Call) -> Result<Over, Leave> {
        let (stop, interrupt) = (
            self.job.track.live.stop.clone(),
            self.job.studio.interrupt.clone(),
        );
        let mut stopped = pin!(stop.cancelled());
        let mut too_long = pin!(tokio::time::sleep(TIME_MAX));
        loop {
            let event = tokio::select! {
                biased;
                () = interrupt.cancelled() => return Ok(Over::Interrupted),
                // The provider makes and bills them to the end; they are kept.
                () = &mut stopped, if !self.job.track.row.stopped => {
                    self.job.track.stop();
                    self.job.track.store(Vec::new()).await?;
                    continue;
                }
                () = &mut too_long => {
                    let message = "the pictures took longer than a turn may";
                    let error = WireError::new(Code::ProviderTimeout, message);
                    return Ok(Over::Failed(error, ErrorClass::Timeout));
                }
                event = call.next() => event,
            };
            let event = event.unwrap_or_else(|| {
                let broke_off = ProviderError::new(ErrorClass::Network, "the answer broke off");
                ProviderEvent::Failed(broke_off)
            });
            if let Some(over) = self.take(event, call.dispatch()).await? {
                return Ok(over);
            }
        }
    }

    async fn take(
        &mut self,
        event: ProviderEvent,
        dispatch: &Dispatch,
    ) -> Result<Option<Over>, Leave> {
        match event {
            ProviderEvent::Started {
                provider_request_id,
                ..
            } => self.began(provider_request_id, dispatch).await?,
            ProviderEvent::Preview { place, image } => self.preview(place, image).await?,
            ProviderEvent::Image(image) => {
                let place = Place::Output(self.came.pictures);
                let kept = self.keep(place, image).await?;
                self.made(kept).await?;
            }
            ProviderEvent::ImageLink { url, .. } => {
                let kept = self.fetch(&url).await?;
                self.made(kept).await?;
            }
            ProviderEvent::Text(words) => self.job.track.log.text(words),
            ProviderEvent::Refusal(words) => self.refusal.push_str(&words),
            ProviderEvent::Usage(usage) => self.came.usage = Some(usage),
            ProviderEvent::Finished { stop_reason, .. } => {
                return Ok(Some(Over::Finished(stop_reason)));
            }
            ProviderEvent::Failed(error) => {
                let class = error.class;
                let error = provider_failure(self.job.route.provider, &error);
                return Ok(Some(Over::Failed(error, class)));
            }
            ProviderEvent::AskedToWait(_)
            | ProviderEvent::Thinking(_)
            | ProviderEvent::ThinkingBreak
            | ProviderEvent::Citation(_)
            | ProviderEvent::Opaque(_)
            | ProviderEvent::ToolCall(_)
            | ProviderEvent::RevisedPrompt(_)
            | ProviderEvent::Stopping { .. } => {}
        }
        Ok(None)
    }

    async fn began(
        &mut self,
        provider_request_id: Option<String>,
        dispatch: &Dispatch,
    ) -> Result<(), Leave> {
        let known = &mut self.job.track.row.provider_job;
        let is_news = provider_request_id.is_some() && *known != provider_request_id;
        if is_news {
            known.clone_from(&provider_request_id);
        }
        let shows = self.job.track.show(JobStage::Running, None);
        if shows || is_news {
            self.job.track.move_to(JobState::Running).await?;
        }
        if let Some(id) = provider_request_id.filter(|_| is_news) {
            self.job.note(dispatch, &id).await;
        }
        Ok(())
    }

    async fn preview(&mut self, place: u32, image: Image) -> Result<(), Leave> {
        let at = Place::Preview(self.previews);
        self.previews += 1;
        let (studio, maker) = (&self.job.studio, self.job.maker());
        // A look on the way that cannot be kept is no loss.
        let Ok(kept) = files::keep(studio, maker, at, "preview", image.bytes).await else {
            return Ok(());
        };
        let asset = kept.attachment.clone();
        self.job
            .track
            .log
            .event(TurnEvent::Preview { place, asset });
        self.job.track.store(vec![kept]).await
    }

    /// Keeps a picture, however long the disk stays full; what is no picture is none.
    async fn keep(&self, place: Place, image: Image) -> Result<Result<AssetRow, WireError>, Leave> {
        let (maker, name) = (self.job.maker(), &self.job.name);
        let mut wait = FETCH_AGAIN;
        loop {
            let kept = files::keep(&self.job.studio, maker, place, name, image.bytes.clone());
            match kept.await {
                Err(error) if error.code != Code::AttachmentRejected => {
                    let turn = maker.turn;
                    tracing::error!(%turn, %error, "a picture of {turn} cannot be kept yet: {error}");
                    self.job.pause(wait).await?;
                    wait = wait.saturating_mul(2).min(Duration::from_secs(30));
                }
                kept => return Ok(kept),
            }
        }
    }

    async fn fetch(&self, url: &str) -> Result<Result<AssetRow, WireError>, Leave> {
        let job = &*self.job;
        let place = Place::Output(self.came.pictures);
        let mut wait = FETCH_AGAIN;
        let mut fetched = 0;
        loop {
            let from = (&job.route, url);
            let kept = files::fetch(&job.studio, job.maker(), place, &job.name, from).await;
            fetched += 1;
            if kept.is_ok() || fetched == FETCHES_MAX {
                return Ok(kept);
            }
            job.pause(wait).await?;
            wait = wait.saturating_mul(2);
        }
    }

    async fn made(&mut self, kept: Result<AssetRow, WireError>) -> Result<(), Leave> {
        match kept {
            Ok(asset) => {
                let place = self.came.pictures;
                let shown = asset.attachment.clone();
                let event = TurnEvent::Output {
                    place,
                    asset: shown,
                };
                self.job.track.log.event(event);
                self.came.pictures += 1;
                self.job.track.store(vec![asset]).await
            }
            Err(error) => {
                let turn = self.job.turn;
                tracing::warn!(%turn, %error, "a picture of {turn} was made and is lost: {error}");
                self.lost = Some(error);
                Ok(())
            }
        }
    }

    fn close(self, over: Over) -> End {
        let failed = |error| Outcome::Failed { error };
        let (state, outcome) = match over {
            Over::Finished(_) if self.came.pictures > 0 => (
                JobState::Succeeded,
                Outcome::Ended {
                    stop_reason: StopReason::Complete,
                },
            ),
            Over::Finished(reason) if reason == Stop::Refused || !self.refusal.is_empty() => {
                (JobState::Blocked, failed(self.refused()))
            }
            Over::Finished(_) => (JobState::Failed, failed(self.nothing_made())),
            Over::Failed(error, ErrorClass::ContentRefused) => (JobState::Blocked, failed(error)),
            Over::Failed(error, _) => (JobState::Failed, failed(error)),
            Over::Interrupted => {
                let message = "the studio stopped while pictures were made; what came was kept";
                let error = WireError::new(Code::Interrupted, message);
                (JobState::Failed, failed(error))
            }
        };
        End::Closed(self.job.closing(self.came, state, outcome))
    }

    fn refused(&self) -> WireError {
        let said = self.refusal.trim();
        let provider = self.job.route.provider;
        let message = match said {
            "" => format!("{provider} declined to make this"),
            said => format!("{provider} declined to make this: {said}"),
        };
        WireError::new(Code::ContentRefused, message)
    }

    fn nothing_made(&self) -> WireError {
        match &self.lost {
            Some(lost) => WireError::new(Code::ProviderMalformed, lost.message.clone()),
            None => WireError::new(Code::ProviderMalformed, "the provider sent no picture"),
        }
    }
}
