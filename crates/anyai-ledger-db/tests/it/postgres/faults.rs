//! Sessions that are ended, a server that dies, and transactions it undoes by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyai_ledger_db::{Held, Ledger, LedgerError, PostgresOptions, verify_postgres};
use anyai_testpostgres::PostgresCluster;
use anyai_units::PoolId;
use tokio::task::JoinSet;

use super::house::{CEILING, all_settled, database, open, pool, room_for, settle_at_last, sound};
use crate::fixture::{NOW, request};

/// How many turns a caller has numbers for.
const TURNS: u128 = 10_000;

/// Callers that settle turns until they are told to stop.
struct Callers {
    tasks: JoinSet<Vec<u128>>,
    settled: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
}

impl Callers {
    fn start(ledger: &Ledger, pool: PoolId) -> Self {
        let mut callers = Self {
            tasks: JoinSet::new(),
            settled: Arc::default(),
            is_over: Arc::default(),
        };
        for caller in 0..8 {
            let ledger = ledger.clone();
            let (settled, is_over) = (callers.settled.clone(), callers.is_over.clone());
            callers.tasks.spawn(async move {
                let mut turns = Vec::new();
                while !is_over.load(Ordering::SeqCst) {
                    let number = caller * TURNS + turns.len() as u128;
                    settle_at_last(&ledger, pool, number).await;
                    settled.fetch_add(1, Ordering::SeqCst);
                    turns.push(number);
                }
                turns
            });
        }
        callers
    }

    /// Waits until so many more turns are settled.
    async fn settle_more(&self, turns: usize) {
        let wanted = self.settled.load(Ordering::SeqCst) + turns;
        while self.settled.load(Ordering::SeqCst) < wanted {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    /// The turns that were settled.
    async fn stop(self) -> Vec<u128> {
        self.is_over.store(true, Ordering::SeqCst);
        self.tasks.join_all().await.concat()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_ended_while_they_work_lose_nothing() {
    let address = database();
    let ledger = open(&address);
    let pool = pool(&ledger, 1, room_for(100_000)).await;
    let callers = Callers::start(&ledger, pool);
    let mut ended = 0;
    while ended < 20 {
        callers.settle_more(5).await;
        ended += PostgresCluster::shared().terminate_sessions(&address);
    }
    callers.settle_more(5).await;
    let turns = callers.stop().await;
    assert!(turns.len() >= 55, "only {} turns", turns.len());
    all_settled(&address, pool, turns).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_while_it_works_loses_nothing_it_acknowledged() {
    let cluster = PostgresCluster::start();
    let address = cluster.database();
    let ledger = open(&address);
    let pool = pool(&ledger, 1, room_for(100_000)).await;
    let callers = Callers::start(&ledger, pool);
    for _ in 0..3 {
        callers.settle_more(40).await;
        cluster.kill();
        cluster.restart();
    }
    callers.settle_more(20).await;
    let turns = callers.stop().await;
    all_settled(&address, pool, turns).await;
}

/// The first times a batch writes its entries, the server undoes it with this code.
fn undo(address: &str, code: &str, times: u32) {
    let sql = format!(
        "CREATE SEQUENCE undone; CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS $$ \
         BEGIN IF nextval('undone')<={times} THEN RAISE EXCEPTION USING ERRCODE='{code}', \
         MESSAGE='undone'; END IF; RETURN NULL; END $$; \
         CREATE TRIGGER undo AFTER INSERT ON entry FOR EACH STATEMENT EXECUTE FUNCTION undo()"
    );
    PostgresCluster::shared().run_sql(address, &sql);
}

#[tokio::test]
async fn what_the_server_undoes_is_run_again() {
    for code in ["40001", "40P01"] {
        let address = database();
        let ledger = open(&address);
        let pool = pool(&ledger, 1, room_for(10)).await;
        undo(&address, code, 4);
        let held = ledger.hold(request(pool, 1, CEILING), NOW).await;
        assert!(matches!(held, Ok(Held::New(_))), "{code}: {held:?}");
        let tries = PostgresCluster::shared().run_sql(&address, "SELECT last_value FROM undone");
        assert_eq!(tries, "5", "{code}");
        sound(&address);
    }
}

/// Somebody locks two pools the other way round: the server ends one of the two, and both get on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_with_somebody_else_ends() {
    let address = database();
    let options = PostgresOptions {
        lanes: 1,
        ..PostgresOptions::default()
    };
    let ledger = Ledger::open_postgres(&address, options).unwrap();
    let first = pool(&ledger, 1, room_for(10)).await;
    let second = pool(&ledger, 2, room_for(10)).await;
    let other = std::thread::spawn({
        let address = address.clone();
        move || {
            // A session of its own has no patience: the server ends it, or the ledger's.
            let lock = |pool: PoolId| format!("PERFORM 1 FROM pool WHERE id='{pool}' FOR UPDATE;");
            let sql = format!(
                "DO $$ BEGIN SET LOCAL deadlock_timeout='200ms'; {} PERFORM pg_sleep(0.5); {} \
                 EXCEPTION WHEN deadlock_detected THEN NULL; END $$",
                lock(second),
                lock(first)
            );
            PostgresCluster::shared().run_sql(&address, &sql);
        }
    });
    let mut held = 0;
    let mut number = 0;
    while !other.is_finished() {
        number += 1;
        let (one, two) = tokio::join!(
            ledger.hold(request(first, number, CEILING), NOW),
            ledger.hold(request(second, number, CEILING), NOW),
        );
        held += [one, two]
            .iter()
            .filter(|held| matches!(held, Ok(Held::New(_))))
            .count();
        if number == 10 {
            break;
        }
    }
    other.join().unwrap();
    assert_eq!(held, usize::try_from(number * 2).unwrap());
    sound(&address);
}

/// What the server says is wrong with the rows is no lost connection: nobody tries it again.
#[tokio::test]
async fn damage_is_told_as_damage() {
    let address = database();
    let ledger = open(&address);
    let pool = pool(&ledger, 1, room_for(10)).await;
    settle_at_last(&ledger, pool, 2).await;
    let sql = |sql: &str| PostgresCluster::shared().run_sql(&address, sql);
    sql(
        "CREATE OR REPLACE FUNCTION ledger_entries_dense() RETURNS trigger LANGUAGE plpgsql AS $$ \
         BEGIN RAISE EXCEPTION USING ERRCODE='data_corrupted', MESSAGE='a page is torn'; END $$",
    );
    match ledger.hold(request(pool, 1, CEILING), NOW).await {
        Err(LedgerError::Damaged { problem, .. }) => assert_eq!(problem, "a page is torn"),
        other => panic!("{other:?}"),
    }
    sql(
        "ALTER DOMAIN work_kind DROP CONSTRAINT work_kind_check; ALTER TABLE hold DISABLE TRIGGER ALL; \
         UPDATE hold SET kind='song'",
    );
    let found = verify_postgres(&address).unwrap().first_problem.unwrap();
    assert!(found.what.contains("kind is \"song\""), "{found:?}");
    sql("ALTER TABLE pool ALTER plan TYPE bytea USING plan::bytea");
    match verify_postgres(&address) {
        Err(LedgerError::Server(_)) => {}
        other => panic!("{other:?}"),
    }
}
