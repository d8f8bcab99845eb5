//! A job as it moves: every step is on disk, with the events that tell it, before the next one.

use std::sync::Arc;
use std::time::Duration;

use anyai_wire::{JobProgress, JobStage, TurnEvent};

use crate::history::{AssetRow, JobRow, JobState};
use crate::studio::Studio;
use crate::turns::{LiveTurn, TurnLog};

/// How long to wait before the first and the last try to store a step again.
const RETRY_FIRST: Duration = Duration::from_millis(200);
const RETRY_LAST: Duration = Duration::from_secs(30);

/// The studio stops; the job stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leave;

/// Where a job is, and its turn's log.
pub(super) struct Track {
    studio: Arc<Studio>,
    pub(super) live: Arc<LiveTurn>,
    pub(super) log: TurnLog,
    pub(super) row: JobRow,
    shown: Option<JobProgress>,
}

impl Track {
    /// The job of a turn whose log goes on after a number.
    pub(super) fn new(
        studio: &Arc<Studio>,
        live: Arc<LiveTurn>,
        row: JobRow,
        last_sequence: u64,
        shown: Option<JobProgress>,
    ) -> Self {
        let log = TurnLog::going_on(
            Arc::clone(studio),
            Arc::clone(&live),
            row.turn,
            last_sequence,
        );
        Self {
            studio: Arc::clone(studio),
            live,
            log,
            row,
            shown,
        }
    }

    /// Whether the person wants it to stop, now or in an earlier run.
    pub(super) fn is_stopped(&self) -> bool {
        self.row.stopped || self.live.stop.is_cancelled()
    }

    /// Moves to a state, once that is on disk with all that waits to be told.
    pub(super) async fn move_to(&mut self, state: JobState) -> Result<(), Leave> {
        self.row.state = state;
        self.store(Vec::new()).await
    }

    /// Shows how far it is; `true` when that is news.
    pub(super) fn show(&mut self, stage: JobStage, permille: Option<u32>) -> bool {
        let progress = JobProgress {
            stage,
            permille: permille.map(|permille| permille.min(1_000)),
            stopping: self.row.stopped,
        };
        let is_news = self.shown != Some(progress);
        if is_news {
            self.shown = Some(progress);
            self.log.event(TurnEvent::Job { progress });
        }
        is_news
    }

    /// Takes the person's stop: it is said, and stored with the next step.
    pub(super) fn stop(&mut self) {
        self.row.stopped = true;
        if let Some(JobProgress {
            stage, permille, ..
        }) = self.shown
        {
            self.show(stage, permille);
        }
    }

    /// Stores where it stands, what it made and all that waits to be told, however long the disk
    /// stays full.
    pub(super) async fn store(&mut self, made: Vec<AssetRow>) -> Result<(), Leave> {
        let mut wait = RETRY_FIRST;
        let mut told = false;
        loop {
            let frames = self.log.frames();
            let (row, now) = (self.row.clone(), self.studio.clock.now());
            let stored = self
                .studio
                .history
                .move_job(row, frames.clone(), made.clone(), now)
                .await;
            let Err(error) = stored else {
                self.log.written(frames);
                return Ok(());
            };
            if !told {
                told = true;
                let turn = self.row.turn;
                tracing::error!(%turn, %error, "the job of {turn} cannot be stored yet: {error}");
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.studio.interrupt.cancelled() => return Err(Leave),
            }
            wait = (wait * 2).min(RETRY_LAST);
        }
    }
}
