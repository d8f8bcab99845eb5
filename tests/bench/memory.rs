//! What the studio occupies when it waits: the proportional share of every process it is made of.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::time::sleep;

use crate::plain::PlainStudio;

const SETTLED: Duration = Duration::from_secs(10);

pub(crate) async fn report(practice: &Path) -> Result<()> {
    println!("\nmemory 10 s after the window answers (PSS of all processes)");
    let first_run = tempfile::tempdir()?;
    measure("first run (welcome)", first_run.path()).await?;
    measure(
        "practice studio with a conversation",
        &practice.join("data"),
    )
    .await
}

async fn measure(what: &str, data: &Path) -> Result<()> {
    let mut studio = PlainStudio::start(data).await?;
    studio.interactive().await?;
    sleep(SETTLED).await;
    let parts: Vec<(String, u64)> = family(studio.pid()?)
        .into_iter()
        .filter_map(|pid| Some((name(pid)?, pss_kib(pid)?)))
        .collect();
    studio.end().await?;
    let total: u64 = parts.iter().map(|(_, kib)| kib).sum();
    let shares: Vec<String> = parts
        .iter()
        .map(|(name, kib)| format!("{name} {}", kib / 1_024))
        .collect();
    println!("{what:<44} {:>5} MiB: {}", total / 1_024, shares.join(", "));
    Ok(())
}

/// A process and everything below it.
fn family(root: u32) -> Vec<u32> {
    let parents = parents().unwrap_or_default();
    let mut family = vec![root];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        family.extend(
            parents
                .iter()
                .filter(|(_, of)| **of == parent)
                .map(|(pid, _)| *pid),
        );
        next += 1;
    }
    family
}

/// Every process's parent.
fn parents() -> Result<BTreeMap<u32, u32>> {
    let mut parents = BTreeMap::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse() else {
            continue;
        };
        // The name in the second field may hold spaces and brackets; the parent is second after it.
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        let parent = stat
            .rsplit_once(')')
            .and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse().ok());
        if let Some(parent) = parent {
            parents.insert(pid, parent);
        }
    }
    Ok(parents)
}

fn name(pid: u32) -> Option<String> {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    Some(name.trim().to_owned())
}

fn pss_kib(pid: u32) -> Option<u64> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))
        .context("gone")
        .ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}
