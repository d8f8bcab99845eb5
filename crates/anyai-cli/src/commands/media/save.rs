//! Writes what was made to a folder, in parts, and over nothing that is there.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyai_wire::{AssetForm, AssetRead, Attachment, Commands, TurnView};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::commands::CommandError;
use crate::studio::Opened;

/// Bytes that are read at once.
const PART_BYTES: u64 = 4_000_000;

/// Writes every file of a turn; where they are.
pub(super) async fn outputs(
    opened: &Opened,
    turn: &TurnView,
    folder: &Path,
) -> Result<Vec<PathBuf>, CommandError> {
    if turn.outputs.is_empty() {
        return Ok(Vec::new());
    }
    fs::create_dir_all(folder).map_err(CommandError::Output)?;
    let mut files = Vec::with_capacity(turn.outputs.len());
    for output in &turn.outputs {
        let (path, file) = fresh(folder, &output.name).map_err(CommandError::Output)?;
        write(opened, output, file).await?;
        files.push(path);
    }
    Ok(files)
}

/// A file of that name, or of the next that is free.
fn fresh(folder: &Path, name: &str) -> io::Result<(PathBuf, File)> {
    // The server names files by their prompts; only the last part is a name.
    let name = Path::new(name).file_name().unwrap_or_default();
    let (stem, ending) = (Path::new(name).file_stem(), Path::new(name).extension());
    let stem = stem.unwrap_or_default().to_string_lossy().into_owned();
    let ending = ending.map_or_else(String::new, |ending| {
        format!(".{}", ending.to_string_lossy())
    });
    let mut number = 1_u32;
    loop {
        let name = match number {
            1 => format!("{stem}{ending}"),
            number => format!("{stem} {number}{ending}"),
        };
        let path = folder.join(name);
        match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            made => return made.map(|file| (path, file)),
        }
    }
}

async fn write(opened: &Opened, output: &Attachment, mut file: File) -> Result<(), CommandError> {
    let mut from = 0;
    while from < output.bytes {
        let read = AssetRead {
            asset_id: output.asset_id,
            form: AssetForm::Whole,
            from,
            length: PART_BYTES,
        };
        let part = opened.studio.app().asset_read(read).await?;
        let bytes = STANDARD
            .decode(part.base64)
            .map_err(|error| CommandError::Output(io::Error::other(error)))?;
        if bytes.is_empty() {
            let short = io::Error::from(io::ErrorKind::UnexpectedEof);
            return Err(CommandError::Output(short));
        }
        file.write_all(&bytes).map_err(CommandError::Output)?;
        from += bytes.len() as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_there_is_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let name = |_| {
            let (path, _) = fresh(folder.path(), "A red fox.png").unwrap();
            path.file_name().unwrap().to_string_lossy().into_owned()
        };
        let names: Vec<_> = (0..3).map(name).collect();
        assert_eq!(
            names,
            ["A red fox.png", "A red fox 2.png", "A red fox 3.png"]
        );
        let (path, _) = fresh(folder.path(), "../../etc/passwd").unwrap();
        assert_eq!(
            path,
            folder.path().join("passwd"),
            "a name leads nowhere else"
        );
    }
}
