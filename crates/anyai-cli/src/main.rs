//! The `anyai` command line: reads arguments, runs one command, turns failures into a sentence and
//! an exit code.

mod arguments;
mod commands;
mod database;
mod exit;
mod input;
mod output;
mod stop;
mod studio;

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::EnvFilter;

use crate::arguments::Arguments;
use crate::commands::CommandError;
use crate::exit::Exit;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log_to_stderr(arguments.command.serves());
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CommandError::Runtime)
        .and_then(|runtime| runtime.block_on(commands::run(arguments)));
    let exit = outcome.unwrap_or_else(|error| {
        let exit = Exit::from(&error);
        if exit != Exit::Success {
            output::complain(&error);
        }
        exit
    });
    exit.into()
}

/// A server tells its operator what happens; other commands speak up only when something is wrong.
/// `ANYAI_LOG` overrides both.
fn log_to_stderr(serves: bool) {
    let usual = if serves { "info" } else { "warn" };
    let filter = EnvFilter::try_from_env("ANYAI_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        // Its complaint about a line it cannot write would be a panic, on a full disk or a closed pipe.
        .log_internal_errors(false)
        .init();
}
