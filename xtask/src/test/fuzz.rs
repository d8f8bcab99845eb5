//! cargo-fuzz on every target of the decoders, a minute each. It needs a nightly compiler.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::counts::Counts;
use super::site::{Report, Site};
use super::steps::Step;
use super::summary::Verdict;
use crate::process::{Ending, quiet_output};
use crate::tools::CARGO_FUZZ;

/// Where cargo-fuzz finds its targets, from the root.
const FOLDER: &str = "crates/anyai-providers/fuzz";

const SECONDS_EACH: u32 = 60;

const NIGHTLY: &str = "nightly";

/// Runs every target.
pub(super) fn run(site: &Site, step: &Step) -> Result<Report> {
    if !has_nightly() && !install_nightly(site, step) {
        return Ok(Report::failed(
            "there is no nightly compiler here and none could be installed, so nothing was fuzzed",
        ));
    }
    let program = CARGO_FUZZ.ensure(&site.workspace)?;
    let folder = site.workspace.root.join(FOLDER);
    let mut counts = Counts::default();
    let mut broken = Vec::new();
    for target in targets(&folder)? {
        let outcome = site.run(step, &mut fuzz(site, &program, &target)?)?;
        if outcome.ending == Ending::Success {
            counts += Counts::ONE_PASSED;
        } else {
            counts += Counts::ONE_FAILED;
            broken.push(target);
        }
    }
    Ok(match broken.is_empty() {
        true => Report {
            counts,
            ..Report::passed()
        },
        false => Report {
            verdict: Verdict::Failed,
            counts,
            note: format!("{} broke, see {}.log", broken.join(", "), step.name),
        },
    })
}

/// The names of the targets, in order.
fn targets(folder: &Path) -> Result<Vec<String>> {
    let folder = folder.join("fuzz_targets");
    let entries = std::fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_stem().and_then(|name| name.to_str());
        names.extend(name.map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

fn fuzz(site: &Site, program: &Path, target: &str) -> Result<Command> {
    let place = site.workspace.target.join("fuzz");
    let (corpus, finds) = (place.join("corpus").join(target), place.join("finds"));
    std::fs::create_dir_all(&corpus)?;
    std::fs::create_dir_all(&finds)?;
    let words = site.workspace.root.join(FOLDER).join("words.dict");
    let mut command = Command::new(program);
    command.current_dir(&site.workspace.root);
    command.args(["fuzz", "run", "--fuzz-dir", FOLDER, "--target-dir"]);
    command.arg(&place).arg(target).arg(&corpus).arg("--");
    command.arg(format!("-max_total_time={SECONDS_EACH}"));
    command.arg(format!("-dict={}", words.display()));
    command.arg(format!("-artifact_prefix={}/{target}-", finds.display()));
    // It starts cargo itself, which is to be the nightly one.
    command.env("RUSTUP_TOOLCHAIN", NIGHTLY).env_remove("CARGO");
    command.env("PATH", path_of_rustup()?);
    Ok(command)
}

/// The search path without the pinned compiler's own folder, which would win over rustup.
fn path_of_rustup() -> Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_pinned = |folder: &PathBuf| {
        folder
            .components()
            .any(|part| part.as_os_str() == "toolchains")
    };
    let folders = std::env::split_paths(&path).filter(|folder| !is_pinned(folder));
    std::env::join_paths(folders).context("the search path cannot be written")
}

fn has_nightly() -> bool {
    quiet_output(Command::new("rustup").args(["run", NIGHTLY, "rustc", "--version"])).is_some()
}

fn install_nightly(site: &Site, step: &Step) -> bool {
    let mut rustup = Command::new("rustup");
    rustup.args(["toolchain", "install", NIGHTLY, "--profile", "minimal"]);
    site.run(step, &mut rustup)
        .is_ok_and(|outcome| outcome.ending == Ending::Success)
}
