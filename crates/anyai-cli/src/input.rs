//! What a person hands in: the text of a prompt, typed or piped.

use std::io::Read as _;

use crate::commands::CommandError;

/// The prompt as typed; `-` stands for standard input.
pub(crate) fn prompt(typed: &str) -> Result<String, CommandError> {
    if typed != "-" {
        return Ok(typed.to_owned());
    }
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .read_to_string(&mut text)
        .map_err(CommandError::Input)?;
    Ok(text)
}
