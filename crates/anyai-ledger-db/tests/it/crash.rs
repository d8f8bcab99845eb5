//! A program that is killed in the middle of its work: what was answered is there, whole.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyai_ledger::HoldState;
use anyai_ledger_db::{Ledger, verify_file};

use crate::fixture::{Fixture, NOW, mc, plan, pool_id, reported, turn};

const CHILD_LEDGER: &str = "ANYAI_TEST_CHILD_LEDGER";

/// The program that is killed: holds, dispatches and settles turns, and says which it settled.
#[tokio::test]
#[ignore = "run by killed_anywhere_the_ledger_is_whole, in a process of its own"]
async fn child() {
    let path = std::env::var_os(CHILD_LEDGER).unwrap();
    let path = std::path::PathBuf::from(path);
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

/// Runs the child until it settled `turns` turns, then kills it wherever it is.
fn kill_after(path: &std::path::Path, turns: usize) -> Vec<u128> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["crash::child", "--exact", "--ignored", "--nocapture"])
        .env(CHILD_LEDGER, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
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
