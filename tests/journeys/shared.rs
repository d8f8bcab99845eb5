//! Two server programs on one PostgreSQL: one pool, and a program that dies with a turn under way.

use std::time::Duration;

use anyai_testpostgres::PostgresCluster;
use anyai_testsupport::{ServeProgram, TestStudio, run};
use anyai_units::Credits;
use anyai_wire::{Balance, Code, TurnPhase};
use tempfile::TempDir;

use crate::{DEAR_MODEL, MODEL, credits};

const ROUNDS: usize = 5;

/// Two servers with folders of their own on one database.
struct Pair {
    folder: TempDir,
    cluster: PostgresCluster,
    database: String,
}

impl Pair {
    fn new() -> Self {
        let cluster = PostgresCluster::start();
        let database = cluster.database();
        Self {
            folder: tempfile::tempdir().unwrap(),
            cluster,
            database,
        }
    }

    async fn server(&self, name: &str) -> ServeProgram {
        ServeProgram::on_database(&self.folder.path().join(name), &self.database).await
    }

    /// What the program itself says of the ledger, and that nothing is held in it.
    async fn verify(&self) {
        let verified = run(&["ledger", "verify", "--json", &self.database]).await;
        assert!(verified.status.success(), "{verified:?}");
        assert!(verified.output.contains("\"sound\":true"), "{verified:?}");
        let open = "SELECT count(*) FROM hold WHERE state IN ('held', 'dispatched', 'unknown')";
        assert_eq!(self.cluster.run_sql(&self.database, open).trim(), "0");
    }
}

async fn at(server: &ServeProgram) -> TestStudio {
    let studio = TestStudio::fresh().await;
    studio.go_through(&server.door()).await;
    studio
}

/// Waits until something is held, or nothing is any more: a lease takes a minute to end.
async fn until_pending(studio: &TestStudio, wanted: bool) -> Balance {
    for _ in 0..1_200 {
        let balance = studio.balance().await;
        if (balance.pending > Credits::ZERO) == wanted {
            return balance;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it never came to pending = {wanted}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_one_database_never_hold_a_pool_twice() {
    let pair = Pair::new();
    let (first, second) = tokio::join!(pair.server("first"), pair.server("second"));
    let (one, other) = (at(&first).await, at(&second).await);
    let (a, b) = (one.balance().await, other.balance().await);
    assert_eq!(
        (a.granted, b.granted),
        (credits(100), credits(100)),
        "one pool, one month"
    );
    let mut spent = Credits::ZERO;
    for round in 0..ROUNDS {
        let prompt = format!("[[fault:slow tps=6]][[length:tokens=9]] Round {round}");
        let (left, right) = tokio::join!(
            one.send(DEAR_MODEL, &prompt),
            other.send(DEAR_MODEL, &prompt)
        );
        let (winner, sent, error) = match (left, right) {
            (Ok(sent), Err(error)) => (&one, sent, error),
            (Err(error), Ok(sent)) => (&other, sent, error),
            both => panic!("round {round}: exactly one must succeed: {both:?}"),
        };
        assert_eq!(
            error.code,
            Code::InsufficientCredits,
            "round {round}: {error:?}"
        );
        let turn = winner.ended(&sent).await;
        let TurnPhase::Settled { charged, .. } = turn.phase else {
            panic!("round {round}: {:?}", turn.phase);
        };
        spent = spent.checked_add(charged).unwrap();
        let receipt = winner.receipt(&turn).await;
        for app in [&one, &other] {
            let balance = app.balance_after(&receipt).await;
            assert_eq!(balance.posted, spent, "both see what both spent");
        }
    }
    one.finish().await;
    other.finish().await;
    first.quit().await;
    second.quit().await;
    pair.verify().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_server_held_goes_back_by_another_within_its_lease() {
    let pair = Pair::new();
    let first = pair.server("first").await;
    let second = pair.server("second").await;
    let (one, other) = (at(&first).await, at(&second).await);
    let prompt = "[[think:tokens=5]][[fault:slow tps=20]][[length:tokens=4000]] Tell me slowly";
    let sent = one.send(MODEL, prompt).await.unwrap();
    one.until_text(&sent, 20).await;
    first.kill().await;
    until_pending(&other, true).await;
    let balance = until_pending(&other, false).await;
    assert_eq!(balance.available, balance.granted, "in the person's favour");
    let after = other.turn(MODEL, "[[say:Still here.]] Hello").await;
    assert_eq!(after.text, "Still here.");
    other.finish().await;

    // The dead one comes back, finds how its turn ended elsewhere, and charges nothing for it.
    let first = pair.server("first").await;
    first.quit().await;
    one.finish().await;
    second.quit().await;
    pair.verify().await;
}
