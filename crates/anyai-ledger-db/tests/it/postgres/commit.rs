//! The answer to a commit is lost: nobody is told anything that is not so.

use std::time::Duration;

use anyai_ledger::HoldState;
use anyai_ledger_db::{Held, Ledger, LedgerError, PostgresOptions};
use anyai_testpostgres::PostgresCluster;
use tokio::task::JoinSet;

use super::house::{CEILING, all_settled, hold_of, open, pool, room_for, settle_at_last, sound};
use super::proxy::{Cut, Proxy};
use crate::fixture::{NOW, request};

struct House {
    proxy: Proxy,
    /// The database, past the proxy.
    direct: String,
    ledger: Ledger,
}

fn house(options: PostgresOptions) -> House {
    let cluster = PostgresCluster::shared();
    let direct = cluster.database();
    let proxy = Proxy::before(cluster.socket());
    let ledger = Ledger::open_postgres(&proxy.address(&direct), options).unwrap();
    House {
        proxy,
        direct,
        ledger,
    }
}

/// Its own caller gets the hold, and nobody gets it twice, wherever the connection is cut.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_answer_is_looked_up() {
    let house = house(PostgresOptions::default());
    let pool = pool(&house.ledger, 1, room_for(40)).await;
    for round in 0..20 {
        let cut = match round % 2 {
            0 => Cut::BeforeTheServer,
            _ => Cut::AfterTheServer,
        };
        house.proxy.cut_next_commit(cut);
        let held = house.ledger.hold(request(pool, round, CEILING), NOW).await;
        let held = held.unwrap_or_else(|error| panic!("{cut:?}: {error}"));
        let Held::New(hold) = held else {
            panic!("{cut:?}: its own hold is not its own: {held:?}");
        };
        assert_eq!(
            hold_of(&open(&house.direct), pool, round).await,
            *hold.record()
        );
        let again = house.ledger.hold(request(pool, round, CEILING), NOW).await;
        assert!(matches!(again, Ok(Held::Existing(_))), "{again:?}");
    }
    assert_eq!(house.proxy.cuts(), 20);
    let pending = house
        .ledger
        .balance(pool, NOW)
        .await
        .unwrap()
        .period
        .pending;
    assert_eq!(pending.millicredits(), 20 * CEILING.millicredits());
    sound(&house.direct);
}

/// The server cannot be asked: then nobody is told that it is stored, or that it is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_cannot_be_looked_up_is_unknown_until_it_is_sent_again() {
    let options = PostgresOptions {
        patience_ms: 300,
        ..PostgresOptions::default()
    };
    let house = house(options);
    let pool = pool(&house.ledger, 1, room_for(40)).await;
    for (number, cut) in [(1, Cut::AfterTheServer), (2, Cut::BeforeTheServer)] {
        house.proxy.close_with_the_cut();
        house.proxy.cut_next_commit(cut);
        let lost = house.ledger.hold(request(pool, number, CEILING), NOW).await;
        assert!(
            matches!(lost, Err(LedgerError::OutcomeUnknown)),
            "{cut:?}: {lost:?}"
        );
        let away = house.ledger.hold(request(pool, 9, CEILING), NOW).await;
        assert!(
            matches!(away, Err(LedgerError::Unreachable { .. })),
            "{away:?}"
        );
        house.proxy.open();
        let again = house.ledger.hold(request(pool, number, CEILING), NOW).await;
        let record = match (cut, again.unwrap()) {
            (Cut::AfterTheServer, Held::Existing(record)) => record,
            (Cut::BeforeTheServer, Held::New(hold)) => hold.record().clone(),
            (cut, answer) => panic!("{cut:?}: {answer:?}"),
        };
        assert_eq!(record.state, HoldState::Held);
        assert_eq!(hold_of(&open(&house.direct), pool, number).await, record);
    }
    sound(&house.direct);
}

/// A batch whose fate stayed unknown was committed. The one after it is rolled back, and is not taken for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_after_an_unknown_one_is_not_taken_for_it() {
    let options = PostgresOptions {
        patience_ms: 300,
        ..PostgresOptions::default()
    };
    let house = house(options);
    let pool = pool(&house.ledger, 1, room_for(40)).await;
    house.proxy.close_with_the_cut();
    house.proxy.cut_next_commit(Cut::AfterTheServer);
    let lost = house.ledger.hold(request(pool, 1, CEILING), NOW).await;
    assert!(matches!(lost, Err(LedgerError::OutcomeUnknown)), "{lost:?}");
    house.proxy.open();
    house.proxy.cut_next_commit(Cut::BeforeTheServer);
    let held = house.ledger.hold(request(pool, 2, CEILING), NOW).await;
    let Held::New(hold) = held.unwrap() else {
        panic!("its own hold is not its own");
    };
    assert_eq!(
        hold_of(&open(&house.direct), pool, 2).await,
        *hold.record(),
        "what was answered is stored"
    );
    sound(&house.direct);
}

/// The server is away for a moment: whoever waits is answered when it is back, as if nothing had been.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moment_without_the_server_is_waited_for() {
    let house = house(PostgresOptions::default());
    let pool = pool(&house.ledger, 1, room_for(40)).await;
    house.proxy.close_with_the_cut();
    house.proxy.cut_next_commit(Cut::AfterTheServer);
    let back = async {
        while house.proxy.cuts() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        house.proxy.open();
    };
    let (held, ()) = tokio::join!(house.ledger.hold(request(pool, 1, CEILING), NOW), back);
    assert!(matches!(held, Ok(Held::New(_))), "{held:?}");
    PostgresCluster::shared().terminate_sessions(&house.direct);
    let read = house.ledger.changes(pool, 0, 10).await;
    assert!(read.is_ok(), "lost while nobody used it: {read:?}");
    let held = house.ledger.hold(request(pool, 2, CEILING), NOW).await;
    assert!(
        matches!(held, Ok(Held::New(_))),
        "lost while nobody used it: {held:?}"
    );
    sound(&house.direct);
}

/// Many callers share a batch: its fate is theirs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_batch_is_all_there_or_run_again() {
    let house = house(PostgresOptions::default());
    let pool = pool(&house.ledger, 1, room_for(400)).await;
    let mut callers = JoinSet::new();
    for caller in 0..8 {
        let ledger = house.ledger.clone();
        callers.spawn(async move {
            for number in 0..25 {
                settle_at_last(&ledger, pool, caller * 25 + number).await;
            }
        });
    }
    let mut cuts = [Cut::AfterTheServer, Cut::BeforeTheServer]
        .into_iter()
        .cycle();
    let mut armed = 0;
    while !callers.is_empty() {
        if house.proxy.cuts() == armed {
            house.proxy.cut_next_commit(cuts.next().unwrap());
            armed += 1;
        }
        if let Some(ended) = callers.try_join_next() {
            ended.unwrap();
        }
        tokio::task::yield_now().await;
    }
    assert!(house.proxy.cuts() >= 10, "{} cuts", house.proxy.cuts());
    all_settled(&house.direct, pool, 0..200).await;
}
