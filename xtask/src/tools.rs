//! Programs the tests need that come from crates.io: used when present, compiled once when not.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::process::quiet_output;
use crate::workspace::Workspace;

/// A program of another project.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool {
    /// The program's file name.
    pub(crate) program: &'static str,
    package: &'static str,
    version: &'static str,
    options: &'static [&'static str],
}

/// Runs the Rust tests.
pub(crate) const NEXTEST: Tool = Tool {
    program: "cargo-nextest",
    package: "cargo-nextest",
    version: "0.9.151",
    options: &["--no-default-features"],
};
/// Speaks WebDriver to the studio's window. Its newest version is an alpha of another line.
pub(crate) const TAURI_DRIVER: Tool = Tool {
    program: "tauri-driver",
    package: "tauri-driver",
    version: "2.1.0",
    options: &[],
};

/// Fuzzes the decoders, with a nightly compiler.
pub(crate) const CARGO_FUZZ: Tool = Tool {
    program: "cargo-fuzz",
    package: "cargo-fuzz",
    version: "0.13.2",
    options: &[],
};

impl Tool {
    /// Where the program is, when it is anywhere.
    pub(crate) fn find(self, workspace: &Workspace) -> Option<PathBuf> {
        let ours = workspace.target.join("tools/bin").join(self.file_name());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let everywhere = std::env::split_paths(&path).map(|folder| folder.join(self.file_name()));
        [ours].into_iter().chain(everywhere).find(answers)
    }

    /// The command that compiles it into the target folder, so that a kept target folder keeps it.
    pub(crate) fn install(self, workspace: &Workspace) -> Command {
        let mut command = workspace.cargo();
        command.args([
            "install",
            self.package,
            "--version",
            self.version,
            "--locked",
            "--debug",
        ]);
        command
            .args(self.options)
            .arg("--root")
            .arg(workspace.target.join("tools"));
        command
            .env("CARGO_TARGET_DIR", &workspace.target)
            .env("CARGO_PROFILE_DEV_DEBUG", "0");
        command
    }

    /// Finds it, or compiles it first.
    pub(crate) fn ensure(self, workspace: &Workspace) -> Result<PathBuf> {
        if let Some(found) = self.find(workspace) {
            return Ok(found);
        }
        crate::process::run_plain(&mut self.install(workspace))?;
        self.find(workspace)
            .ok_or_else(|| anyhow::anyhow!("{} was installed and cannot be found", self.program))
    }

    fn file_name(self) -> String {
        format!("{}{}", self.program, std::env::consts::EXE_SUFFIX)
    }
}

fn answers(program: &PathBuf) -> bool {
    program.is_file() && quiet_output(Command::new(program).arg("--help")).is_some()
}
