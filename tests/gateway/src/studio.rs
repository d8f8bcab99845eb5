//! Our own studio: `anyai serve` in a temporary data folder, its provider the dummy one.

use std::collections::BTreeMap;
use std::fs::File;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::arguments::RunArguments;
use crate::process::Process;

/// How long a start may take before it counts as failed.
const START_TIME_MAX: Duration = Duration::from_secs(30);

/// The plan with the most credits: a long run must not end for want of them.
const PLAN: &str = "max";

/// A studio that serves.
#[derive(Debug)]
pub(crate) struct Studio {
    pub(crate) url: String,
    pub(crate) process: Process,
    /// From exec to the first answer of its API.
    pub(crate) ready_after: Duration,
}

/// A data folder and how studios are started in it.
#[derive(Debug)]
pub(crate) struct Folder {
    folder: TempDir,
    token: Option<String>,
    provider_url: String,
}

impl Folder {
    pub(crate) fn make(arguments: &RunArguments, provider_url: &str) -> Result<Self> {
        let mut named = tempfile::Builder::new();
        named.prefix("bench-gateway-");
        let folder = match &arguments.data_in {
            Some(parent) => named.tempdir_in(parent)?,
            None => named.tempdir()?,
        };
        Ok(Self {
            folder,
            token: None,
            provider_url: provider_url.to_owned(),
        })
    }

    pub(crate) fn ledger(&self) -> std::path::PathBuf {
        self.folder.path().join("ledger.sqlite")
    }

    /// Starts a studio and waits for its first answer.
    pub(crate) async fn start(&mut self, arguments: &RunArguments) -> Result<Studio> {
        let program = arguments.studio.as_os_str();
        let mut command = match arguments.core {
            Some(core) => {
                let mut pinned = Command::new("taskset");
                pinned.args(["--cpu-list", &core.to_string()]).arg(program);
                pinned
            }
            None => Command::new(program),
        };
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--plan", PLAN, "--json"])
            .arg("--data")
            .arg(self.folder.path())
            // What is measured is the gateway, not its bound.
            .args(["--calls-per-provider", "1000000"])
            .env(
                "ANYAI_PROVIDER_URLS",
                format!("openai={}/v1", self.provider_url),
            )
            .env("ANYAI_KEY_OPENAI", "bench")
            .env_remove("ANYAI_LOG");
        // Its log goes where an operator's would: to a file, and as much of it as usual.
        let log = self.folder.path().join("serve.log");
        command.stderr(File::options().create(true).append(true).open(&log)?);
        let started = Instant::now();
        let mut process = Process::start(&mut command)?;
        let told: Value = serde_json::from_str(&process.first_line()?).with_context(|| {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            format!("the studio did not say where it listens; its log: {said}")
        })?;
        let url = told["url"]
            .as_str()
            .context("it names no address")?
            .to_owned();
        if let Some(token) = told["token"].as_str() {
            self.token = Some(token.to_owned());
        }
        self.hello(&url, started).await?;
        Ok(Studio {
            url,
            process,
            ready_after: started.elapsed(),
        })
    }

    /// What the studio's template asks for.
    pub(crate) async fn values(
        &self,
        studio: &Studio,
        model: &str,
    ) -> Result<BTreeMap<String, String>> {
        let hello = self.hello(&studio.url, Instant::now()).await?;
        let token = self
            .token
            .clone()
            .context("the first start printed no token")?;
        Ok(BTreeMap::from([
            ("token".to_owned(), token),
            ("model".to_owned(), model.to_owned()),
            (
                "rate_card".to_owned(),
                hello["rate_card_version"].to_string(),
            ),
        ]))
    }

    async fn hello(&self, url: &str, since: Instant) -> Result<Value> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let token = self.token.clone().unwrap_or_default();
        loop {
            let request = client.get(format!("{url}/v1/hello")).bearer_auth(&token);
            match request.send().await {
                Ok(answer) => return Ok(answer.error_for_status()?.json().await?),
                Err(error) if error.is_connect() && since.elapsed() < START_TIME_MAX => {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                Err(error) => bail!("the studio does not answer: {error}"),
            }
        }
    }
}
