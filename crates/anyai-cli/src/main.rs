//! The `anyai` command line: reads arguments, runs one command, turns failures into a sentence and
//! an exit code.

mod arguments;
mod commands;
mod exit;
mod input;
mod output;
mod stop;
mod studio;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;
use crate::commands::CommandError;
use crate::exit::Exit;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(CommandError::Runtime)
        .and_then(|runtime| runtime.block_on(commands::run(arguments)));
    let exit = outcome.unwrap_or_else(|error| {
        output::complain(&error);
        Exit::from(&error)
    });
    exit.into()
}
