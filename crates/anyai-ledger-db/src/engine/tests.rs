//! Batches and tries, over a file whose transactions fail to begin when a test says so.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyai_ledger::{Order, PlanGrant};
use anyai_units::Credits;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;
use crate::LedgerOptions;
use crate::sqlite::SqliteBacking;

const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);
const POOL: PoolId = PoolId::from_uuid(Uuid::from_u128(1));

/// What the next transactions fail with instead of beginning.
struct Failing {
    backing: SqliteBacking,
    errors: VecDeque<LedgerError>,
    begun: Arc<AtomicUsize>,
}

impl Backing for Failing {
    type Open<'a> = <SqliteBacking as Backing>::Open<'a>;

    fn begin(&mut self, commands: &[&Command]) -> Result<Self::Open<'_>, LedgerError> {
        self.begun.fetch_add(1, Ordering::Relaxed);
        match self.errors.pop_front() {
            Some(error) => Err(error),
            None => self.backing.begin(commands),
        }
    }

    fn explain(&self, error: LedgerError) -> LedgerError {
        error
    }
}

struct Desk {
    _folder: TempDir,
    lane: Lane<Failing>,
    queue: mpsc::Sender<Job>,
    begun: Arc<AtomicUsize>,
}

type Waiting = oneshot::Receiver<Answered>;

fn job(command: Command) -> (Job, Waiting) {
    let (caller, answer) = oneshot::channel();
    let now = NOW;
    let job = Job {
        command,
        now,
        caller,
    };
    (job, answer)
}

fn ask() -> Command {
    Command::Balance { pool: POOL }
}

fn freeze() -> Command {
    let word = || "freeze".to_owned();
    Command::Order {
        pool: POOL,
        order: Order {
            key: word(),
            actor: word(),
            reason: word(),
            approved_by: None,
        },
        action: anyai_ledger::Action::SetFrozen { frozen: true },
    }
}

impl Desk {
    /// A pool, and transactions of which the next ones fail with these errors.
    fn new(errors: impl IntoIterator<Item = LedgerError>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let backing = SqliteBacking::open(&path, LedgerOptions::default()).unwrap();
        let begun = Arc::new(AtomicUsize::new(0));
        let (queue, jobs) = mpsc::channel(QUEUE_LIMIT);
        let failing = Failing {
            backing,
            errors: VecDeque::new(),
            begun: begun.clone(),
        };
        let mut lane = Lane {
            backing: failing,
            jobs,
            next: None,
            watchers: Watchers::default(),
        };
        let plan = PlanGrant {
            plan: "free".to_owned(),
            amount: Credits::ZERO,
        };
        let (pool, anchor) = (POOL, NOW);
        let (made, answer) = job(Command::EnsurePool { pool, plan, anchor });
        lane.run(vec![made]);
        answer.blocking_recv().unwrap().unwrap();
        begun.store(0, Ordering::Relaxed);
        lane.backing.errors.extend(errors);
        Self {
            _folder: folder,
            lane,
            queue,
            begun,
        }
    }

    /// Runs so many questions in one batch; what each was answered, and how many transactions that
    /// took.
    fn run(&mut self, questions: usize) -> (Vec<Answered>, usize) {
        let (jobs, answers): (Vec<_>, Vec<_>) = (0..questions).map(|_| job(ask())).unzip();
        self.lane.run(jobs);
        let answers = answers.into_iter().map(|answer| answer.blocking_recv());
        let answers = answers.collect::<Result<_, _>>().unwrap();
        (answers, self.begun.load(Ordering::Relaxed))
    }

    /// What is gathered of these commands, which all wait. A batch ends with its time, so it is
    /// gathered again until it is as large as it can be, or a hundred times.
    fn gathered(&mut self, waiting: &[Command], most: usize) -> Vec<usize> {
        let mut sizes = Vec::new();
        while sizes.last() != Some(&most) && sizes.len() < 100 {
            for command in waiting {
                self.queue.try_send(job(command.clone()).0).ok().unwrap();
            }
            let first = self.lane.jobs.blocking_recv().unwrap();
            sizes.push(self.lane.gather(first).len());
            self.lane.next = None;
            while self.lane.jobs.try_recv().is_ok() {}
        }
        sizes
    }
}

fn problem() -> String {
    "gone".to_owned()
}

#[test]
fn what_passes_is_tried_five_times_and_nothing_else_is() {
    type Make = fn() -> LedgerError;
    let conflict: Make = || LedgerError::Conflict;
    let cut: Make = || LedgerError::Disconnected { problem: problem() };
    let full: Make = || LedgerError::DiskFull;
    let cases = [
        (conflict, 4, true, 5),
        (cut, 4, true, 5),
        (conflict, 9, false, 5),
        (full, 1, false, 1),
    ];
    for (error, times, is_answered, begun) in cases {
        let mut desk = Desk::new((0..times).map(|_| error()));
        let (answers, transactions) = desk.run(1);
        assert_eq!(answers[0].is_ok(), is_answered, "{:?}", answers[0]);
        assert_eq!(transactions, begun, "{}, {times} times", error());
    }
}

#[test]
fn what_is_everybodys_is_told_to_everybody_at_once() {
    let errors: [fn() -> LedgerError; 3] = [
        || LedgerError::Busy,
        || LedgerError::OutcomeUnknown,
        || LedgerError::Unreachable {
            place: "here".to_owned(),
            problem: problem(),
        },
    ];
    for error in errors {
        let (answers, transactions) = Desk::new([error()]).run(3);
        for answer in answers {
            assert_eq!(answer.unwrap_err().to_string(), error().to_string());
        }
        assert_eq!(transactions, 1, "{}", error());
    }
    for error in [
        || LedgerError::Conflict,
        || LedgerError::Disconnected { problem: problem() },
    ] {
        let errors = (0..5).map(|_| error());
        let (answers, transactions) = Desk::new(errors).run(3);
        assert!(answers.iter().all(Result::is_err), "{}", error());
        assert_eq!(transactions, 5, "{}", error());
    }
}

/// One of three fails by itself: the others are carried out, each on its own.
#[test]
fn what_is_one_commands_own_is_told_to_it_alone() {
    let full = || LedgerError::DiskFull;
    let (answers, transactions) = Desk::new([full(), full()]).run(3);
    let failed: Vec<_> = answers.iter().map(Result::is_err).collect();
    assert_eq!(failed, [true, false, false]);
    assert_eq!(transactions, 4, "all at once, then one by one");
}

#[test]
fn a_batch_is_what_waits_up_to_its_limit() {
    let mut desk = Desk::new([]);
    assert_eq!(desk.gathered(&vec![ask(); 3], 3).last(), Some(&3));
    let sizes = desk.gathered(&vec![ask(); BATCH_LIMIT + 9], BATCH_LIMIT);
    assert_eq!(sizes.last(), Some(&BATCH_LIMIT), "{sizes:?}");
}

#[test]
fn what_runs_alone_waits_for_a_batch_of_its_own() {
    let mut desk = Desk::new([]);
    let sizes = desk.gathered(&[ask(), ask(), freeze(), ask()], 2);
    assert_eq!(sizes.last(), Some(&2), "{sizes:?}");
    assert!(sizes.iter().all(|size| *size <= 2), "{sizes:?}");
    assert_eq!(desk.gathered(&[freeze(), ask()], 1), [1]);
}
