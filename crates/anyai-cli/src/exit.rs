//! The exit codes, one meaning each; scripts rely on them.

use std::process::ExitCode;

use crate::commands::CommandError;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what was asked.
    Success,
    /// The machine failed: a file, a pipe, memory.
    Failure,
    /// What was asked cannot be done as written. `clap` uses the same number.
    Usage,
    /// A provider failed.
    Provider,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Success => 0,
            Exit::Failure => 1,
            Exit::Usage => 2,
            Exit::Provider => 3,
        })
    }
}

impl From<&CommandError> for Exit {
    fn from(error: &CommandError) -> Self {
        match error {
            CommandError::Probe(_) => Self::Usage,
            CommandError::Client(_) => Self::Failure,
            CommandError::Output(_) | CommandError::Runtime(_) => Self::Failure,
        }
    }
}
