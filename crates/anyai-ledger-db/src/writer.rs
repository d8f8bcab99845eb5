//! The writer: one thread that owns the connection, does one job at a time, each in a transaction
//! of its own, and answers after the commit.
//!
//! A job runs and answers in two steps so that one commit can later cover many jobs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyai_units::PoolId;
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot, watch};

use crate::LedgerError;
use crate::sqlite::SqliteStore;

/// How many jobs may wait; a caller beyond that waits for its place.
const QUEUE_LIMIT: usize = 1_024;

/// Something to do in a transaction.
pub(crate) trait Job: Send {
    /// Whether it may write: then nobody else does until it has committed.
    fn behavior(&self) -> TransactionBehavior;
    /// Does it, and says whether to commit.
    fn run(&mut self, store: &mut SqliteStore<'_>) -> Verdict;
    /// Answers the caller, now that its changes are on disk or forgotten.
    fn answer(self: Box<Self>, outcome: Result<(), LedgerError>, path: &Path);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Commit,
    Forget,
}

/// A job made of a function, and the caller waiting for its value.
struct Call<F, T> {
    behavior: TransactionBehavior,
    run: Option<F>,
    value: Option<Result<T, LedgerError>>,
    caller: oneshot::Sender<Result<T, LedgerError>>,
}

impl<F, T> Job for Call<F, T>
where
    F: FnOnce(&mut SqliteStore<'_>) -> Result<T, LedgerError> + Send,
    T: Send,
{
    fn behavior(&self) -> TransactionBehavior {
        self.behavior
    }

    fn run(&mut self, store: &mut SqliteStore<'_>) -> Verdict {
        let Some(run) = self.run.take() else {
            return Verdict::Forget;
        };
        let value = run(store);
        let verdict = if value.is_ok() {
            Verdict::Commit
        } else {
            Verdict::Forget
        };
        self.value = Some(value);
        verdict
    }

    fn answer(self: Box<Self>, outcome: Result<(), LedgerError>, path: &Path) {
        let value = self.value.unwrap_or(Err(LedgerError::Closed));
        let answer = outcome.and(value).map_err(|error| error.at(path));
        if let Err(LedgerError::GuardBroken { guard }) = &answer {
            tracing::error!(%guard, path = %path.display(), "a ledger guard refused a change");
        }
        // A caller that went away changes nothing: the command is stored or it is not.
        let _ = self.caller.send(answer);
    }
}

/// The way to the writer's thread. The thread ends, and closes the file, with the last clone.
#[derive(Clone)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Box<dyn Job>>,
    watchers: Watchers,
}

impl Writer {
    /// Starts the thread that owns `connection` from here on.
    pub(crate) fn start(connection: Connection, path: PathBuf) -> Result<Self, LedgerError> {
        let (queue, jobs) = mpsc::channel(QUEUE_LIMIT);
        let watchers = Watchers::default();
        let thread = Thread {
            connection,
            path: path.clone(),
            watchers: watchers.clone(),
        };
        std::thread::Builder::new()
            .name("ledger-writer".to_owned())
            .spawn(move || thread.work(jobs))
            .map_err(|source| LedgerError::File { path, source })?;
        Ok(Self { queue, watchers })
    }

    /// Runs a command and answers after its commit.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        run: impl FnOnce(&mut SqliteStore<'_>) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        self.call(TransactionBehavior::Immediate, run).await
    }

    /// Reads from one state of the file.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        run: impl FnOnce(&mut SqliteStore<'_>) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        self.call(TransactionBehavior::Deferred, run).await
    }

    async fn call<T: Send + 'static>(
        &self,
        behavior: TransactionBehavior,
        run: impl FnOnce(&mut SqliteStore<'_>) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (caller, answer) = oneshot::channel();
        let job = Box::new(Call {
            behavior,
            run: Some(run),
            value: None,
            caller,
        });
        self.queue
            .send(job)
            .await
            .map_err(|_| LedgerError::Closed)?;
        answer.await.map_err(|_| LedgerError::Closed)?
    }

    pub(crate) fn watch(&self, pool: PoolId) -> watch::Receiver<u64> {
        self.watchers.subscribe(pool)
    }
}

struct Thread {
    connection: Connection,
    path: PathBuf,
    watchers: Watchers,
}

impl Thread {
    fn work(mut self, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
        while let Some(mut job) = jobs.blocking_recv() {
            let outcome = transact(&mut self.connection, job.as_mut());
            let outcome = outcome.map(|moved| self.watchers.announce(&moved));
            job.answer(outcome, &self.path);
        }
    }
}

/// Runs a job in a transaction; answers which pools' heads moved.
fn transact(
    connection: &mut Connection,
    job: &mut dyn Job,
) -> Result<Vec<(PoolId, u64)>, LedgerError> {
    let transaction = connection.transaction_with_behavior(job.behavior())?;
    let mut store = SqliteStore::new(&transaction);
    let verdict = job.run(&mut store);
    let moved = std::mem::take(&mut store.moved);
    match verdict {
        Verdict::Commit => transaction.commit()?,
        Verdict::Forget => return Ok(Vec::new()),
    }
    Ok(moved)
}

/// Who waits for which pool to move.
#[derive(Clone, Default)]
struct Watchers(Arc<Mutex<HashMap<PoolId, watch::Sender<u64>>>>);

impl Watchers {
    fn subscribe(&self, pool: PoolId) -> watch::Receiver<u64> {
        let mut senders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        senders.retain(|_, sender| sender.receiver_count() > 0);
        senders
            .entry(pool)
            .or_insert_with(|| watch::channel(0).0)
            .subscribe()
    }

    fn announce(&self, moved: &[(PoolId, u64)]) {
        if moved.is_empty() {
            return;
        }
        let senders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (pool, seq) in moved {
            if let Some(sender) = senders.get(pool) {
                sender.send_replace(*seq);
            }
        }
    }
}
