//! What the person at the terminal reads. One place, so that a closed pipe never becomes a panic.

use std::io::{IsTerminal, Write, stdout};

/// Prints one line, as `println!` would.
macro_rules! say {
    ($($part:tt)*) => { $crate::screen::line(&format!($($part)*)) };
}
pub(crate) use say;

/// Writes a line and flushes it, so that a log file follows the work.
pub(crate) fn line(text: &str) {
    let mut out = stdout().lock();
    // A reader that left (`| head`) is no reason to stop the work.
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// A line that opens a stage.
pub(crate) fn heading(text: &str) {
    if stdout().is_terminal() {
        line(&format!("\n\u{1b}[1m== {text}\u{1b}[0m"));
    } else {
        line(&format!("\n== {text}"));
    }
}

/// Bytes of a child process, passed on unchanged.
pub(crate) fn pass_on(bytes: &[u8]) {
    let mut out = stdout().lock();
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

/// Whether colours make sense.
pub(crate) fn is_terminal() -> bool {
    stdout().is_terminal()
}
