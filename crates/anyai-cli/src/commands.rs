//! The commands, one module each.

pub(crate) mod probe;

use std::io;

use crate::arguments::{Arguments, Command};
use crate::exit::Exit;

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CommandError {
    /// The probe cannot be made as asked.
    #[error(transparent)]
    Probe(#[from] probe::ProbeError),
    /// Nothing can be sent from this machine.
    #[error("{}", .0.message)]
    Client(anyai_providers::ProviderError),
    /// The result cannot be written.
    #[error("the result cannot be written: {0}")]
    Output(io::Error),
    /// The program cannot run here.
    #[error("the program cannot start its threads: {0}")]
    Runtime(io::Error),
}

/// Runs the command that was typed.
pub(crate) async fn run(arguments: Arguments) -> Result<Exit, CommandError> {
    match arguments.command {
        Command::Probe(arguments) => probe::run(arguments).await,
    }
}
