//! Mock servers of other projects, pinned, in the target folder: installed when they are not there.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::site::{Report, Site};
use super::steps::Step;
use crate::process::Ending;
use crate::workspace::TESTS;

const AIMOCK: &str = "@copilotkit/aimock";
const AIMOCK_VERSION: &str = "1.43.0";
const LLMOCK_VERSION: &str = "0.2.2";

/// Installs them and runs the tests against them.
pub(super) fn run(site: &Site, step: &Step) -> Result<Report> {
    let (aimock, llmock) = (aimock(site, step)?, llmock(site, step)?);
    let words = ["--package", TESTS, "--features", "peers", "--test", "peers"];
    site.nextest(step, "journeys", &words, |command| {
        command.env("ANYAI_PEER_AIMOCK", aimock);
        command.env("ANYAI_PEER_LLMOCK", llmock);
    })
}

/// The script of aimock, which needs nothing but Node.
fn aimock(site: &Site, step: &Step) -> Result<PathBuf> {
    let folder = folder(site, "aimock", AIMOCK_VERSION);
    let script = folder.join("node_modules").join(AIMOCK).join("dist/cli.js");
    if !script.is_file() {
        std::fs::create_dir_all(&folder)?;
        let mut npm = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        npm.args(["install", "--no-audit", "--no-fund", "--prefix"])
            .arg(&folder)
            .arg(format!("{AIMOCK}@{AIMOCK_VERSION}"));
        install(site, step, &mut npm, &script, "npm did not install aimock")?;
    }
    Ok(script)
}

/// The program of llmock, in a Python environment of its own.
fn llmock(site: &Site, step: &Step) -> Result<PathBuf> {
    let folder = folder(site, "llmock", LLMOCK_VERSION);
    let package = format!("llmock=={LLMOCK_VERSION}");
    python_with(site, step, &folder, &[&package], "llmock")
}

/// A program of a Python environment with these packages. The folder says which ones they are.
pub(super) fn python_with(
    site: &Site,
    step: &Step,
    folder: &Path,
    packages: &[&str],
    name: &str,
) -> Result<PathBuf> {
    let (python, programs) = match cfg!(windows) {
        true => ("python", folder.join("Scripts")),
        false => ("python3", folder.join("bin")),
    };
    let program = |name: &str| programs.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    // The last thing that is written: an installation that broke off is made again.
    let installed = folder.join("installed");
    if !installed.is_file() {
        let mut venv = Command::new(python);
        venv.args(["-m", "venv"]).arg(folder);
        let missing =
            "Python made no environment: its package venv (python3-venv on Debian) is needed";
        install(site, step, &mut venv, &program("pip"), missing)?;
        let mut pip = Command::new(program("pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check"])
            .args(packages);
        let missing = format!("pip did not install {}", packages.join(" "));
        install(site, step, &mut pip, &program(name), &missing)?;
        std::fs::write(installed, packages.join("\n"))?;
    }
    Ok(program(name))
}

/// Each version has a folder of its own, so that what is there is the right one.
pub(super) fn folder(site: &Site, name: &str, version: &str) -> PathBuf {
    let peers = site.workspace.target.join("peers");
    peers.join(format!("{name}-{version}"))
}

/// Runs an installer, which is to bring this file.
fn install(
    site: &Site,
    step: &Step,
    installer: &mut Command,
    file: &Path,
    otherwise: &str,
) -> Result<()> {
    let outcome = site.run(step, installer).context(otherwise.to_owned())?;
    let is_here = outcome.ending == Ending::Success && file.is_file();
    ensure!(is_here, "{otherwise}, see {}.log", step.name);
    Ok(())
}
