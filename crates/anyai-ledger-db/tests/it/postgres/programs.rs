//! Two programs on one pool with one hold's worth left.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyai_ledger::{Refusal, hold_id};
use anyai_ledger_db::{Held, LedgerError};
use anyai_units::PoolId;

use super::house::{database, open, pool, sound};
use crate::fixture::{NOW, mc, plan, pool_id, request, turn};

const LEDGER: &str = "ANYAI_TEST_CHILD_POSTGRES";
const ROUNDS: u128 = 100;

/// A program of its own: this test binary again.
struct Program {
    child: Child,
    says: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(address: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "--nocapture"])
            .arg("postgres::programs::the_other_program")
            .env(LEDGER, address)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let says = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut program = Self { child, says };
        assert_eq!(program.says(), "ready");
        program
    }

    fn tell(&mut self, words: &str) {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{words}").unwrap();
    }

    /// The next thing it says.
    fn says(&mut self) -> String {
        let mut lines = self.says.by_ref().map(Result::unwrap);
        let said =
            lines.find_map(|line| line.split_once("says: ").map(|(_, said)| said.to_owned()));
        said.unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_credits_are_held_once_by_two_programs() {
    let address = database();
    let ledger = open(&address);
    let mut programs = [Program::start(&address), Program::start(&address)];
    for round in 0..ROUNDS {
        let pool = pool(&ledger, 1_000 + round, plan("free", 1)).await;
        for program in &mut programs {
            program.tell(&format!("{round}"));
        }
        let said = programs.each_mut().map(Program::says);
        let won = said.iter().filter(|said| *said == "won").count();
        let lost = said.iter().filter(|said| *said == "400 left").count();
        assert_eq!((won, lost), (1, 1), "round {round}: {said:?}");
        let balance = ledger.balance(pool, NOW).await.unwrap();
        assert_eq!(
            (balance.available, balance.period.pending),
            (mc(400), mc(600))
        );
    }
    sound(&address);
}

/// Several callers at once in each program, many pools at once: the locks are taken in one order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_programs_share_many_pools() {
    let address = database();
    let ledger = open(&address);
    let pools: Vec<PoolId> = (0..16).map(pool_id).collect();
    for id in &pools {
        ledger
            .ensure_pool(*id, plan("free", 10), NOW, NOW)
            .await
            .unwrap();
    }
    let mut programs = [Program::start(&address), Program::start(&address)];
    for program in &mut programs {
        program.tell("everything");
    }
    let held = programs
        .each_mut()
        .map(|program| program.says().parse::<usize>().unwrap());
    assert_eq!(held.iter().sum::<usize>(), 16 * 100, "{held:?}");
    for id in pools {
        assert_eq!(ledger.balance(id, NOW).await.unwrap().available, mc(0));
    }
    sound(&address);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the_last_credits_are_held_once_by_two_programs"]
async fn the_other_program() {
    let ledger = open(&std::env::var(LEDGER).unwrap());
    println!("says: ready");
    let first = u128::from(std::process::id()) << 64;
    for line in std::io::stdin().lines().map(Result::unwrap) {
        if line == "everything" {
            println!("says: {}", spend_all(&ledger, first).await);
            continue;
        }
        let pool = pool_id(1_000 + line.parse::<u128>().unwrap());
        match ledger.hold(request(pool, first, mc(600)), NOW).await {
            Ok(Held::New(hold)) => {
                assert_eq!(hold.id(), hold_id(pool, turn(first)));
                println!("says: won");
            }
            Err(LedgerError::Refused(Refusal::InsufficientCredits { available, .. })) => {
                println!("says: {} left", available.millicredits());
            }
            other => println!("says: {other:?}"),
        }
    }
}

/// Holds a tenth of a credit of every pool until none is left; how many.
async fn spend_all(ledger: &anyai_ledger_db::Ledger, first: u128) -> usize {
    let mut callers = tokio::task::JoinSet::new();
    for caller in 0..16_u128 {
        let ledger = ledger.clone();
        callers.spawn(async move {
            let (mut held, mut left, mut number) = (0, 16, 0);
            while left > 0 {
                number += 1;
                left = 0;
                for pool in 0..16 {
                    let turn = first + (caller << 32) + number;
                    let pool = pool_id((pool + caller) % 16);
                    match ledger.hold(request(pool, turn, mc(100)), NOW).await {
                        Ok(_) => (held, left) = (held + 1, left + 1),
                        Err(LedgerError::Refused(_)) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            }
            held
        });
    }
    callers.join_all().await.into_iter().sum()
}
