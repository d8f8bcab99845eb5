//! `anyai ledger verify` on a ledger that is kept on PostgreSQL.

use std::process::{Command, Output};

use anyai_ledger::PlanGrant;
use anyai_ledger_db::{Ledger, PostgresOptions};
use anyai_testpostgres::PostgresCluster;
use anyai_units::{Credits, PoolId, UtcMillis};
use serde_json::Value;

const NOW: UtcMillis = UtcMillis::from_millis(1_795_348_800_000);
const POOL: &str = "019a0000-0000-7000-8000-000000000001";

fn verify(address: &str) -> Output {
    let mut anyai = Command::new(env!("CARGO_BIN_EXE_anyai"));
    let ran = anyai.args(["ledger", "verify", "--json", address]).output();
    ran.expect("the program runs")
}

fn said(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("a JSON object")
}

#[tokio::test]
async fn a_ledger_on_postgresql_is_verified_by_its_address() {
    let cluster = PostgresCluster::shared();
    let address = cluster.database();
    let ledger = Ledger::open_postgres(&address, PostgresOptions::default()).expect("it opens");
    let pool: PoolId = POOL.parse().expect("an id");
    let plan = PlanGrant {
        plan: "free".to_owned(),
        amount: Credits::from_millicredits(100_000),
    };
    let made = ledger.ensure_pool(pool, plan, NOW, NOW).await;
    let entries = made.expect("a pool").head_seq;

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
    let refused = verify("postgresql://db.example/ledger");
    assert_ne!(refused.status.code(), Some(0));
    let words = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(words.contains("TLS"), "{words}");
}
