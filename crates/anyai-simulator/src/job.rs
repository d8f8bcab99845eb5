//! Jobs: what a client starts, asks after and fetches. They live as long as the simulator, so a
//! client may come back for them after a restart of its own.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use crate::options::Pace;
use crate::order::Order;
use crate::provider::Provider;
use crate::script::Script;

/// Jobs remembered; the oldest go first, and are then unknown to their clients.
const REMEMBERED_MAX: usize = 512;
/// Polls an instant simulator takes for a job.
const INSTANT_POLLS: u32 = 2;

/// How long a job takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JobPace {
    /// As the simulator's pace has it: 2 polls at [`Pace::Instant`], by the clip's length at
    /// [`Pace::Natural`], and the time to the first token at [`Pace::Fixed`].
    #[default]
    ByPace,
    /// So many polls find it running; the next one finds it done.
    Polls(u32),
    /// So long on tokio's clock, which tests may pause and advance.
    Time(Duration),
}

/// How a job ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JobEnd {
    /// `done`: the clip is made.
    #[default]
    Done,
    /// `failed`: the provider could not make it.
    Failed,
    /// `blocked`: the provider made it and does not hand it out.
    Blocked,
    /// `empty`: done, with nothing in it.
    Empty,
    /// `expired`: the provider gave up on it.
    Expired,
    /// `missing`: the provider does not know it any more.
    Missing,
    /// `stuck`: it stays at 99 %.
    Stuck,
}

/// How a job is to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobPlan {
    /// How long it takes; as [`crate::Options::jobs`] says, without.
    pub pace: Option<JobPace>,
    /// It does not get beyond this until [`crate::Simulator::release_jobs`].
    pub hold_percent: Option<u8>,
    /// How it ends.
    pub end: JobEnd,
}

/// A job as the simulator sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its id on the wire.
    pub id: String,
    /// Where it runs.
    pub provider: Provider,
    /// The model asked for.
    pub model: String,
    /// The prompt, directives included.
    pub prompt: String,
    /// The number of the request that started it: see [`crate::Received::number`].
    pub request: u64,
    /// The body of that request.
    pub body: Value,
    /// How often it was asked after.
    pub polls: u64,
    /// How often its clip was fetched, to the end or not.
    pub downloads: u64,
    /// How far it is.
    pub state: JobState,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Under way.
    Running {
        /// How far, below 100.
        percent: u8,
    },
    /// Over, like this.
    Ended(JobEnd),
    /// Its client ended it.
    Cancelled,
}

impl JobEnd {
    /// The end of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "done" => Some(Self::Done),
            "failed" => Some(Self::Failed),
            "blocked" => Some(Self::Blocked),
            "empty" => Some(Self::Empty),
            "expired" => Some(Self::Expired),
            "missing" => Some(Self::Missing),
            "stuck" => Some(Self::Stuck),
            _ => None,
        }
    }
}

/// A job with what it makes.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) job: Job,
    pub(crate) order: Order,
    pub(crate) script: Script,
    plan: JobPlan,
    pace: JobPace,
    started: Instant,
    cancelled: bool,
}

impl Record {
    pub(crate) fn new(
        job: Job,
        order: Order,
        script: Script,
        plan: JobPlan,
        (pace, options): (Pace, JobPace),
    ) -> Self {
        let seconds = u64::from(order.seconds());
        let pace = match plan.pace.unwrap_or(options) {
            JobPace::ByPace => match pace {
                Pace::Instant => JobPace::Polls(INSTANT_POLLS),
                Pace::Natural => JobPace::Time(Duration::from_secs(6 + 2 * seconds)),
                Pace::Fixed { first_token, .. } => JobPace::Time(first_token),
            },
            set => set,
        };
        Self {
            job,
            order,
            script,
            plan,
            pace,
            started: Instant::now(),
            cancelled: false,
        }
    }

