//! The tests' own PostgreSQL: there when asked for, gone when not.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyai_testpostgres::PostgresCluster;

#[test]
fn a_killed_server_comes_back_with_what_was_committed() {
    let cluster = PostgresCluster::start();
    let database = cluster.database();
    cluster.run_sql(
        &database,
        "CREATE TABLE kept(n int); INSERT INTO kept VALUES (41),(42)",
    );
    for _ in 0..3 {
        cluster.kill();
        cluster.restart();
        assert_eq!(
            cluster.run_sql(&database, "SELECT n FROM kept ORDER BY n"),
            "41\n42"
        );
    }
}

#[test]
fn each_database_is_its_own_and_durable() {
    let cluster = PostgresCluster::shared();
    let (one, other) = (cluster.database(), cluster.database());
    cluster.run_sql(&one, "CREATE TABLE mine(n int)");
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname='public'";
    assert_eq!(cluster.run_sql(&one, tables), "1");
    assert_eq!(cluster.run_sql(&other, tables), "0");
    for setting in ["fsync", "synchronous_commit", "full_page_writes"] {
        assert_eq!(cluster.run_sql(&one, &format!("SHOW {setting}")), "on");
    }
}

#[test]
fn a_dropped_server_leaves_nothing() {
    let cluster = PostgresCluster::start();
    let socket = cluster.socket();
    let home = socket.parent().unwrap();
    assert!(socket.exists());
    drop(cluster);
    assert!(!home.exists());
}

#[test]
fn a_server_goes_with_the_process_that_started_it() {
    let mut other = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "--ignored",
            "--nocapture",
            "the_process_that_is_killed",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(other.stdout.take().unwrap());
    let mut lines = output.lines().map(Result::unwrap);
    let said = lines.find_map(|line| line.split_once("socket ").map(|(_, path)| path.to_owned()));
    let said = said.expect("the other process says where its server listens");
    let socket = Path::new(&said);
    assert!(socket.exists());
    other.kill().unwrap();
    other.wait().unwrap();
    let home = socket.parent().unwrap();
    let began = Instant::now();
    while home.exists() {
        assert!(
            began.elapsed() < Duration::from_secs(60),
            "{} stays",
            home.display()
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
#[ignore = "run by a_server_goes_with_the_process_that_started_it"]
fn the_process_that_is_killed() {
    let cluster = PostgresCluster::start();
    println!("socket {}", cluster.socket().display());
    loop {
        std::thread::park();
    }
}
