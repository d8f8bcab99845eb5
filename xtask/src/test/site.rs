//! Where steps run: the workspace, its interface, their logs; and what a step reports.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::counts::{self, Counts};
use super::steps::Step;
use super::summary::Verdict;
use crate::process::{Ending, Outcome, run};
use crate::screen::{is_terminal, say};
use crate::tools::NEXTEST;
use crate::ui::Ui;
use crate::workspace::Workspace;

/// What a step found.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) verdict: Verdict,
    pub(crate) counts: Counts,
    pub(crate) note: String,
}

impl Report {
    pub(crate) fn passed() -> Self {
        Self {
            verdict: Verdict::Passed,
            counts: Counts::ONE_PASSED,
            note: String::new(),
        }
    }

    pub(crate) fn failed(note: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::Failed,
            counts: Counts::ONE_FAILED,
            note: note.into(),
        }
    }

    pub(crate) fn nothing_yet(note: impl Into<String>) -> Self {
        Self {
            verdict: Verdict::NothingYet,
            counts: Counts::default(),
            note: note.into(),
        }
    }

    pub(crate) fn blocked(need: &str) -> Self {
        Self {
            verdict: Verdict::Blocked,
            counts: Counts::default(),
            note: format!("{need} did not pass"),
        }
    }

    /// A line for the reader who follows along.
    pub(crate) fn sentence(&self) -> String {
        let note = if self.note.is_empty() {
            String::new()
        } else {
            format!(" ({})", self.note)
        };
        format!("{}{note}", self.verdict.word())
    }

    fn of_ending(ending: Ending, counts: Counts, log: &str) -> Self {
        let (verdict, note) = match ending {
            Ending::Success => (Verdict::Passed, String::new()),
            Ending::Failed(Some(code)) => (Verdict::Failed, format!("exit code {code}, see {log}")),
            Ending::Failed(None) => (Verdict::Failed, format!("ended by a signal, see {log}")),
            Ending::TimedOut => (Verdict::Failed, format!("over its time limit, see {log}")),
        };
        Self {
            verdict,
            counts,
            note,
        }
    }
}

/// What every step is given.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) workspace: Workspace,
    pub(crate) ui: Ui,
    pub(crate) fast: bool,
}

impl Site {
    pub(crate) fn new(workspace: Workspace, fast: bool) -> Self {
        let ui = Ui::new(&workspace.root);
        let _ = std::fs::create_dir_all(workspace.logs());
        // Two crates embed this folder; an interface that does not build must not keep them from compiling.
        let _ = std::fs::create_dir_all(workspace.root.join("ui/dist"));
        Self {
            workspace,
            ui,
            fast,
        }
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.workspace.logs()
    }

    /// Runs one command of a step, streamed and logged.
    pub(crate) fn run(&self, step: &Step, command: &mut Command) -> Result<Outcome> {
        if is_terminal() {
            command
                .env("CARGO_TERM_COLOR", "always")
                .env("FORCE_COLOR", "1");
        }
        command.env("CI", "true");
        run(
            command,
            &self.logs().join(format!("{}.log", step.name)),
            Duration::from_secs(step.limit_min * 60),
        )
    }

    /// A command that is one check: it succeeds or it does not.
    pub(crate) fn check(&self, step: &Step, command: &mut Command) -> Result<Report> {
        let outcome = self.run(step, command)?;
        let counts = if outcome.ending == Ending::Success {
            Counts::ONE_PASSED
        } else {
            Counts::ONE_FAILED
        };
        Ok(self.report(step, &outcome, Some(counts)))
    }

    /// A test runner whose closing lines `read` understands.
    pub(crate) fn tests(
        &self,
        step: &Step,
        command: &mut Command,
        read: fn(&str) -> Option<Counts>,
    ) -> Result<Report> {
        let outcome = self.run(step, command)?;
        Ok(self.report(step, &outcome, read(&outcome.output)))
    }

    /// cargo-nextest with a profile of .config/nextest.toml; `dress` may move it to another display.
    pub(crate) fn nextest(
        &self,
        step: &Step,
        profile: &str,
        words: &[&str],
        dress: impl FnOnce(&mut Command),
    ) -> Result<Report> {
        let mut command = Command::new(NEXTEST.ensure(&self.workspace)?);
        command.current_dir(&self.workspace.root);
        command
            .args([
                "nextest",
                "run",
                "--no-fail-fast",
                "--no-tests",
                "pass",
                "--profile",
                profile,
            ])
            .args(words);
        dress(&mut command);
        let junit = self
            .workspace
            .target
            .join(format!("nextest/{profile}/junit.xml"));
        let _ = std::fs::remove_file(&junit);
        let outcome = self.run(step, &mut command)?;
        let mut report = self.report(step, &outcome, counts::nextest(&outcome.output));
        move_skipped(
            &mut report,
            &counts::skipped_inside(&std::fs::read_to_string(junit).unwrap_or_default()),
        );
        let flaky = counts::flaky(&outcome.output);
        if !flaky.is_empty() {
            report.note = join_notes(&report.note, &format!("tried twice: {}", flaky.join(", ")));
        }
        Ok(report)
    }

    fn report(&self, step: &Step, outcome: &Outcome, counts: Option<Counts>) -> Report {
        let log = format!("{}.log", step.name);
        say!("({:.1} s)", outcome.elapsed.as_secs_f32());
        match (outcome.ending, counts) {
            (Ending::Success, Some(counts)) if counts.is_empty() => Report::nothing_yet("no tests"),
            (Ending::Success, None) => {
                Report::failed(format!("no result in its output, see {log}"))
            }
            (ending, counts) => Report::of_ending(ending, counts.unwrap_or_default(), &log),
        }
    }
}

/// Tests that had nothing to run on are not passed ones.
fn move_skipped(report: &mut Report, skipped: &[String]) {
    let count = (skipped.len() as u64).min(report.counts.passed);
    report.counts.passed -= count;
    report.counts.skipped += count;
    for reason in skipped {
        say!("{reason}");
    }
    if count > 0 {
        report.note = join_notes(&report.note, &format!("{count} had nothing to run on"));
    }
}

fn join_notes(first: &str, second: &str) -> String {
    if first.is_empty() {
        second.to_owned()
    } else {
        format!("{first}; {second}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_without_data_moves_from_passed_to_skipped() {
        let mut report = Report::passed();
        report.counts.passed = 5;
        move_skipped(&mut report, &["replay: SKIPPED".into()]);
        assert_eq!(
            report.counts,
            Counts {
                passed: 4,
                failed: 0,
                skipped: 1
            }
        );
        assert!(report.note.contains("nothing to run on"), "{}", report.note);
    }
}
