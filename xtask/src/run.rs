//! `cargo xtask run`: from a clone to the studio on the screen.
//!
//! The window and the tests share the dev profile (see Cargo.toml), so that what one has compiled the other has too.

use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::packages::{self, Purpose};
use crate::process::{run_plain, shown, status_of};
use crate::screen::{heading, say};
use crate::ui::Ui;
use crate::workspace::{SHELL, Workspace};

/// What `run` can be told.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Build with optimisation (slower to build, faster to use)
    #[arg(long)]
    release: bool,
    /// Serve the studio on loopback and print its address instead of opening a window
    #[arg(long)]
    webhost: bool,
    /// Passed to the studio (or to `anyai web`)
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Where the studio will show itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Window,
    Webhost,
}

/// Installs, builds, opens.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    let stage = stage(arguments.webhost, has_display());
    if stage == Stage::Webhost && !arguments.webhost {
        say!("No display here, so the studio is served on loopback instead of in a window.");
    }
    heading("What this machine needs");
    packages::ensure(stage.purpose())?;
    heading("The interface");
    build_ui(&Ui::new(&workspace.root))?;
    heading("The studio");
    let program = build(&workspace, stage, arguments.release)?;
    let mut command = Command::new(&program);
    if stage == Stage::Webhost {
        command.arg("web");
    }
    command.args(&arguments.rest).current_dir(&workspace.root);
    say!("$ {}", shown(&command));
    let status =
        status_of(&mut command).with_context(|| format!("cannot start {}", program.display()))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Stage {
    fn purpose(self) -> Purpose {
        match self {
            Self::Window => Purpose::Window,
            Self::Webhost => Purpose::Webhost,
        }
    }

    /// Package and program.
    fn program(self) -> (&'static str, &'static str) {
        match self {
            Self::Window => (SHELL, SHELL),
            Self::Webhost => ("anyai-cli", "anyai"),
        }
    }
}

fn stage(asked_for_webhost: bool, has_display: bool) -> Stage {
    if asked_for_webhost || !has_display {
        Stage::Webhost
    } else {
        Stage::Window
    }
}

fn has_display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(not(target_os = "linux")) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Packages of the interface when the lock file changed, its build when a source did.
pub(crate) fn build_ui(ui: &Ui) -> Result<()> {
    if let Some(mut install) = ui.install()? {
        run_plain(&mut install)?;
        ui.note_installed()?;
    }
    if ui.is_stale() {
        run_plain(&mut ui.script("build", &[]))?;
        ui.note_built()?;
    } else {
        say!("ui/dist is up to date");
    }
    Ok(())
}

fn build(workspace: &Workspace, stage: Stage, release: bool) -> Result<std::path::PathBuf> {
    let (package, program) = stage.program();
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--package", package, "--bin", program]);
    if release {
        cargo.arg("--release");
    }
    run_plain(&mut cargo)?;
    let program = workspace.program(if release { "release" } else { "debug" }, program);
    anyhow::ensure!(
        Path::new(&program).exists(),
        "{} was not built",
        program.display()
    );
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_display_nothing_of_the_window_is_built_or_installed() {
        assert_eq!(stage(false, false), Stage::Webhost);
        assert_eq!(Stage::Webhost.program().0, "anyai-cli");
        assert_eq!(Stage::Webhost.purpose(), Purpose::Webhost);
    }

    #[test]
    fn a_display_opens_the_window_unless_told_otherwise() {
        assert_eq!(stage(false, true), Stage::Window);
        assert_eq!(stage(true, true), Stage::Webhost);
    }
}
