//! The lanes: each a queue, and a thread that owns one connection and writes for the pools that fall
//! to it, many commands a transaction.
//!
//! A batch is what waits when the thread is free, up to [`BATCH_LIMIT`] commands and
//! [`COMPOSE_TIME`]. Nobody waits for a batch to fill: while one is being written to the disk, the
//! next one gathers by itself, so that one caller alone pays one commit and many share it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyai_ledger::{Answer, Batch, BatchError, Changes, Command};
use anyai_units::{PoolId, UtcMillis};
use tokio::sync::{mpsc, oneshot};

use crate::LedgerError;
use crate::backing::{Backing, Open};
use crate::watchers::Watchers;

#[cfg(test)]
mod tests;

/// How many commands a batch has at most.
const BATCH_LIMIT: usize = 256;
/// How long a batch may take to be put together.
const COMPOSE_TIME: Duration = Duration::from_millis(2);
/// How often a batch is tried that another writer or a lost connection undid.
const TRIES: u32 = 5;
/// How many commands may wait in a lane; a caller beyond that waits for its place.
const QUEUE_LIMIT: usize = 1_024;

type Answered = Result<Answer, LedgerError>;

/// A command, when it was given, and who waits for its answer.
struct Job {
    command: Command,
    now: UtcMillis,
    caller: oneshot::Sender<Answered>,
}

/// The way to the lanes. Their threads end, and close their connections, with the last clone.
#[derive(Clone)]
pub(crate) struct Engine {
    lanes: Arc<[mpsc::Sender<Job>]>,
    watchers: Watchers,
}

impl Engine {
    /// Starts a thread for each connection.
    pub(crate) fn start<B: Backing>(backings: Vec<B>) -> std::io::Result<Self> {
        let watchers = Watchers::default();
        let lanes = backings.into_iter().map(|backing| {
            let (queue, jobs) = mpsc::channel(QUEUE_LIMIT);
            let lane = Lane {
                backing,
                jobs,
                next: None,
                watchers: watchers.clone(),
            };
            std::thread::Builder::new()
                .name("ledger-writer".to_owned())
                .spawn(move || lane.work())?;
            Ok(queue)
        });
        let lanes = lanes.collect::<std::io::Result<_>>()?;
        Ok(Self { lanes, watchers })
    }

    /// Runs a command, and answers after its commit.
    pub(crate) async fn run(&self, command: Command, now: UtcMillis) -> Answered {
        let (caller, answer) = oneshot::channel();
        let lane = self.lane(command.pool()).ok_or(LedgerError::Closed)?;
        let job = Job {
            command,
            now,
            caller,
        };
        lane.send(job).await.map_err(|_| LedgerError::Closed)?;
        answer.await.map_err(|_| LedgerError::Closed)?
    }

    /// Who waits for pools to move.
    pub(crate) const fn watchers(&self) -> &Watchers {
        &self.watchers
    }

    /// The lane that writes a pool: the last bytes of its id are as good as random.
    fn lane(&self, pool: PoolId) -> Option<&mpsc::Sender<Job>> {
        let (_, low) = pool.uuid().as_u64_pair();
        let lanes = u64::try_from(self.lanes.len()).ok()?;
        let lane = low.checked_rem(lanes)?;
        self.lanes.get(usize::try_from(lane).ok()?)
    }
}

struct Lane<B> {
    backing: B,
    jobs: mpsc::Receiver<Job>,
    /// A job that needs a transaction of its own, after the batch it came with.
    next: Option<Job>,
    watchers: Watchers,
}

impl<B: Backing> Lane<B> {
    fn work(mut self) {
        while let Some(first) = self.next.take().or_else(|| self.jobs.blocking_recv()) {
            let batch = self.gather(first);
            self.run(batch);
        }
    }

    /// Whatever waits already, as far as it fits one transaction.
    fn gather(&mut self, first: Job) -> Vec<Job> {
        let started = Instant::now();
        let is_alone = first.command.runs_alone();
        let mut batch = vec![first];
        // Whoever shares the processor and is about to ask, asks first: it costs an idle one nothing.
        std::thread::yield_now();
        while !is_alone && batch.len() < BATCH_LIMIT && started.elapsed() < COMPOSE_TIME {
            match self.jobs.try_recv() {
                Ok(job) if job.command.runs_alone() => {
                    self.next = Some(job);
                    break;
                }
                Ok(job) => batch.push(job),
                Err(_) => break,
            }
        }
        batch
    }

    /// Runs a batch. One that fails is run again command by command, so that only what fails by
    /// itself is refused.
    fn run(&mut self, batch: Vec<Job>) {
        let is_one = batch.len() == 1;
        match self.persist(&batch) {
            Ok(answers) => {
                for (job, answer) in batch.into_iter().zip(answers) {
                    self.answer(job, answer);
                }
            }
            Err(error) if is_one => {
                let job = batch.into_iter().next();
                if let Some(job) = job {
                    self.answer(job, Err(error));
                }
            }
            Err(error) if error.of_all().is_some() => {
                for job in batch {
                    self.answer(job, Err(error.of_all().unwrap_or(LedgerError::Closed)));
                }
            }
            Err(error) => {
                tracing::warn!(%error, commands = batch.len(), "a batch failed; one by one now");
                batch.into_iter().for_each(|job| self.run(vec![job]));
            }
        }
    }

    fn answer(&self, job: Job, answer: Answered) {
        let answer = answer.map_err(|error| self.backing.explain(error));
        if let Err(LedgerError::GuardBroken { guard }) = &answer {
            tracing::error!(%guard, "a ledger guard refused a change: {guard}");
        }
        // A caller that went away changes nothing: the command is stored or it is not.
        let _ = job.caller.send(answer);
    }

    /// Runs a transaction again that only somebody else's doing undid.
    fn persist(&mut self, jobs: &[Job]) -> Result<Vec<Answered>, LedgerError> {
        let mut tries = 1;
        loop {
            match self.transact(jobs) {
                Err(error) if error.is_passing() && tries < TRIES => {
                    tracing::warn!(%error, tries, "a batch is run again: {error}");
                    tries += 1;
                }
                answers => return answers,
            }
        }
    }

    fn transact(&mut self, jobs: &[Job]) -> Result<Vec<Answered>, LedgerError> {
        let commands: Vec<_> = jobs.iter().map(|job| &job.command).collect();
        let mut open = self.backing.begin(&commands)?;
        let (answers, changes) = run_all(&mut open, jobs)?;
        if changes != Changes::default() {
            open.write(&changes)?;
            open.commit()?;
        }
        let moved = changes.pools.iter();
        self.watchers
            .announce(moved.map(|change| (change.to.id, change.to.seq)));
        Ok(answers)
    }
}

fn run_all<O: Open>(open: &mut O, jobs: &[Job]) -> Result<(Vec<Answered>, Changes), LedgerError> {
    let mut batch = Batch::new(open);
    let mut answers = Vec::with_capacity(jobs.len());
    for job in jobs {
        answers.push(match batch.run(&job.command, job.now) {
            Ok(answer) => Ok(answer),
            Err(BatchError::Refused(refusal)) => Err(refusal.into()),
            Err(error) => return Err(error.into()),
        });
    }
    Ok((answers, batch.into_changes()))
}
