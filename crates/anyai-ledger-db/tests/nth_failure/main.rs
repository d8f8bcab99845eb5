//! The power is cut, or the disk fails, at every single write and sync of a script of commands.
//!
//! A binary of its own: the simulated disk takes the place of the operating system's files for all
//! of SQLite in the process. The ledger above it is the shipped one, opened and used as the server
//! does.
//!
//! The program is stopped at every single write and sync: the three ways of losing take turns at the
//! writes, and each is tried at every sync. For faults the program sees and survives a sample of the
//! moments is tried. `ANYAI_NTH_FAILURE=all` tries every loss and every fault at every moment, and
//! twenty ways to tear the unsynced writes at each.
//!
//! The disk loses and tears at sectors of 512 bytes, and only what was written: SQLite takes that for
//! granted of every disk. A deleted file may come back until something was synced. The index of the
//! write-ahead log is copied between connections at every lock, so the script does not read while it
//! writes; races are another test's.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests' helpers fail as loudly as tests"
)]

mod disk;
mod faults;
mod script;
mod vfs;

use std::cell::Cell;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyai_ledger_db::{Ledger, verify_file};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::disk::{Change, Dice, Disk, Fault, Files, Loss, Platter};
use crate::script::{Client, Command, Seen, observe, script};

/// SQLite has one default file system for the process, so one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// A computer that is started again and again, each time with other files on its disk.
struct Machine {
    _alone: MutexGuard<'static, ()>,
    folder: TempDir,
    starts: Cell<u32>,
    runtime: Runtime,
}

impl Machine {
    fn new() -> Self {
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let runtime = tokio::runtime::Builder::new_current_thread();
        Self {
            _alone: alone,
            folder: tempfile::tempdir().unwrap(),
            starts: Cell::new(0),
            runtime: { runtime }.build().unwrap(),
        }
    }

    /// Starts with these files and this fault. Every start has a folder of its own, because the last
    /// one's connection may still be closing. Only the names in it are real, and one empty file: the
    /// verifier looks for it before it asks SQLite.
    fn start(&self, files: Files, fault: Option<Fault>) -> Start {
        let folder_of = |start: u32| self.folder.path().join(start.to_string());
        let before = self.starts.replace(self.starts.get() + 1);
        vfs::unmount(folder_of(before).to_str().unwrap());
        let folder = folder_of(before + 1);
        std::fs::create_dir(&folder).unwrap();
        let path = folder.join("ledger.db");
        std::fs::write(&path, "").unwrap();
        let disk = Disk::new(files, fault);
        vfs::mount(folder.to_str().unwrap(), Arc::clone(&disk));
        Start { disk, path }
    }
}

/// One run of the machine.
struct Start {
    disk: Arc<Disk>,
    path: PathBuf,
}

impl Start {
    fn wait_until_closed(&self) {
        vfs::wait_until_closed(self.path.parent().unwrap().to_str().unwrap());
    }
}

fn is_all() -> bool {
    std::env::var("ANYAI_NTH_FAILURE").is_ok_and(|size| size == "all")
}

/// What the script does on a disk without faults.
struct Reference {
    commands: Vec<Command>,
    /// What a ledger looks like after so many commands.
    after: Vec<Option<Seen>>,
    /// All changes of the disk, to the last of closing the file.
    journal: Vec<Change>,
    /// Of each group, before which change it was sent, and after which it was answered.
    groups: Vec<Sent>,
}

#[derive(Clone, Copy)]
struct Sent {
    before: usize,
    answered: usize,
    commands: usize,
}

fn reference(machine: &Machine) -> Reference {
    let commands = script().concat();
    let after = machine.runtime.block_on(async {
        let start = machine.start(Files::new(), None);
        let mut client = Client::new(Ledger::open(&start.path).unwrap());
        let mut after = vec![observe(client.ledger()).await.unwrap()];
        for command in commands.iter().copied() {
            let number = after.len() - 1;
            let answers = client.send(number, &[command]).await;
            answers.into_iter().for_each(Result::unwrap);
            after.push(observe(client.ledger()).await.unwrap());
        }
        after
    });
    machine.runtime.block_on(async {
        let start = machine.start(Files::new(), None);
        let disk = &start.disk;
        let mut client = Client::new(Ledger::open(&start.path).unwrap());
        let mut groups = Vec::new();
        let mut number = 0;
        for group in script() {
            let before = disk.changes();
            let answers = client.send(number, &group).await;
            answers.into_iter().for_each(Result::unwrap);
            number += group.len();
            let (answered, commands) = (disk.changes(), group.len());
            groups.push(Sent {
                before,
                answered,
                commands,
            });
        }
        assert_eq!(
            observe(client.ledger()).await.unwrap(),
            after[number],
            "sent at once or not"
        );
        drop(client);
        start.wait_until_closed();
        Reference {
            commands,
            after,
            journal: disk.journal(),
            groups,
        }
    })
}

impl Reference {
    /// How many commands can be there when the power was cut at the change numbered `at`, which did
    /// not come to its end: at least what was answered, at most what was sent.
    fn allowed(&self, at: usize) -> RangeInclusive<usize> {
        let count = |is_in: &dyn Fn(&&Sent) -> bool| -> usize {
            self.groups
                .iter()
                .filter(is_in)
                .map(|sent| sent.commands)
                .sum()
        };
        count(&|sent| sent.answered < at)..=count(&|sent| sent.before < at)
    }

