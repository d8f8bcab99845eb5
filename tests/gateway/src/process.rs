//! A program under measurement: started, looked at from outside, ended.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How long a program may take to end by itself.
const END_TIME_MAX: Duration = Duration::from_secs(45);

/// A program that is killed with the handle.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

impl Process {
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} cannot be started", command.get_program().display()))?;
        Ok(Self { child })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The first line it writes.
    pub(crate) fn first_line(&mut self) -> Result<String> {
        let stdout = self
            .child
            .stdout
            .take()
            .context("its output was read already")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    /// Asks it to end, and waits until it did.
    pub(crate) async fn end(mut self) -> Result<()> {
        let id = self.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status()?;
        let asked = Instant::now();
        while asked.elapsed() < END_TIME_MAX {
            if let Some(status) = self.child.try_wait()? {
                anyhow::ensure!(status.success(), "it ended with {status}");
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("it did not end within {END_TIME_MAX:?}")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process occupies and has used, as the kernel says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) rss_kib: u64,
    pub(crate) rss_most_kib: u64,
    /// Processor time, in clock ticks of 10 ms.
    pub(crate) ticks: u64,
}

impl Usage {
    /// Reads `/proc`; nothing where there is none.
    pub(crate) fn of(process: u32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        Self::parse(&status, &stat)
    }

    fn parse(status: &str, stat: &str) -> Option<Self> {
        let kib = |name: &str| -> Option<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().trim_end_matches(" kB").parse().ok()
        };
        // The name in parentheses may hold spaces; user and system time are the 14th and 15th fields.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
        let user: u64 = fields.next()?.parse().ok()?;
        let system: u64 = fields.next()?.parse().ok()?;
        Some(Self {
            rss_kib: kib("VmRSS:")?,
            rss_most_kib: kib("VmHWM:")?,
            ticks: user + system,
        })
    }
}

/// The load of the machine, as it says itself.
pub(crate) fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace()
        .take(3)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_words_are_understood() {
        let status = "Name:\tany\nVmHWM:\t   70000 kB\nVmRSS:\t   65536 kB\n";
        let stat = "7 (a (b) c) S 1 7 7 0 -1 4194304 100 0 0 0 250 31 0 0 20 0 5 0";
        let usage = Usage::parse(status, stat).unwrap();
        assert_eq!(
            usage,
            Usage {
                rss_kib: 65_536,
                rss_most_kib: 70_000,
                ticks: 281
            }
        );
    }
}
