//! The bare database: a guarded update of one balance and one row inserted, which is the least any
//! ledger on it must do.

use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};
use rusqlite::{Connection, params};
use tokio_postgres::{Client, NoTls, Statement};
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

/// [`sqlite`] on PostgreSQL, the statements of a transaction sent without waiting for each other.
pub(crate) async fn postgres(address: &str, operations: u64, batch: u64) -> f64 {
    let bare = Bare::connect(address).await;
    let started = Instant::now();
    for _ in 0..operations / batch {
        bare.client.batch_execute("BEGIN").await.unwrap();
        join_all((0..batch).map(|_| bare.operate())).await;
        bare.client.batch_execute("COMMIT").await.unwrap();
    }
    (operations / batch * batch) as f64 / started.elapsed().as_secs_f64()
}

/// [`sqlite_alone`] on PostgreSQL.
pub(crate) async fn postgres_alone(address: &str, operations: u64) -> Vec<Duration> {
    let bare = Bare::connect(address).await;
    let mut spans = Vec::new();
    for _ in 0..operations {
        let started = Instant::now();
        bare.client.batch_execute("BEGIN").await.unwrap();
        bare.operate().await;
        bare.client.batch_execute("COMMIT").await.unwrap();
        spans.push(started.elapsed());
    }
    spans
}

struct Bare {
    client: Client,
    update: Statement,
    insert: Statement,
}

impl Bare {
    async fn connect(address: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(address, NoTls).await.unwrap();
        tokio::spawn(connection);
        client
            .batch_execute(
                "CREATE TABLE pool(id INT PRIMARY KEY, free BIGINT NOT NULL CHECK(free>=0)); \
                 CREATE TABLE op(id UUID PRIMARY KEY, amount BIGINT NOT NULL); \
                 INSERT INTO pool VALUES(1, 1000000000000);",
            )
            .await
            .unwrap();
        let update = "UPDATE pool SET free=free-1 WHERE id=1 AND free>=1";
        let insert = "INSERT INTO op VALUES($1,1)";
        Self {
            update: client.prepare(update).await.unwrap(),
            insert: client.prepare(insert).await.unwrap(),
            client,
        }
    }

    async fn operate(&self) {
        let id = Uuid::now_v7();
        let ids: [&(dyn tokio_postgres::types::ToSql + Sync); 1] = [&id];
        let moved = self.client.execute(&self.update, &[]);
        let written = self.client.execute(&self.insert, &ids);
        let (moved, written) = join(moved, written).await;
        assert_eq!((moved.unwrap(), written.unwrap()), (1, 1));
    }
}
