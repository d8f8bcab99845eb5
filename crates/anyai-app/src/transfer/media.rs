//! Stored files on this disk, under names of their own and over nothing that is there.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyai_units::AssetId;
use anyai_wire::{Attachment, WireError};
use tokio::io::AsyncWriteExt;

use super::{Ended, Stop};
use crate::json_file::file_error;
use crate::studio::Studio;

/// Bytes that are asked for at once.
const PART_BYTES: u64 = 4_000_000;

/// The longest name, in characters, without what tells two apart.
const NAME_CHARS_MAX: usize = 80;

/// Its bytes: file systems take 255, and a day, a number and an ending come to it.
const NAME_BYTES_MAX: usize = 200;

/// Names that Windows keeps for its devices, whatever follows after a dot; the last two are numbered.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// Writes a stored file, part by part.
pub(super) async fn write(
    studio: &Studio,
    (id, bytes): (AssetId, u64),
    path: &Path,
    stop: &Stop,
) -> Result<(), Ended> {
    let failed = |error| file_error(path, &error);
    let mut written = tokio::fs::File::create(path).await.map_err(failed)?;
    let mut from = 0;
    while from < bytes {
        stop.check()?;
        let part = studio.client.asset_part(id, from, PART_BYTES);
        let part = part.await.map_err(WireError::from)?.bytes;
        if part.is_empty() {
            let short = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
            return Err(file_error(path, &short).into());
        }
        written.write_all(&part).await.map_err(failed)?;
        from += part.len() as u64;
    }
    Ok(written.flush().await.map_err(failed)?)
}

/// The files of an export: each once, whatever names it.
#[derive(Debug, Default)]
pub(super) struct Media {
    names: HashMap<AssetId, Option<String>>,
    taken: HashSet<String>,
    /// What could not be read.
    pub(super) missing: Vec<String>,
}

impl Media {
    /// A file's name in the folder, written there the first time it is asked for; `None` where it
    /// cannot be read.
    pub(super) async fn name(
        &mut self,
        studio: &Studio,
        folder: &Path,
        file: &Attachment,
        stop: &Stop,
    ) -> Result<Option<String>, Ended> {
        if let Some(known) = self.names.get(&file.asset_id) {
            return Ok(known.clone());
        }
        let name = free(&mut self.taken, &file.name, ending(&file.mime));
        let path = folder.join(&name);
        let name = match write(studio, (file.asset_id, file.bytes), &path, stop).await {
            Ok(()) => Some(name),
            Err(Ended::Failed(error)) if is_about_this_file(&error) => {
                let _ = tokio::fs::remove_file(&path).await;
                self.missing.push(file.name.clone());
                None
            }
            Err(error) => return Err(error),
        };
        self.names.insert(file.asset_id, name.clone());
        Ok(name)
    }

    /// How many were written.
    pub(super) fn count(&self) -> usize {
        self.names.values().flatten().count()
    }
}

/// Whether the others may be sound.
fn is_about_this_file(error: &WireError) -> bool {
    use anyai_wire::Code as C;
    matches!(
        error.code,
        C::AttachmentRejected | C::AttachmentGone | C::DataDamaged
    )
}

fn ending(mime: &str) -> &str {
    match mime {
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/webp" => "webp",
        "image/gif" => "gif",
        "video/mp4" => "mp4",
        "video/webm" => "webm",
        "application/pdf" => "pdf",
        _ => "txt",
    }
}

/// A name that no other file of the folder has, on a system that takes capitals for small letters too.
pub(super) fn free(taken: &mut HashSet<String>, name: &str, ending: &str) -> String {
    let known = format!(".{ending}");
    let stem = plain(name.strip_suffix(&known).unwrap_or(name));
    let mut number = 1_u32;
    loop {
        let name = match number {
            1 => format!("{stem}.{ending}"),
            number => format!("{stem} {number}.{ending}"),
        };
        if taken.insert(name.to_lowercase()) {
            return name;
        }
        number += 1;
    }
}

/// A name that leads nowhere and that every system takes.
pub(super) fn plain(name: &str) -> String {
    let kept = |sign: char| match sign {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => ' ',
        sign if sign.is_control() => ' ',
        sign => sign,
    };
    let name: String = name.chars().map(kept).collect();
    let words: Vec<&str> = name.split_whitespace().collect();
    let name: String = words.join(" ").chars().take(NAME_CHARS_MAX).collect();
    let name = &name[..name.floor_char_boundary(NAME_BYTES_MAX)];
    let name = name.trim_matches(['.', ' ']);
    let stem = name.split('.').next().unwrap_or(name).to_lowercase();
    let is_device = DEVICES.contains(&stem.trim_end_matches(|sign: char| sign.is_ascii_digit()));
    match name {
        "" => "Untitled".to_owned(),
        name if is_device => format!("{name} file"),
        name => name.to_owned(),
    }
}

/// Where something new goes in a folder: this name, or the next that is free.
pub(super) fn fresh(folder: &Path, name: &str) -> PathBuf {
    let numbered = (2_u32..).map(|number| folder.join(format!("{name} {number}")));
    let mut paths = std::iter::once(folder.join(name)).chain(numbered);
    paths
        .find(|path| !path.exists())
        .unwrap_or_else(|| folder.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        for (given, kept) in [
            ("../../etc/passwd", "etc passwd"),
            ("C:\\Windows\\x", "C Windows x"),
            (" ..\u{7}hidden ", "hidden"),
            ("nul", "nul file"),
            ("COM7", "COM7 file"),
            ("con.tar", "con.tar file"),
            ("Concert", "Concert"),
            ("", "Untitled"),
            ("...", "Untitled"),
            ("Ein Schiff: ja?", "Ein Schiff ja"),
        ] {
            assert_eq!(plain(given), kept, "{given:?}");
        }
        assert_eq!(plain(&"x".repeat(500)).chars().count(), NAME_CHARS_MAX);
        let long = plain(&"🦊".repeat(500));
        assert_eq!(long.len(), NAME_BYTES_MAX, "file systems count bytes");
    }

    #[test]
    fn no_two_files_have_one_name() {
        let mut taken = HashSet::new();
        let names =
            ["fox.png", "Fox.png", "fox", "fox.jpg"].map(|name| free(&mut taken, name, "png"));
        assert_eq!(names, ["fox.png", "Fox 2.png", "fox 3.png", "fox.jpg.png"]);
    }
}
