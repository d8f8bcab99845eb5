//! Folders that only the account they belong to reads: what people ask and answer is in them.

use std::io;
use std::path::Path;

/// Makes a folder, and those above it that are missing, for this account alone. One that is there keeps
/// the rights it was given.
///
/// # Errors
/// What the system says.
pub fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}
