//! `cargo xtask tour`: the real window, driven through the main job on a virtual display, with screenshots.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};

use crate::display::{Size, with_display};
use crate::packages::{self, Purpose};
use crate::process::{run_plain, status_of};
use crate::run::build_ui;
use crate::screen::{heading, say};
use crate::ui::Ui;
use crate::workspace::{SHELL, TESTS, Workspace};

/// The program in the tests' package that knows the way.
const PROGRAM: &str = "tour";

/// What `tour` can be told.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Size of the display in pixels
    #[arg(long, default_value = "1280x800")]
    size: Size,
    /// Folder for the screenshots
    #[arg(long, default_value = "tour")]
    out: PathBuf,
    /// Passed to the tour
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Builds the window, then runs the tour on a virtual display.
pub(crate) fn tour(arguments: &Arguments) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    ensure!(
        workspace.has_target(TESTS, "bin", PROGRAM),
        "{TESTS} has no program `{PROGRAM}` yet"
    );
    heading("What this machine needs");
    packages::ensure(Purpose::DriveWindow)?;
    build_ui(&Ui::new(&workspace.root))?;
    run_plain(
        workspace
            .cargo()
            .args(["build", "--package", SHELL, "--package", TESTS, "--bins"]),
    )?;
    std::fs::create_dir_all(&arguments.out)?;
    let out = std::path::absolute(&arguments.out)?;
    heading("The tour");
    let status = with_display(&workspace, arguments.size, |display| {
        let mut tour = std::process::Command::new(workspace.program("debug", PROGRAM));
        tour.arg("--out")
            .arg(&out)
            .args(&arguments.rest)
            .current_dir(&workspace.root);
        status_of(display.dress(&mut tour))
    })?;
    say!("screenshots: {}", out.display());
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