    /// After how many commands a ledger looks like this.
    fn standing(
        &self,
        found: &Option<Seen>,
        allowed: RangeInclusive<usize>,
    ) -> Result<usize, String> {
        let exactly = allowed.clone().find(|count| self.after[*count] == *found);
        if let Some(count) = exactly {
            return Ok(count);
        }
        let count = *allowed.start();
        let is_expiry = matches!(self.commands[count], Command::ExpireStale);
        if is_expiry && is_between(found, &self.after[count], &self.after[count + 1]) {
            return Ok(count);
        }
        let known = self.after.iter().position(|after| after == found);
        Err(format!("found {known:?} commands, not {allowed:?}"))
    }

    /// Starts the machine with what the disk kept, and looks at the ledger: opening it verifies all of
    /// it, it has what was answered, and nothing by halves. Then it may have to work.
    fn check(
        &self,
        machine: &Machine,
        files: Files,
        allowed: RangeInclusive<usize>,
        is_drilled: bool,
    ) -> Result<usize, String> {
        let start = machine.start(files, None);
        machine.runtime.block_on(async {
            let ledger = Ledger::open(&start.path).map_err(|error| format!("open: {error}"))?;
            let found = observe(&ledger).await.map_err(|error| error.to_string())?;
            let stands = self.standing(&found, allowed)?;
            if !is_drilled {
                return Ok(stands);
            }
            let mut client = Client::new(ledger);
            let drilled = client.drill().await;
            drilled.map_err(|error| format!("of no more use: {error}"))?;
            drop(client);
            start.wait_until_closed();
            let report = verify_file(&start.path).map_err(|error| format!("verify: {error}"))?;
            match report.first_problem {
                None => Ok(stands),
                Some(problem) => Err(problem.what),
            }
        })
    }
}

/// The sweeper ends one hold after the other: each of them is ended or is not.
fn is_between(found: &Option<Seen>, before: &Option<Seen>, after: &Option<Seen>) -> bool {
    let (Some(found), Some(before), Some(after)) = (found, before, after) else {
        return false;
    };
    let is_same = found.checkpoints == before.checkpoints;
    let (found, before, after) = (&found.changes, &before.changes, &after.changes);
    let is_known = |hold| before.holds.contains(hold) || after.holds.contains(hold);
    is_same
        && found.entries.starts_with(&before.entries)
        && after.entries.starts_with(&found.entries)
        && found.holds.len() == before.holds.len()
        && found.holds.iter().all(is_known)
}

/// How many ways of losing there are.
const LOSSES: usize = 3;

/// How a power cut is tried.
struct Cuts {
    loss: Loss,
    /// How many different losses of unsynced writes.
    seeds: u64,
    /// At every how many changes the ledger has to work afterwards, besides being whole.
    drilled_every: usize,
}

/// Cuts the power at changes of the disk: at every sync, and at the writes whose turn it is.
#[track_caller]
fn cut_everywhere(cuts: &Cuts) -> String {
    let machine = Machine::new();
    let reference = reference(&machine);
    let mut platter = Platter::default();
    let (mut tried, mut there) = (0_u64, 0_u64);
    for (index, change) in reference.journal.iter().enumerate() {
        let at = index + 1;
        let mut in_flight = platter.clone();
        if !matches!(change, Change::Sync { .. }) {
            in_flight.take(change);
        }
        platter.take(change);
        let is_its_turn = at % LOSSES == cuts.loss as usize;
        if !(is_all() || is_its_turn || matches!(change, Change::Sync { .. })) {
            continue;
        }
        for seed in 0..cuts.seeds {
            let mut dice = Dice(u64::try_from(at).unwrap() * cuts.seeds + seed);
            let files = in_flight.after(cuts.loss, &mut dice);
            let allowed = reference.allowed(at);
            let stands = reference.check(
                &machine,
                files,
                allowed.clone(),
                at % cuts.drilled_every == 0,
            );
            let stands = stands.unwrap_or_else(|problem| panic!("cut at {at}: {problem}"));
            tried += 1;
            there += u64::from(stands > *allowed.start());
        }
    }
    let changes = reference.journal.len();
    assert!(there < tried, "the command on its way is not always there");
    format!("{tried} cuts in {changes} changes: the command on its way was there {there} times")
}

#[test]
fn stopped_at_any_write_or_sync_the_program_loses_nothing_it_answered() {
    let cuts = Cuts {
        loss: Loss::Nothing,
        seeds: 1,
        drilled_every: 50,
    };
    println!("{}", cut_everywhere(&cuts));
}

#[test]
fn a_power_cut_at_any_write_or_sync_that_loses_all_unsynced_loses_nothing_answered() {
    let cuts = Cuts {
        loss: Loss::Everything,
        seeds: 1,
        drilled_every: 50,
    };
    println!("{}", cut_everywhere(&cuts));
}

#[test]
fn a_power_cut_at_any_write_or_sync_that_tears_the_unsynced_loses_nothing_answered() {
    let seeds = if is_all() { 20 } else { 1 };
    let cuts = Cuts {
        loss: Loss::Something,
        seeds,
        drilled_every: 4,
    };
    println!("{}", cut_everywhere(&cuts));
}
