//! The mock servers: programs on ports of their own choice that end with the test.

use std::fs::File;
use std::path::PathBuf;
use std::process::Stdio;

use anyai_testsupport::{House, Stands, until};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

/// Where a studio finds the providers that aimock stands for.
const AIMOCK_PATHS: [(&str, &str); 4] = [
    ("anthropic", ""),
    ("openai", "/v1"),
    ("google", "/v1beta"),
    ("xai", "/v1"),
];

/// The same for llmock, whose Grok has no Responses API: OpenAI's stands for it.
const LLMOCK_PATHS: [(&str, &str); 4] = [
    ("anthropic", "/anthropic"),
    ("openai", "/v1"),
    ("google", "/gemini/v1beta"),
    ("xai", "/v1"),
];

/// A mock server that runs.
pub(crate) struct Peer {
    /// Ended when it is dropped.
    _child: Child,
    url: String,
    /// Where each provider is found there.
    paths: [(&'static str, &'static str); 4],
    /// Holds its fixtures and its log.
    _folder: TempDir,
    client: reqwest::Client,
}

impl Peer {
    /// aimock, answering with these fixtures.
    pub(crate) async fn aimock(fixtures: Value) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fixtures.json");
        std::fs::write(&path, json!({ "fixtures": fixtures }).to_string()).unwrap();
        let mut command = Command::new("node");
        command.arg(installed("ANYAI_PEER_AIMOCK"));
        command.args(["--port", "0", "--fixtures"]).arg(path);
        Self::start(command, "listening on ", folder, AIMOCK_PATHS).await
    }

    /// llmock, with more words on its command line.
    pub(crate) async fn llmock(words: &[&str]) -> Self {
        let mut command = Command::new(installed("ANYAI_PEER_LLMOCK"));
        command.args(["serve", "--port", "0"]).args(words);
        let folder = tempfile::tempdir().unwrap();
        Self::start(command, "running on ", folder, LLMOCK_PATHS).await
    }

    /// Starts a server that says after `words` where it listens.
    async fn start(
        mut command: Command,
        words: &str,
        folder: TempDir,
        paths: [(&'static str, &'static str); 4],
    ) -> Self {
        let log = folder.path().join("log");
        let file = File::create(&log).unwrap();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let url = until("the mock server listens", async || {
            let said = std::fs::read_to_string(&log).unwrap();
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none(), "{command:?} ended at once: {said}");
            address(&said, words)
        })
        .await;
        Self {
            _child: child,
            url,
            paths,
            _folder: folder,
            client: reqwest::Client::new(),
        }
    }

    /// A house whose providers it stands for.
    pub(crate) async fn house(&self) -> House {
        self.house_with(&[]).await
    }

    /// The same with models behind the catalogue's flag.
    pub(crate) async fn house_with(&self, models: &[&str]) -> House {
        let url = |(provider, path): (&str, &str)| (provider.to_owned(), self.at(path));
        House::at(Stands {
            base_urls: self.paths.into_iter().map(url).collect(),
            switched_on: models.iter().map(ToString::to_string).collect(),
            ..Stands::default()
        })
        .await
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// Gives it an order over its own way.
    pub(crate) async fn order(&self, path: &str, body: Value) {
        let sent = self.client.post(self.at(path)).json(&body).send();
        let answer = sent.await.unwrap();
        let status = answer.status();
        assert!(
            status.is_success(),
            "{path}: {}",
            answer.text().await.unwrap()
        );
    }

    /// What llmock says of its clients' manners, and whether they pass by its strictest rules.
    pub(crate) async fn report(&self) -> (bool, Value) {
        let mut command = Command::new(installed("ANYAI_PEER_LLMOCK"));
        command.args(["report", "--strict", "--json", "--url", &self.url]);
        let output = command.output().await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let report = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{output:?}"));
        (output.status.success(), report)
    }
}

/// The program a variable names.
fn installed(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable).map(PathBuf::from);
    path.unwrap_or_else(|| panic!("{variable} is not set: run `cargo xtask test --peers`"))
}

/// The address that follows these words.
fn address(said: &str, words: &str) -> Option<String> {
    let (_, rest) = said.split_once(&format!("{words}http://"))?;
    let end = rest.find(|letter: char| letter.is_whitespace())?;
    Some(format!("http://{}", &rest[..end]))
}
