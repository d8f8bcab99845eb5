//! `anyai serve`: the token that is shown once, and what brings another.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server in a program of its own, killed in the end.
pub(crate) struct Serving {
    child: Child,
    said: serde_json::Value,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serve(more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_anyai"));
    command.args(["serve", "--simulated", "--json"]).args(more);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command
}

pub(crate) fn start(data: &Path, more: &[&str]) -> Serving {
    let data = data.to_string_lossy();
    let mut command = serve(&["--listen", "127.0.0.1:0", "--data", &data]);
    command.args(more);
    begin(command)
}

/// A server once it listens.
pub(crate) fn begin(mut command: Command) -> Serving {
    command.stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut line = String::new();
    let output = child.stdout.take().expect("its output is read");
    BufReader::new(output)
        .read_line(&mut line)
        .expect("it says where it listens");
    let said = serde_json::from_str(&line).expect("one JSON object");
    Serving { child, said }
}

impl Serving {
    pub(crate) fn token(&self) -> Option<&str> {
        self.said["token"].as_str()
    }

    pub(crate) fn url(&self) -> &str {
        self.said["url"].as_str().expect("an address")
    }

    /// The status line a token gets.
    fn hello(&self, token: &str) -> String {
        let answer = self.get("/v1/providers", token);
        answer.lines().next().unwrap_or_default().to_owned()
    }

    /// What a token gets at a path.
    pub(crate) fn get(&self, path: &str, token: &str) -> String {
        self.ask("GET", path, token, "")
    }

    /// The whole answer, head and body.
    pub(crate) fn ask(&self, method: &str, path: &str, token: &str, body: &str) -> String {
        let mut stream = self.asked(method, path, token, body);
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("it answers");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A connection on which an answer is to come.
    pub(crate) fn asked(&self, method: &str, path: &str, token: &str, body: &str) -> TcpStream {
        let address = self.url().trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("it listens");
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        )
        .expect("it hears");
        stream
    }
}

#[test]
fn a_port_that_is_taken_costs_no_token() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("server");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("its address").to_string();
    let refused = serve(&["--listen", &address, "--data", &data.to_string_lossy()])
        .output()
        .expect("the program runs");
    assert_eq!(refused.status.code(), Some(1));
    assert!(refused.stdout.is_empty());
    let first = start(&data, &[]);
    let token = first
        .token()
        .expect("the run that opens it mints the token");
    assert!(first.hello(token).contains(" 200 "));
}

#[test]
fn a_lost_token_is_replaced_by_a_new_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("server");
    let first = start(&data, &[]);
    let lost = first.token().expect("a token").to_owned();
    drop(first);
    let second = start(&data, &[]);
    assert_eq!(second.token(), None, "it is shown once");
    drop(second);
    let third = start(&data, &["--new-token"]);
    let token = third.token().expect("another token").to_owned();
    assert_ne!(token, lost);
    assert!(third.hello(&token).contains(" 200 "));
    assert!(
        third.hello(&lost).contains(" 200 "),
        "earlier ones stay valid"
    );
    assert!(third.hello("anyai_wrong").contains(" 401 "));
    drop(third);
    let fourth = start(&data, &[]);
    assert!(
        fourth.hello(&token).contains(" 200 "),
        "it outlives the run"
    );
}

/// A disk that takes no more, as standard output.
#[cfg(target_os = "linux")]
#[test]
fn a_token_nobody_could_read_fails_the_run_and_a_new_one_recovers() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("server");
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("a full device");
    let mut command = serve(&["--listen", "127.0.0.1:0", "--data"]);
    let status = command.arg(&data).stdout(full).status().expect("it runs");
    assert_eq!(status.code(), Some(1));
    let next = start(&data, &["--new-token"]);
    let token = next.token().expect("another token");
    assert!(next.hello(token).contains(" 200 "));
}

#[test]
fn practice_and_paid_budgets_have_folders_of_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = |name: &str| folder.path().join(name).join("ledger.sqlite").exists();
    let run = |arguments: &[&str]| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_anyai"))
            .args(["serve", "--json", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("ANYAI_DATA", folder.path())
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output is read");
        let read = BufReader::new(output).read_line(&mut line);
        child.kill().expect("it ran");
        child.wait().expect("it ended");
        read.expect("it says where it listens");
    };
    run(&["--simulated"]);
    assert!(ledger("server-simulated") && !ledger("server"));
    run(&[]);
    assert!(ledger("server"));
}

/// Without a keychain a token is kept for one run only, and each run brings its own.
#[test]
fn every_run_connects_with_the_token_it_brings() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = start(&folder.path().join("server"), &[]);
    let desk = folder.path().join("desk").to_string_lossy().into_owned();
    let url = server.said["url"].as_str().expect("an address");
    let chat = |token: &str| {
        Command::new(env!("CARGO_BIN_EXE_anyai"))
            .args(["chat", "--data", &desk, "--server", url])
            .args(["--model", "claude-haiku-5-5", "[[say:Hello.]] Hello?"])
            .env("ANYAI_TOKEN", token)
            .stdin(Stdio::null())
            .output()
            .expect("the program runs")
            .status
            .success()
    };
    let token = server.token().expect("a token");
    for run in 0..3 {
        assert!(chat(token), "run {run}");
    }
    assert!(!chat("anyai_wrong"), "a wrong one is refused");
}
