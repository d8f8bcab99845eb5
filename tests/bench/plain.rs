//! The studio started as a person starts it, with no driver inside: its log tells when the window answers.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStderr, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::studio_program;

const LIMIT: Duration = Duration::from_secs(30);

/// Time for an ended program's page processes to end too, and for its name on the bus to be free.
const AFTERMATH: Duration = Duration::from_millis(500);

/// A studio that runs on a folder.
pub(crate) struct PlainStudio {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
    pub(crate) started: Instant,
}

impl PlainStudio {
    /// Starts it when no other one is left: a second studio only brings the first one to the front.
    pub(crate) async fn start(data: &Path) -> Result<Self> {
        let program = studio_program()?;
        let deadline = Instant::now() + LIMIT;
        while runs(&program) {
            ensure!(Instant::now() < deadline, "another studio does not end");
            sleep(AFTERMATH).await;
        }
        let mut command = Command::new(program);
        command
            .env("ANYAI_DATA", data)
            .env("ANYAI_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let started = Instant::now();
        let mut child = command.spawn().context("cannot start the studio")?;
        let log = child.stderr.take().context("the studio has no log")?;
        Ok(Self {
            child,
            log: BufReader::new(log).lines(),
            started,
        })
    }

    pub(crate) fn pid(&self) -> Result<u32> {
        self.child.id().context("the studio ended")
    }

    /// Waits until the page has drawn its first screen and answers to keys; the time since exec.
    pub(crate) async fn interactive(&mut self) -> Result<Duration> {
        let reading = async {
            while let Some(line) = self.log.next_line().await? {
                if line.contains("the window is interactive") {
                    return anyhow::Ok(());
                }
            }
            anyhow::bail!("the studio ended before its window was there")
        };
        timeout(LIMIT, reading)
            .await
            .context("no window within 30 s")??;
        Ok(self.started.elapsed())
    }

    pub(crate) async fn end(mut self) -> Result<()> {
        self.child.kill().await?;
        sleep(AFTERMATH).await;
        Ok(())
    }
}

fn runs(program: &Path) -> bool {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    all.filter_map(|process| std::fs::read_link(process.path().join("exe")).ok())
        .any(|running| running == program)
}
