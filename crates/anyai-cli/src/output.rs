//! The only place that writes to the terminal: results to standard output, sentences to standard error.

use std::io::{self, Write as _};

use anyai_units::UtcMillis;

use crate::commands::CommandError;

/// A result, with a line end.
pub(crate) fn result(text: &str) -> Result<(), CommandError> {
    writeln!(io::stdout().lock(), "{text}").map_err(CommandError::Output)
}

/// A result as JSON, with a line end.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<(), CommandError> {
    let text = serde_json::to_string(value).map_err(|error| CommandError::Output(error.into()))?;
    result(&text)
}

/// A piece of a result that is still coming.
pub(crate) fn piece(text: &str) -> Result<(), CommandError> {
    let mut out = io::stdout().lock();
    write!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(CommandError::Output)
}

/// An instant as text, to the second, in UTC.
pub(crate) fn instant(at: UtcMillis) -> String {
    jiff::Timestamp::from_millisecond(at.millis()).map_or_else(
        |_| "never".to_owned(),
        |instant| instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    )
}

/// A remark about the result, which is not part of it.
pub(crate) fn remark(text: &str) -> Result<(), CommandError> {
    writeln!(io::stderr().lock(), "{text}").map_err(CommandError::Output)
}

/// A failure, as one sentence. When even that cannot be written, the exit code still says it.
pub(crate) fn complain(error: &CommandError) {
    let _unwritable = writeln!(io::stderr().lock(), "anyai: {error}").is_err();
}
