//! The disk fails and the program sees it: for good, or for a moment and the program goes on.

use std::collections::BTreeSet;

use anyai_ledger_db::{Ledger, LedgerError};

use crate::disk::{Dice, Fault, Files, Loss, Platter, Site};
use crate::script::{Client, Command, Seen, observe, script};
use crate::{Machine, Start, is_all, reference};

/// How often a refused command is sent again before the disk counts as dead.
const TRIES: u32 = 200;

/// The places to try: all of them, or so many, evenly spread.
fn places(first: u64, last: u64, sample: u64) -> Vec<u64> {
    let step = if is_all() {
        1
    } else {
        (last - first).div_ceil(sample)
    };
    (first..=last)
        .step_by(usize::try_from(step).unwrap())
        .collect()
}

/// How often a faultless script does the operation, while it opens and in all.
fn operations(machine: &Machine, site: Site) -> (u64, u64) {
    let Start { disk, path } = machine.start(Files::new(), None);
    machine.runtime.block_on(async {
        let mut client = Client::new(Ledger::open(&path).unwrap());
        let opened = disk.count(site);
        let mut number = 0;
        for group in script() {
            client
                .send(number, &group)
                .await
                .into_iter()
                .for_each(Result::unwrap);
            number += group.len();
        }
        (opened, disk.count(site))
    })
}

#[test]
fn a_disk_that_dies_under_the_program_keeps_what_was_answered() {
    let machine = Machine::new();
    let reference = reference(&machine);
    let (_, last) = operations(&machine, Site::Change);
    let mut deaths = 0_u64;
    for at in places(1, last, 40) {
        let fault = Fault {
            site: Site::Change,
            at,
            times: u64::MAX,
            is_full: false,
        };
        let Start { disk, path } = machine.start(Files::new(), Some(fault));
        let (mut answered, mut sent) = (0, 0);
        machine.runtime.block_on(async {
            let Ok(ledger) = Ledger::open(&path) else {
                return;
            };
            let mut client = Client::new(ledger);
            for group in script() {
                let answers = client.send(sent, &group).await;
                sent += group.len();
                answered += answers.iter().filter(|answer| answer.is_ok()).count();
                if answered < sent {
                    break;
                }
            }
        });
        let mut platter = Platter::default();
        disk.journal()
            .iter()
            .for_each(|change| platter.take(change));
        let loss =
            [Loss::Nothing, Loss::Everything, Loss::Something][usize::try_from(at % 3).unwrap()];
        let files = platter.after(loss, &mut Dice(at));
        let stands = reference.check(&machine, files, answered..=sent, true);
        stands.unwrap_or_else(|problem| panic!("dead at {at}, {loss:?} lost: {problem}"));
        deaths += disk.failed().min(1);
    }
    println!("{deaths} deaths in {last} changes");
    assert!(deaths > 20);
}

/// What a run came to.
#[derive(Debug, Default)]
struct Run {
    refused: u64,
    is_struck: bool,
}

/// Carries the script out on a disk that fails for a moment. What is refused is refused whole, is
/// sent again, and goes through.
async fn go_on(machine: &Machine, fault: Fault) -> Run {
    let start = machine.start(Files::new(), Some(fault));
    let mut run = Run::default();
    let ledger = again(&mut run, async || Ledger::open(&start.path)).await;
    let mut client = Client::new(ledger);
    let mut lost = BTreeSet::new();
    let mut number = 0;
    for group in script() {
        let is_lost = |command: &Command| command.turn().is_some_and(|turn| lost.contains(&turn));
        if !group.iter().all(is_lost) {
            let before = seen(&mut run, client.ledger()).await;
            let answers = client.send(number, &group).await;
            for (place, answer) in answers.into_iter().enumerate() {
                let command = group[place];
                let Err(error) = answer else { continue };
                check_refused(&mut run, &client, &group, command, &before, &error).await;
                if let Command::Dispatch(turn) = command {
                    // Its permission is used up: the sweeper will end the hold.
                    lost.insert(turn);
                    continue;
                }
                resend(&mut run, &mut client, number + place, command).await;
            }
        }
        number += group.len();
    }
    let end = seen(&mut run, client.ledger()).await;
    drop(client);
    start.wait_until_closed();
    let files = start.disk.lock().files.clone();
    run.is_struck = start.disk.failed() > 0;
    let reopened = machine.start(files, None);
    let ledger = Ledger::open(&reopened.path).unwrap();
    assert_eq!(observe(&ledger).await.unwrap(), end, "{fault:?}");
    run
}

/// Nothing of a refused command is there; of those sent beside it only its own hold can be missing.
async fn check_refused(
    run: &mut Run,
    client: &Client,
    group: &[Command],
    command: Command,
    before: &Option<Seen>,
    error: &LedgerError,
) {
    run.refused += 1;
    assert!(
        !matches!(error, LedgerError::Refused(_) | LedgerError::Damaged { .. }),
        "{command:?}: {error}"
    );
    let after = seen(run, client.ledger()).await;
    if group.len() == 1 && !matches!(command, Command::ExpireStale) {
        assert_eq!(after, *before, "{command:?} was refused: {error}");
    }
}

async fn resend(run: &mut Run, client: &mut Client, number: usize, command: Command) {
    for _ in 0..TRIES {
        let answers = client.send(number, &[command]).await;
        if answers.iter().all(Result::is_ok) {
            return;
        }
        run.refused += 1;
    }
    panic!("{command:?} never went through");
}

async fn seen(run: &mut Run, ledger: &Ledger) -> Option<Seen> {
    again(run, async || observe(ledger).await).await
}

/// Asks until there is an answer.
async fn again<T>(run: &mut Run, ask: impl AsyncFn() -> Result<T, LedgerError>) -> T {
    for _ in 0..TRIES {
        match ask().await {
            Ok(answer) => return answer,
            Err(_) => run.refused += 1,
        }
    }
    panic!("there is no answer")
}

/// Tries a fault at every place, or at a sample of them.
#[track_caller]
fn at_every(site: Site, times: u64, is_full: bool, sample: u64) -> String {
    let machine = Machine::new();
    let (opened, last) = operations(&machine, site);
    let first = if site == Site::Lock { opened + 1 } else { 1 };
    let (mut runs, mut refused) = (0_u64, 0);
    for at in places(first, last, sample) {
        let fault = Fault {
            site,
            at,
            times,
            is_full,
        };
        let run = machine.runtime.block_on(go_on(&machine, fault));
        runs += u64::from(run.is_struck);
        refused += run.refused;
    }
    assert!(runs > 5 && refused > 0);
    format!("{runs} faults in {last} operations: {refused} commands refused and sent again")
}

#[test]
fn a_write_or_sync_that_fails_once_refuses_whole_commands() {
    println!("{}", at_every(Site::Change, 1, false, 30));
}

#[test]
fn a_disk_that_is_full_for_a_moment_refuses_whole_commands() {
    println!("{}", at_every(Site::Write, 3, true, 20));
}

#[test]
fn a_read_that_fails_once_refuses_whole_commands() {
    println!("{}", at_every(Site::Read, 1, false, 20));
}

#[test]
fn a_file_that_others_keep_locked_refuses_whole_commands() {
    println!("{}", at_every(Site::Lock, 500, false, 10));
}
