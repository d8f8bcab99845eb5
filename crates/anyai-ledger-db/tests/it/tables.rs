//! The tables guard themselves, whoever writes: no program's arithmetic is needed for the cap.

use anyai_ledger::CostReport;
use rusqlite::Connection;

use crate::fixture::{Fixture, NOW, mc, reported};

/// A pool of 100 credits with 10 spent and 20 held.
async fn used_ledger() -> Fixture {
    let f = Fixture::on_file().await;
    let report: CostReport = reported(mc(10_000));
    let dispatch = f.dispatch(1, mc(15_000)).await;
    f.ledger.settle(&dispatch, report, NOW).await.unwrap();
    let _open = f.hold(2, mc(20_000)).await;
    f
}

#[tokio::test]
async fn the_tables_refuse_what_breaks_an_invariant() {
    let f = used_ledger().await;
    let connection = Connection::open(f.path()).unwrap();
    connection.execute_batch("PRAGMA foreign_keys=on").unwrap();
    let refusals = [
        (
            "UPDATE period SET pending=pending+70001",
            "posted+pending+expired<=granted",
        ),
        (
            "UPDATE period SET posted=posted+70001",
            "posted+pending+expired<=granted",
        ),
        (
            "UPDATE period SET granted=29999",
            "posted+pending+expired<=granted",
        ),
        ("UPDATE period SET posted=-1", "posted>=0"),
        (
            "UPDATE grant_ SET held=90001",
            "used+held+revoked+expired<=amount",
        ),
        ("UPDATE grant_ SET used=-1", "used>=0"),
        ("UPDATE member_use SET pending=-1", "pending>=0"),
        (
            "UPDATE hold SET state='settled' WHERE state='held'",
            "state='settled'",
        ),
        (
            "UPDATE hold SET state='settled', charged=20001, basis='reported', resolved_at=1, \
             resolved_first=1, resolved_last=1 WHERE state='held'",
            "charged<=ceiling",
        ),
        (
            "UPDATE hold SET state='held' WHERE state='settled'",
            "a hold ends once",
        ),
        (
            "UPDATE hold SET charged=0 WHERE state='settled'",
            "a hold ends once",
        ),
        ("UPDATE entry SET amount=0", "entries are append only"),
        ("DELETE FROM entry", "entries are append only"),
        ("DELETE FROM hold", "holds are kept"),
        ("DELETE FROM grant_", "grants are kept"),
        ("DELETE FROM period", "periods are kept"),
        ("DELETE FROM pool", "pools are kept"),
        (
            "INSERT INTO entry SELECT pool,seq+1,tx,debit,credit,-1,kind,hold,reverses,detail,\
             actor,reason,at,prev_hash,hash FROM entry ORDER BY seq DESC LIMIT 1",
            "amount>=0",
        ),
        (
            "INSERT INTO entry SELECT pool,seq+2,tx,debit,credit,amount,kind,hold,reverses,detail,\
             actor,reason,at,prev_hash,hash FROM entry ORDER BY seq DESC LIMIT 1",
            "entries have no gaps",
        ),
        (
            "INSERT INTO entry SELECT zeroblob(16),2,tx,debit,credit,amount,kind,hold,reverses,\
             detail,actor,reason,at,prev_hash,hash FROM entry LIMIT 1",
            "entries have no gaps",
        ),
        (
            "INSERT INTO period VALUES(zeroblob(16),0,0,1,0,0,0,0)",
            "FOREIGN KEY",
        ),
        (
            "UPDATE pool SET seq='many'",
            "cannot store TEXT value in INTEGER column",
        ),
        ("UPDATE pool SET head_hash=x'00'", "length(head_hash)=32"),
    ];
    for (sql, expected) in refusals {
        let error = connection.execute_batch(sql).unwrap_err().to_string();
        assert!(error.contains(expected), "{sql}: {error}");
    }
    f.verify();
}

#[tokio::test]
async fn the_file_is_durable_by_its_own_settings() {
    let f = used_ledger().await;
    let connection = Connection::open(f.path()).unwrap();
    let mode: String = connection
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
    let strict: i64 = connection
        .query_row(
            "SELECT count(*) FROM pragma_table_list WHERE strict=0 AND schema='main' \
                    AND name NOT LIKE 'sqlite_%'",
            [],
            |row| row.get(0),
        )
        .unwrap();
    assert_eq!(strict, 0, "every table is STRICT");
}
