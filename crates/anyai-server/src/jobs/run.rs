//! The task of a job: begun for a new turn, or where an earlier run left it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use anyai_ledger_db::Dispatch;
use anyai_units::{HoldId, MemberId, TurnId};
use anyai_wire::{Attachment, StopReason, WireError};
use futures_util::FutureExt;

use super::accept::Request;
use super::bill::{self, Came};
use super::files::Maker;
use super::progress::{Leave, Track};
use super::work::Work;
use super::{image, video};
use crate::gateway::{Admitted, Route};
use crate::history::{Closing, JobRow, JobState, Outcome, Terms};
use crate::studio::Studio;
use crate::turns::{finish, mark_reconciling};

/// A job that is about to be sent.
pub(super) struct NewJob {
    pub(super) turn: TurnId,
    pub(super) member: MemberId,
    pub(super) work: Work,
    pub(super) terms: Terms,
    pub(super) route: Route,
    /// What its files are called.
    pub(super) name: String,
    /// The picture, or the clip, that stands for a clip.
    pub(super) poster: Option<Attachment>,
}

/// A job under way.
pub(super) struct Job {
    pub(super) studio: Arc<Studio>,
    pub(super) turn: TurnId,
    pub(super) member: MemberId,
    pub(super) work: Work,
    pub(super) terms: Terms,
    pub(super) route: Route,
    pub(super) name: String,
    pub(super) poster: Option<Attachment>,
    pub(super) track: Track,
}

/// How a job's task ended.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it is taken apart at once"
)]
#[derive(Debug)]
pub(super) enum End {
    /// The turn ends so.
    Closed(Closing),
    /// Nobody knows what became of it.
    Unknown,
    /// The studio stops, and the next start takes it up.
    Left,
}

impl From<Leave> for End {
    fn from(_: Leave) -> Self {
        Self::Left
    }
}

/// Hands a dispatched job to a task of the studio.
pub(super) fn begin(studio: &Arc<Studio>, new: NewJob, dispatch: Dispatch, request: Request) {
    let live = studio.live.get(new.turn);
    let live = live.unwrap_or_else(|| studio.live.add(new.turn));
    let track = Track::new(studio, live, JobRow::reserved(new.turn), 1, None);
    let mut job = Job {
        studio: Arc::clone(studio),
        turn: new.turn,
        member: new.member,
        work: new.work,
        terms: new.terms,
        route: new.route,
        name: new.name,
        poster: new.poster,
        track,
    };
    let hold = dispatch.id();
    spawn(studio, new.turn, hold, async move {
        let end = match request {
            Request::Image(request) => image::make(&mut job, dispatch, &request).await,
            Request::Video(request) => video::submit(&mut job, dispatch, &request).await,
        };
        (end, job)
    });
}

/// Goes on with a clip's job where an earlier run left it.
pub(super) fn go_on(studio: &Arc<Studio>, mut job: Job, hold: HoldId) {
    spawn(studio, job.turn, hold, async move {
        let end = video::go_on(&mut job).await;
        (end, job)
    });
}

fn spawn(
    studio: &Arc<Studio>,
    turn: TurnId,
    hold: HoldId,
    making: impl Future<Output = (End, Job)> + Send + 'static,
) {
    let owned = Arc::clone(studio);
    let task = async move {
        match AssertUnwindSafe(making).catch_unwind().await {
            Ok((End::Closed(closing), job)) => {
                let log = Some(job.track.log);
                finish(&owned, turn, hold, closing, Vec::new(), log).await;
            }
            Ok((End::Unknown, _)) => {
                mark_reconciling(&owned, turn).await;
                owned.live.remove(turn);
            }
            Ok((End::Left, _)) => owned.live.remove(turn),
            Err(_panic) => {
                // The reconciler takes it up from what is stored.
                tracing::error!(%turn, "the job of {turn} broke off by a panic");
                owned.live.remove(turn);
            }
        }
    };
    drop(studio.spawn(task));
}

impl Job {
    pub(super) const fn maker(&self) -> Maker {
        Maker {
            turn: self.turn,
            member: self.member,
        }
    }

    /// Notes in the ledger, too, what the provider calls it: whoever lost the one may have the other.
    pub(super) async fn note(&self, dispatch: &Dispatch, provider_job: &str) {
        let (ledger, now) = (&self.studio.ledger, self.studio.clock.now());
        let noted = ledger.note_provider_op(dispatch, provider_job.to_owned(), now);
        if let Err(error) = noted.await {
            let turn = self.turn;
            tracing::warn!(%turn, %error, "the provider's id of {turn} was not noted: {error}");
        }
    }

    /// Waits until the provider may be called.
    pub(super) async fn admit(&self, dispatch: Dispatch) -> Result<Admitted, End> {
        tokio::select! {
            biased;
            () = self.studio.interrupt.cancelled() => Err(End::Left),
            () = self.track.live.stop.cancelled() => Err(self.never_sent(None)),
            admitted = self.studio.gateway.admit(dispatch, &self.route) => {
                admitted.map_err(|error| self.never_sent(Some(error)))
            }
        }
    }

    /// The end of a job that was stopped, or could not be sent, before anything left.
    pub(super) fn never_sent(&self, error: Option<WireError>) -> End {
        let (state, outcome) = match error {
            Some(error) => (JobState::Failed, Outcome::Failed { error }),
            None => (
                JobState::Reserved,
                Outcome::Ended {
                    stop_reason: StopReason::Stopped,
                },
            ),
        };
        End::Closed(Closing {
            job: Some(state),
            ..Closing::nothing(outcome, "it was never sent")
        })
    }

    /// How the turn ends when so much came. What the person stopped ends as stopped, however the
    /// rest went that nobody saw.
    pub(super) fn closing(&self, came: Came, state: JobState, outcome: Outcome) -> Closing {
        let outcome = match self.track.is_stopped() {
            true => Outcome::Ended {
                stop_reason: StopReason::Stopped,
            },
            false => outcome,
        };
        let closing = bill::closing(&self.work, self.terms.ceiling, came, state, outcome);
        Closing {
            provider_request_id: self.track.row.provider_job.clone(),
            ..closing
        }
    }
}
