//! The bare database: a guarded update of one balance and one row inserted, which is the least any
//! ledger on it must do.

use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use uuid::Uuid;

/// Operations a second with `batch` of them in a transaction.
pub(crate) fn sqlite(operations: u64, batch: u64) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = open(folder.path());
    let started = Instant::now();
    for _ in 0..operations / batch {
        let transaction = connection.transaction().unwrap();
        (0..batch).for_each(|_| operate(&transaction));
        transaction.commit().unwrap();
    }
    (operations / batch * batch) as f64 / started.elapsed().as_secs_f64()
}

/// How long one operation in a transaction of its own takes.
pub(crate) fn sqlite_alone(operations: u64) -> Vec<Duration> {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = open(folder.path());
    let one = |_| {
        let started = Instant::now();
        let transaction = connection.transaction().unwrap();
        operate(&transaction);
        transaction.commit().unwrap();
        started.elapsed()
    };
    (0..operations).map(one).collect()
}

fn open(folder: &std::path::Path) -> Connection {
    let connection = Connection::open(folder.join("probe.sqlite")).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode=wal; PRAGMA synchronous=full; \
             CREATE TABLE pool(id INTEGER PRIMARY KEY, free INTEGER NOT NULL CHECK(free>=0)); \
             CREATE TABLE op(id BLOB PRIMARY KEY, amount INTEGER NOT NULL) WITHOUT ROWID; \
             INSERT INTO pool VALUES(1, 1000000000000);",
        )
        .unwrap();
    connection
}

fn operate(connection: &Connection) {
    let moved = connection
        .prepare_cached("UPDATE pool SET free=free-1 WHERE id=1 AND free>=1")
        .and_then(|mut statement| statement.execute([]));
    assert_eq!(moved.unwrap(), 1);
    let id = Uuid::now_v7().into_bytes();
    let written = connection
        .prepare_cached("INSERT INTO op VALUES(?,1)")
        .and_then(|mut statement| statement.execute(params![id]));
    assert_eq!(written.unwrap(), 1);
}
