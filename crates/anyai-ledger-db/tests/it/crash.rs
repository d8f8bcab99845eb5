//! Programs of their own on one file: killed in the middle of their work, or after the same credits.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyai_ledger::{HoldState, Refusal};
use anyai_ledger_db::{Held, Ledger, LedgerError, verify_file};

use crate::fixture::{Fixture, NOW, mc, plan, pool_id, reported, request, turn};

const CHILD_LEDGER: &str = "ANYAI_TEST_CHILD_LEDGER";

/// This test binary again, running one of the ignored tests below as a program of its own.
fn start(test: &str, path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--ignored", "--nocapture"])
        .env(CHILD_LEDGER, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn child_path() -> PathBuf {
    PathBuf::from(std::env::var_os(CHILD_LEDGER).unwrap())
}

/// Holds, dispatches and settles turns until it is killed, and says which it settled.
#[tokio::test]
#[ignore = "a program that killed_anywhere_the_ledger_is_whole runs"]
async fn settles_until_killed() {
    let path = child_path();
    let ledger = Ledger::open(&path).unwrap();
    ledger
        .ensure_pool(pool_id(1), plan("max", 10_000), NOW, NOW)
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let f = Fixture {
        folder,
        path,
        ledger,
        pool: pool_id(1),
    };
    for number in u128::from(std::process::id()) << 32.. {
        let dispatch = f.dispatch(number, mc(10)).await;
        f.ledger
            .settle(&dispatch, reported(mc(7)), NOW)
            .await
            .unwrap();
        println!("settled {number}");
    }
}

/// Runs the program until it settled `turns` turns, then kills it wherever it is.
fn kill_after(path: &Path, turns: usize) -> Vec<u128> {
    let mut child = start("crash::settles_until_killed", path);
    let mut settled = Vec::new();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while settled.len() < turns {
        let line = lines.next().unwrap().unwrap();
        if let Some((_, number)) = line.split_once("settled ") {
            settled.push(number.parse().unwrap());
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let rest = lines.map_while(Result::ok);
    settled.extend(rest.filter_map(|line| line.split_once("settled ")?.1.parse::<u128>().ok()));
    settled
}

#[tokio::test]
async fn killed_anywhere_the_ledger_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let mut settled = Vec::new();
    for turns in [1, 2, 3, 5, 8, 13] {
        settled.extend(kill_after(&path, turns));
        let report = verify_file(&path).unwrap();
        assert_eq!(report.first_problem, None, "after {turns} turns");
        let ledger = Ledger::open(&path).unwrap();
        for number in &settled {
            let record = ledger
                .hold_of(pool_id(1), turn(*number))
                .await
                .unwrap()
                .unwrap();
            assert_eq!(
                record.state,
                HoldState::Settled,
                "an answered turn is there"
            );
        }
        let open = ledger.open_holds().await.unwrap();
        assert!(
            open.len() <= 1,
            "only the last turn can be unfinished: {open:?}"
        );
        for hold in &open {
            ledger
                .void(hold, "the program was killed", NOW)
                .await
                .unwrap();
        }
        let balance = ledger.balance(pool_id(1), NOW).await.unwrap();
        assert_eq!(balance.period.pending, mc(0));
        let charged = balance.period.posted.millicredits();
        let answered = 7 * i64::try_from(settled.len()).unwrap();
        let unanswered = charged - answered;
        assert!(
            unanswered >= 0 && unanswered % 7 == 0 && unanswered <= 7 * 6,
            "{unanswered}"
        );
    }
}

/// Holds as much as it can in steps of 300 of 1,000, and says how often it could.
#[tokio::test]
#[ignore = "a program that programs_share_the_last_credits runs"]
async fn holds_until_refused() {
    let ledger = Ledger::open(&child_path()).unwrap();
    let mut held = 0_u32;
    for number in 0..20 {
        let number = (u128::from(std::process::id()) << 32) + number;
        match ledger.hold(request(pool_id(1), number, mc(300)), NOW).await {
            Ok(Held::New(_)) => held += 1,
            Err(LedgerError::Refused(Refusal::InsufficientCredits { .. })) => {}
            other => panic!("{other:?}"),
        }
    }
    println!("held {held} times");
}

#[tokio::test]
async fn programs_share_the_last_credits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = Ledger::open(&path).unwrap();
    ledger
        .ensure_pool(pool_id(1), plan("one", 1), NOW, NOW)
        .await
        .unwrap();
    let children: Vec<_> = (0..4)
        .map(|_| start("crash::holds_until_refused", &path))
        .collect();
    let mut held = 0;
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        let (_, rest) = text.split_once("held ").unwrap();
        held += rest.split_once(' ').unwrap().0.parse::<u32>().unwrap();
    }
    assert_eq!(held, 3, "1,000 hold three times 300");
    let balance = ledger.balance(pool_id(1), NOW).await.unwrap();
    assert_eq!(
        (balance.available, balance.period.pending),
        (mc(100), mc(900))
    );
    assert_eq!(verify_file(&path).unwrap().first_problem, None);
}