    /// The same, begun at another moment.
    pub(crate) fn begun(mut self, started: Instant) -> Self {
        self.started = started;
        self
    }

    fn state(&self) -> JobState {
        if self.cancelled {
            return JobState::Cancelled;
        }
        // Rounded down: at 100 it is over.
        let percent = match self.pace {
            JobPace::Polls(polls) => self.job.polls * 100 / (u64::from(polls) + 1),
            JobPace::Time(whole) if whole.is_zero() => 100,
            JobPace::Time(whole) => {
                let passed = self.started.elapsed().as_millis() * 100;
                u64::try_from(passed / whole.as_millis().max(1)).unwrap_or(100)
            }
            JobPace::ByPace => 100,
        };
        let held = self
            .plan
            .hold_percent
            .map_or(100, |percent| percent.min(99));
        let most = if self.plan.end == JobEnd::Stuck {
            99
        } else {
            100
        };
        match percent.min(u64::from(held)).min(most) {
            100 => JobState::Ended(self.plan.end),
            percent => JobState::Running {
                percent: u8::try_from(percent).unwrap_or(99),
            },
        }
    }

    /// How much longer it takes, if time alone decides.
    pub(crate) fn time_left(&self) -> Option<Duration> {
        match (self.pace, self.plan.hold_percent, self.plan.end) {
            (_, Some(_), _) | (_, _, JobEnd::Stuck) => None,
            (JobPace::Time(whole), ..) => Some(whole.saturating_sub(self.started.elapsed())),
            _ => Some(Duration::ZERO),
        }
    }
}

/// All jobs.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    records: Mutex<VecDeque<Record>>,
}

impl Jobs {
    fn records(&self) -> MutexGuard<'_, VecDeque<Record>> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn open(&self, record: Record) {
        let mut records = self.records();
        if records.len() == REMEMBERED_MAX {
            records.pop_front();
        }
        records.push_back(record);
    }

    pub(crate) fn all(&self) -> Vec<Job> {
        let records = self.records();
        let seen = records.iter().map(|record| Job {
            state: record.state(),
            ..record.job.clone()
        });
        seen.collect()
    }

    /// A job as it is.
    pub(crate) fn get(&self, provider: Provider, id: &str) -> Option<Record> {
        self.change(provider, id, |_| {})
    }

    /// Asks after a job, which counts where polls are its clock.
    pub(crate) fn poll(&self, provider: Provider, id: &str) -> Option<Record> {
        self.change(provider, id, |record| record.job.polls += 1)
    }

    /// Runs a job to its end at once, where no time is to pass.
    pub(crate) fn finish(&self, provider: Provider, id: &str) -> Option<Record> {
        self.change(provider, id, |record| {
            record.pace = JobPace::Time(Duration::ZERO)
        })
    }

    pub(crate) fn downloaded(&self, provider: Provider, id: &str) {
        self.change(provider, id, |record| record.job.downloads += 1);
    }

    pub(crate) fn cancel(&self, provider: Provider, id: &str) -> Option<Record> {
        self.change(provider, id, |record| {
            if matches!(record.state(), JobState::Running { .. }) {
                record.cancelled = true;
            }
        })
    }

    pub(crate) fn delete(&self, provider: Provider, id: &str) -> Option<Record> {
        let gone = self.get(provider, id)?;
        self.records().retain(|record| record.job.id != id);
        Some(gone)
    }

    /// Lets every held job go on.
    pub(crate) fn release(&self) {
        for record in self.records().iter_mut() {
            record.plan.hold_percent = None;
        }
    }

    fn change(
        &self,
        provider: Provider,
        id: &str,
        change: impl FnOnce(&mut Record),
    ) -> Option<Record> {
        let mut records = self.records();
        let record = (records.iter_mut())
            .find(|record| record.job.id == id && record.job.provider == provider)?;
        change(record);
        record.job.state = record.state();
        Some(record.clone())
    }
}
