//! `anyai admin`: an order whose answer is lost is sent again by its key, and done once. `anyai envelope`: one's
//! own, a member's, everybody's.

use std::io::Read as _;
use std::net::TcpListener;
use std::process::{Command, Output};

use serde_json::Value;

use crate::serve::start;

fn top_up(server: &str, token: &str, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anyai"));
    command.args(["admin", "--server", server, "--reason", "a gift"]);
    command
        .args(more)
        .args(["topup", "5"])
        .env("ANYAI_TOKEN", token);
    command.output().expect("the program runs")
}

#[test]
fn an_order_without_an_answer_says_the_key_to_send_it_again_with() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = std::thread::spawn(move || {
        let (mut caller, _) = listener.accept().expect("a caller");
        let mut order = [0; 4096];
        let heard = caller.read(&mut order).expect("an order");
        String::from_utf8_lossy(&order[..heard]).into_owned()
    });
    let lost = top_up(&format!("http://{address}"), "anyai_token", &[]);
    assert_eq!(lost.status.code(), Some(5), "{lost:?}");
    server.join().expect("the order is read");
    let said = String::from_utf8(lost.stderr).expect("text");
    let key = said.split("--key ").nth(1).expect("a key").to_owned();
    let key = key.split(',').next().expect("a key");

    let folder = tempfile::tempdir().expect("a folder");
    let server = start(folder.path(), &[]);
    let token = server.token().expect("a token");
    let again = || {
        let done = top_up(server.url(), token, &["--key", key, "--json"]);
        assert!(done.status.success(), "{done:?}");
        serde_json::from_slice::<Value>(&done.stdout).expect("one JSON object")
    };
    let (first, second) = (again(), again());
    assert_eq!(first["key"], key);
    assert_eq!(
        first["balance"]["available"],
        second["balance"]["available"]
    );
}

#[test]
fn an_envelope_is_ones_own_unless_it_is_said_whose() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = start(folder.path(), &[]);
    let envelope = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_anyai"));
        command.args([
            "envelope",
            "--server",
            server.url(),
            "--json",
            "--reason",
            "enough",
        ]);
        let token = server.token().expect("a token");
        let done = command.args(words).env("ANYAI_TOKEN", token).output();
        let done = done.expect("the program runs");
        assert!(done.status.success(), "{done:?}");
        serde_json::from_slice::<Value>(&done.stdout).expect("one JSON object")
    };
    envelope(&["day", "2"]);
    envelope(&["work", "chat", "5", "--everybody"]);
    let listed = envelope(&["list"]);
    let listed = listed["envelopes"].as_array().expect("envelopes");
    let whose: Vec<&Value> = listed.iter().map(|one| &one["member_id"]).collect();
    assert!(whose[0].is_string() && whose[1].is_null(), "{listed:?}");
}
