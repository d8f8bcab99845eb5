//! The `anyai` program itself, started as a person starts it, and ended as a power cut ends it.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};

use anyai_wire::DoorOpen;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use crate::server::remote;
use crate::window::Window;

/// What a program that ended left behind.
#[derive(Clone, Debug)]
pub struct Exited {
    /// How it ended.
    pub status: ExitStatus,
    /// Its standard output.
    pub output: String,
    /// Its standard error.
    pub complaint: String,
}

/// A program that runs, and said so with a line of JSON.
#[derive(Debug)]
pub struct Program {
    child: Child,
    said: Value,
    /// Held open: a program that prints into a closed pipe fails.
    _output: Lines<BufReader<ChildStdout>>,
}

/// `anyai serve` on simulated providers.
#[derive(Debug)]
pub struct ServeProgram {
    program: Program,
    /// Its address.
    pub url: String,
    /// The owner's token, in the run that minted it.
    pub token: Option<String>,
}

/// `anyai web`, with a window on it.
pub struct WebProgram {
    program: Program,
    window: Window,
}

/// The program, built before the tests: `ANYAI_BINARY`, or the one beside this test.
///
/// # Panics
/// When it was not built.
#[must_use]
pub fn anyai() -> PathBuf {
    let named = std::env::var_os("ANYAI_BINARY").map(PathBuf::from);
    let found = named.unwrap_or_else(|| {
        let test = std::env::current_exe().expect("this test has a path");
        let deps = test.parent().expect("a test is in a folder");
        let built = deps.parent().expect("target/debug is above its deps");
        built.join(format!("anyai{}", std::env::consts::EXE_SUFFIX))
    });
    assert!(
        found.exists(),
        "{} is not built: cargo build --package anyai-cli",
        found.display()
    );
    found
}

/// Runs the program to its end.
///
/// # Panics
/// When it cannot be started.
pub async fn run(arguments: &[&str]) -> Exited {
    let output = command(arguments).output().await;
    let output = output.expect("the program can be started");
    Exited {
        status: output.status,
        output: String::from_utf8_lossy(&output.stdout).into_owned(),
        complaint: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Program {
    /// Starts the program and waits for its line of JSON. What it logs is appended to `log`.
    ///
    /// # Panics
    /// When it ends without one.
    pub async fn start(arguments: &[&str], log: &Path) -> Self {
        let log_file = std::fs::File::options().create(true).append(true).open(log);
        let log_file = log_file.unwrap_or_else(|error| panic!("{log:?}: {error}"));
        let mut child = command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::from(log_file))
            .spawn()
            .expect("the program can be started");
        let stdout = child.stdout.take().expect("its output was asked for");
        let mut output = BufReader::new(stdout).lines();
        let line = output.next_line().await.expect("its output can be read");
        let Some(line) = line else {
            let complaint = std::fs::read_to_string(log).unwrap_or_default();
            panic!("`anyai {}` ended at once: {complaint}", arguments.join(" "));
        };
        Self {
            child,
            said: serde_json::from_str(&line).expect("a line of JSON"),
            _output: output,
        }
    }

    /// What it said in its line of JSON.
    #[must_use]
    pub const fn said(&self) -> &Value {
        &self.said
    }

    /// Ends it with no chance to do anything about it, and waits until it is gone.
    ///
    /// # Panics
    /// When it had ended by itself.
    pub async fn kill(mut self) {
        let ended = self.child.try_wait().expect("the program can be asked");
        assert!(ended.is_none(), "the program ended by itself: {ended:?}");
        self.child.kill().await.expect("the program can be ended");
    }

    /// Asks it to end, and waits until it did.
    ///
    /// # Panics
    /// When it does not end well.
    pub async fn quit(mut self) {
        let id = self.child.id().expect("the program is running").to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status().await;
        assert!(asked.is_ok_and(|status| status.success()), "kill {id}");
        let status = self.child.wait().await.expect("the program ends");
        assert!(status.success(), "it was asked to end and said {status}");
    }

    fn said_text(&self, key: &str) -> Option<String> {
        self.said.get(key)?.as_str().map(str::to_owned)
    }
}

impl ServeProgram {
    /// Starts a server on a folder; `listen` is the address of an earlier run, or any free port.
    pub async fn start(folder: &Path, listen: Option<&str>) -> Self {
        Self::start_with(folder, listen, &[]).await
    }

    /// Starts a server whose ledger is in this PostgreSQL database.
    pub async fn on_database(folder: &Path, database: &str) -> Self {
        Self::start_with(folder, None, &["--database", database]).await
    }

    async fn start_with(folder: &Path, listen: Option<&str>, more: &[&str]) -> Self {
        let listen = listen.unwrap_or("127.0.0.1:0");
        let data = folder.to_string_lossy();
        let mut arguments = vec![
            "serve",
            "--simulated",
            "--json",
            "--listen",
            listen,
            "--data",
            &data,
        ];
        arguments.extend(more);
        let program = Program::start(&arguments, &folder.with_extension("log")).await;
        Self {
            url: program.said_text("url").unwrap_or_default(),
            token: program.said_text("token"),
            program,
        }
    }

    /// Where it listens, for the next run.
    #[must_use]
    pub fn listen(&self) -> String {
        self.url.trim_start_matches("http://").to_owned()
    }

    /// The door to it.
    ///
    /// # Panics
    /// When this run minted no token.
    #[must_use]
    pub fn door(&self) -> DoorOpen {
        let token = self.token.clone().expect("the first run mints a token");
        remote(self.url.clone(), token)
    }

    /// Ends it as a power cut does.
    pub async fn kill(self) {
        self.program.kill().await;
    }

    /// Ends it in order.
    pub async fn quit(self) {
        self.program.quit().await;
    }
}

impl WebProgram {
    /// Starts the studio on a folder.
    pub async fn start(folder: &Path) -> Self {
        let data = folder.to_string_lossy();
        let arguments = ["web", "--json", "--data", &data];
        let program = Program::start(&arguments, &folder.with_extension("log")).await;
        let url = program.said_text("url").unwrap_or_default();
        Self {
            window: Window::loopback(&url),
            program,
        }
    }

    /// Ends it as a power cut does.
    pub async fn kill(self) {
        self.program.kill().await;
    }

    /// Ends it in order.
    pub async fn quit(self) {
        self.program.quit().await;
    }
}

impl std::ops::Deref for WebProgram {
    type Target = Window;

    fn deref(&self) -> &Window {
        &self.window
    }
}

/// The program with nothing of this machine's own: no keys, no folder, no keychain.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(anyai());
    command
        .args(arguments)
        .kill_on_drop(true)
        .stdin(Stdio::null())
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("ANYAI_") {
            command.env_remove(name);
        }
    }
    command
}
