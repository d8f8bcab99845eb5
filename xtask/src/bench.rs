//! `cargo xtask bench`: runs every bench of the workspace with optimisation and prints figures that can be compared.

use std::fs;
use std::process::ExitCode;

use anyhow::Result;

use crate::process::{quiet_output, run_plain};
use crate::screen::{heading, say};
use crate::workspace::Workspace;

/// What `bench` can be told.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Only the benches with this name
    name: Option<String>,
    /// Passed to each bench
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Runs the benches one after the other.
pub(crate) fn bench(arguments: &Arguments) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let wanted = |name: &str| arguments.name.as_deref().is_none_or(|only| only == name);
    let all: Vec<(&str, &str)> = benches(&workspace)
        .into_iter()
        .filter(|(_, name)| wanted(name))
        .collect();
    if all.is_empty() {
        say!("no bench {}", arguments.name.as_deref().unwrap_or("yet"));
        return Ok(if arguments.name.is_some() {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        });
    }
    say!("{}", machine());
    for (package, name) in all {
        heading(&format!("{package}: {name}"));
        let mut cargo = workspace.cargo();
        cargo
            .args([
                "bench",
                "--quiet",
                "--package",
                package,
                "--bench",
                name,
                "--",
            ])
            .args(&arguments.rest);
        run_plain(&mut cargo)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn benches(workspace: &Workspace) -> Vec<(&str, &str)> {
    let mut all = Vec::new();
    for package in &workspace.packages {
        let targets = package
            .targets
            .iter()
            .filter(|target| target.kinds.iter().any(|kind| kind == "bench"));
        all.extend(targets.map(|target| (package.name.as_str(), target.name.as_str())));
    }
    all
}

/// One line about the machine: a figure without it means nothing.
fn machine() -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let information = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = field(&information, "model name").unwrap_or(std::env::consts::ARCH);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = field(&memory, "MemTotal").unwrap_or("unknown memory");
    let compiler =
        quiet_output(std::process::Command::new("rustc").arg("--version")).unwrap_or_default();
    format!(
        "{processors} x {model}, {memory}, {}, {compiler}",
        std::env::consts::OS
    )
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(':').map(|(_, value)| value.trim())
}
