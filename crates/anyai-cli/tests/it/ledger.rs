//! `anyai ledger` on ledgers that no server has open.

use std::process::{Command, Output};

use anyai_ledger::PlanGrant;
use anyai_ledger_db::{Ledger, PostgresOptions};
use anyai_testpostgres::PostgresCluster;
use anyai_units::{Credits, PoolId, UtcMillis};
use serde_json::Value;

const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);
const POOL: &str = "019a0000-0000-7000-8000-000000000001";

fn ledger(words: &[&str]) -> Output {
    let mut anyai = Command::new(env!("CARGO_BIN_EXE_anyai"));
    let ran = anyai.arg("ledger").args(words).output();
    ran.expect("the program runs")
}

fn verify(address: &str) -> Output {
    ledger(&["verify", "--json", address])
}

async fn found(ledger: &Ledger) -> u64 {
    let plan = PlanGrant {
        plan: "free".to_owned(),
        amount: Credits::from_millicredits(100_000),
    };
    let pool: PoolId = POOL.parse().expect("an id");
    let made = ledger.ensure_pool(pool, plan, NOW, NOW).await;
    made.expect("a pool").head_seq
}

fn said(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("a JSON object")
}

#[tokio::test]
async fn a_ledger_on_postgresql_is_verified_by_its_address() {
    let cluster = PostgresCluster::shared();
    let address = cluster.database();
    let ledger = Ledger::open_postgres(&address, PostgresOptions::default()).expect("it opens");
    let entries = found(&ledger).await;

    let sound = verify(&address);
    assert_eq!(sound.status.code(), Some(0));
    assert_eq!(said(&sound)["sound"], true);
    assert_eq!(said(&sound)["entries"], entries);

    cluster.run_sql(&address, "UPDATE grant_ SET held=1");
    let lying = verify(&address);
    assert_eq!(lying.status.code(), Some(6));
    assert_eq!(said(&lying)["sound"], false);
    assert_eq!(said(&lying)["first_problem"]["pool"], POOL);
}

#[test]
fn an_address_without_a_server_is_an_error_with_a_reason() {
    let refused = verify("postgresql://localhost");
    assert_ne!(refused.status.code(), Some(0));
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(words.contains("no database"), "{words}");
}

#[tokio::test]
async fn a_months_statement_is_written_without_a_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ledger.sqlite");
    let in_file = Ledger::open(&file).expect("it opens");
    let address = PostgresCluster::shared().database();
    let on_server = Ledger::open_postgres(&address, PostgresOptions::default());
    let on_server = on_server.expect("it opens");
    for (opened, place) in [
        (in_file, file.to_str().expect("text")),
        (on_server, &address),
    ] {
        found(&opened).await;
        let month =
            |month, format| ledger(&["statement", place, "--period", month, "--format", format]);
        let json = month("2026-11", "json");
        assert_eq!(json.status.code(), Some(0), "{json:?}");
        assert_eq!(said(&json)["pool"], POOL, "{json:?}");
        let pool: PoolId = POOL.parse().expect("an id");
        let statement = opened.statement(pool, 0).await.expect("readable");
        let mut document = Vec::new();
        let statement = statement.expect("a period");
        anyai_ledger_db::write_statement_csv(&statement, &mut document).expect("memory");
        let csv = month("2026-11", "csv").stdout;
        assert_eq!(csv.trim_ascii(), document.trim_ascii());
        let other = month("2026-10", "json");
        assert_ne!(other.status.code(), Some(0));
        let words = String::from_utf8_lossy(&other.stderr).into_owned();
        assert!(words.contains("no period"), "{words}");
    }
}

#[test]
fn a_month_that_is_none_is_refused() {
    let refused = ledger(&["statement", "ledger.sqlite", "--period", "2026-13"]);
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(words.contains("2026-11"), "{words}");
}
