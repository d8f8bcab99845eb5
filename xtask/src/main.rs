//! The project's own commands. `cargo xtask --help` lists them; each has a module of its name.

mod bench;
mod calibrate;
mod codegen;
mod display;
mod icons;
mod packages;
mod process;
mod run;
mod screen;
mod test;
mod tidy;
mod tools;
mod tour;
mod ui;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::screen::say;

/// The project's own commands.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Installs what is missing, builds the studio and opens its window (or serves it, without a display)
    Run(run::Arguments),
    /// Installs what tests need, runs everything, ends with one summary
    Test(test::Arguments),
    /// What the project's CI runs: the same as `test`
    Ci(test::Arguments),
    /// Checks edges between rooms, bans and shapes over the files git knows
    Tidy(tidy::Arguments),
    /// Writes the TypeScript bindings of the wire into ui/src/bindings
    Codegen(codegen::Arguments),
    /// Drives the real window through the main job and saves screenshots
    Tour(tour::Arguments),
    /// Runs a command on a virtual display with its own session bus, keychain and WebDriver
    Display(display::Arguments),
    /// Measures, and prints the figures with the machine they were taken on
    Bench(bench::Arguments),
    /// Draws the app and tray icons from the geometry of the mark
    Icons(icons::Arguments),
    /// Fits the forecast of answer lengths to recorded turns, and says what it is worth
    Calibrate(calibrate::Arguments),
}

fn main() -> ExitCode {
    match dispatch(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            say!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(task: Task) -> Result<ExitCode> {
    match task {
        Task::Run(arguments) => run::run(arguments),
        Task::Test(arguments) | Task::Ci(arguments) => test::test(arguments),
        Task::Tidy(arguments) => tidy::tidy(&arguments),
        Task::Codegen(arguments) => codegen::codegen(&arguments),
        Task::Tour(arguments) => tour::tour(&arguments),
        Task::Display(arguments) => display::display(&arguments),
        Task::Bench(arguments) => bench::bench(&arguments),
        Task::Icons(arguments) => icons::icons(&arguments),
        Task::Calibrate(arguments) => calibrate::calibrate(&arguments),
    }
}
