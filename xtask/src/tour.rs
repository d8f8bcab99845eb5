//! `cargo xtask tour`: every screen and state photographed: in a browser at three sizes, light and dark, and in the
//! real window on a virtual display.

use std::path::{Path, PathBuf};
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
    /// Only the browser's part, which needs no display
    #[arg(long)]
    browser: bool,
    /// Folder for the screenshots
    #[arg(long, default_value = "tour")]
    out: PathBuf,
    /// Passed to the tour
    #[arg(last = true)]
    rest: Vec<String>,
}

/// Every stop of `ui/e2e/tour/stops.ts` in a browser, against the studio that `anyai web` serves.
fn tour_browser(workspace: &Workspace, out: &Path) -> Result<()> {
    run_plain(workspace.cargo().args(["build", "--package", "anyai-cli"]))?;
    heading("The tour in a browser");
    let mut tour = Ui::new(&workspace.root).script("e2e", &["tour.spec.ts"]);
    tour.env("ANYAI_TOUR_OUT", out.join("browser"))
        .env("ANYAI_BINARY", workspace.program("debug", "anyai"));
    run_plain(&mut tour)?;
    say!("screenshots: {}", out.join("browser").display());
    Ok(())
}

/// Builds the window, then runs the tour in a browser and on a virtual display.
pub(crate) fn tour(arguments: &Arguments) -> Result<ExitCode> {
    let workspace = Workspace::load()?;
    ensure!(
        workspace.has_target(TESTS, "bin", PROGRAM),
        "{TESTS} has no program `{PROGRAM}` yet"
    );
    std::fs::create_dir_all(&arguments.out)?;
    let out = std::path::absolute(&arguments.out)?;
    build_ui(&Ui::new(&workspace.root))?;
    tour_browser(&workspace, &out)?;
    if arguments.browser {
        return Ok(ExitCode::SUCCESS);
    }
    heading("What this machine needs");
    packages::ensure(Purpose::DriveWindow)?;
    run_plain(
        workspace
            .cargo()
            .args(["build", "--package", SHELL, "--package", TESTS, "--bins"]),
    )?;
    heading("The tour in the window");
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
