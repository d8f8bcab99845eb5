//! Programs of their own on one ledger: killed in the middle of their work, or after the same credits.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyai_ledger::{HoldState, Refusal};
use anyai_ledger_db::{Held, LedgerError};

use crate::fixture::{
    Fixture, NOW, Place, Store, mc, on_every_store, plan, pool_id, reported, request, turn,
};

on_every_store![
    killed_anywhere_the_ledger_is_whole,
    programs_share_the_last_credits,
];

const CHILD_LEDGER: &str = "ANYAI_TEST_CHILD_LEDGER";

/// This test binary again, running one test as a program of its own on a ledger of this one's.
fn start(test: &str, place: &Place) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture"])
        .env(CHILD_LEDGER, place.address())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// The ledger of whoever started this program; `None` when it runs as a test by itself.
fn parents_ledger() -> Option<Place> {
    let address = std::env::var(CHILD_LEDGER).ok()?;
    Some(Place::of_another(&address))
}

/// Settles turns and says which: three by itself, and as a child until it is killed.
#[tokio::test]
async fn settles_turns_and_says_so() {
    let parents = parents_ledger();
    let turns = if parents.is_some() {
        u128::from(u32::MAX)
    } else {
        3
    };
    let place = parents.unwrap_or_else(|| Place::new(Store::Sqlite));
    let f = Fixture::with_pool(place, plan("max", 10_000)).await;
    let first = u128::from(std::process::id()) << 32;
    for number in first..first + turns {
        let dispatch = f.dispatch(number, mc(10)).await;
        f.ledger
            .settle(&dispatch, reported(mc(7)), NOW)
            .await
            .unwrap();
        println!("settled {number}");
    }
    assert_eq!(f.sums().await, (10_000_000 - 21, 21, 0));
    f.verify();
}

/// Runs the program until it settled `turns` turns, then kills it wherever it is.
fn kill_after(place: &Place, turns: usize) -> Vec<u128> {
    let mut child = start("crash::settles_turns_and_says_so", place);
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

async fn killed_anywhere_the_ledger_is_whole(store: Store) {
    let place = Place::new(store);
    let mut settled = Vec::new();
    for turns in [1, 2, 3, 5, 8, 13] {
        settled.extend(kill_after(&place, turns));
        let report = place.verify().unwrap();
        assert_eq!(report.first_problem, None, "after {turns} turns");
        let ledger = place.open().unwrap();
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

/// Tries to hold 300 of 1,000 again and again, and says how often it could: by itself, three times.
#[tokio::test]
async fn holds_while_there_are_credits() {
    let parents = parents_ledger();
    let is_alone = parents.is_none();
    let place = parents.unwrap_or_else(|| Place::new(Store::Sqlite));
    let ledger = place.open().unwrap();
    ledger
        .ensure_pool(pool_id(1), plan("one", 1), NOW, NOW)
        .await
        .unwrap();
    let mut held = 0_u32;
    for number in 0..20 {
        let number = (u128::from(std::process::id()) << 32) + number;
        match ledger.hold(request(pool_id(1), number, mc(300)), NOW).await {
            Ok(Held::New(_)) => held += 1,
            Err(LedgerError::Refused(Refusal::InsufficientCredits { .. })) => {}
            other => panic!("{other:?}"),
        }
    }
    assert!(held == 3 || (!is_alone && held < 3), "held {held}");
    println!("held {held} times");
}

async fn programs_share_the_last_credits(store: Store) {
    let place = Place::new(store);
    let ledger = place.open().unwrap();
    ledger
        .ensure_pool(pool_id(1), plan("one", 1), NOW, NOW)
        .await
        .unwrap();
    let children: Vec<_> = (0..4)
        .map(|_| start("crash::holds_while_there_are_credits", &place))
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
    assert_eq!(place.verify().unwrap().first_problem, None);
}
