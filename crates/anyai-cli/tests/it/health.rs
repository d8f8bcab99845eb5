//! `anyai health`: what a server tells its owner.

use std::process::{Command, Output};

use anyai_wire::health::Health;

use crate::serve::start;

fn health(server: &str, token: &str, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anyai"));
    command.args(["health", "--server", server]).args(more);
    command.env("ANYAI_TOKEN", token);
    command.output().expect("the program runs")
}

#[test]
fn an_owner_sees_how_the_server_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = start(folder.path(), &["--calls-per-provider", "7"]);
    let token = server.token().expect("a token");
    let told = health(server.url(), token, &["--json"]);
    assert!(told.status.success(), "{told:?}");
    let told: Health = serde_json::from_slice(&told.stdout).expect("one JSON object");
    assert!(told.ledger.is_writable && told.history.is_writable);
    assert!(told.providers.iter().all(|it| it.calls_max == 7));
    let told = health(server.url(), token, &[]);
    let text = String::from_utf8(told.stdout).expect("text");
    for line in [
        "ledger: writable",
        "history: writable",
        "anthropic: called; 0 of 7 calls under way, 0 waiting; last answer never",
    ] {
        assert!(text.contains(line), "{line} is missing in:\n{text}");
    }
    let refused = health(server.url(), "anyai_wrong", &[]);
    assert!(!refused.status.success());
    assert!(refused.stdout.is_empty());
    let away = health("http://127.0.0.1:9", token, &[]);
    assert_eq!(away.status.code(), Some(5));
}
