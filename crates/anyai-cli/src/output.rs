//! The only place that writes to the terminal: results to standard output, sentences to standard error.

use std::io::{self, Write as _};

use crate::commands::CommandError;

/// A result, with a line end.
pub(crate) fn result(text: &str) -> Result<(), CommandError> {
    writeln!(io::stdout().lock(), "{text}").map_err(CommandError::Output)
}

/// A remark about the result, which is not part of it.
pub(crate) fn remark(text: &str) -> Result<(), CommandError> {
    writeln!(io::stderr().lock(), "{text}").map_err(CommandError::Output)
}

/// A failure, as one sentence. When even that cannot be written, the exit code still says it.
pub(crate) fn complain(error: &CommandError) {
    let _unwritable = writeln!(io::stderr().lock(), "anyai: {error}").is_err();
}
