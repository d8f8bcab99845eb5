//! A file on its way in: written aside, hashed and measured while it comes, refused as soon as it is
//! larger than its kind may be.

use std::path::PathBuf;

use anyai_wire::{Code, WireError};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use super::inspect::{self, Limits, Particulars};
use super::sniff::{HEAD_BYTES, Kind};
use super::store::io_failure;

/// A file on its way in. Dropping it forgets what came.
#[derive(Debug)]
pub(crate) struct Incoming {
    file: File,
    aside: Aside,
    head: Vec<u8>,
    hasher: Sha256,
    bytes: u64,
    limits: Limits,
}

/// A file that came whole and is what it says, not kept yet. Dropping it forgets it.
#[derive(Debug)]
pub(crate) struct Staged {
    pub(crate) sha256: [u8; 32],
    pub(crate) particulars: Particulars,
    pub(super) aside: Aside,
}

/// A file that goes away with its owner.
#[derive(Debug)]
pub(super) struct Aside(pub(super) PathBuf);

impl Drop for Aside {
    fn drop(&mut self) {
        // What stays behind is removed at the next start.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl Incoming {
    pub(super) async fn begin(folder: PathBuf, limits: Limits) -> Result<Self, WireError> {
        let path = folder.join(uuid::Uuid::now_v7().simple().to_string());
        let made = File::create_new(&path).await;
        Ok(Self {
            file: made.map_err(|error| io_failure(&path, &error))?,
            aside: Aside(path),
            head: Vec::with_capacity(HEAD_BYTES),
            hasher: Sha256::new(),
            bytes: 0,
            limits,
        })
    }

    /// Takes more of the file.
    pub(crate) async fn write(&mut self, more: &Bytes) -> Result<(), WireError> {
        let wanted = HEAD_BYTES.saturating_sub(self.head.len()).min(more.len());
        self.head.extend_from_slice(&more[..wanted]);
        self.bytes = self.bytes.saturating_add(more.len() as u64);
        // A short first piece says nothing yet, and is too short to be too long.
        if self.head.len() == HEAD_BYTES {
            self.limits.check(Kind::of(&self.head), self.bytes)?;
        }
        self.hasher.update(more);
        let written = self.file.write_all(more).await;
        written.map_err(|error| io_failure(&self.aside.0, &error))
    }

    /// The whole file, if it is what its first bytes say.
    pub(crate) async fn finish(mut self) -> Result<Staged, WireError> {
        self.limits.check(Kind::of(&self.head), self.bytes)?;
        let flushed = self.file.flush().await;
        flushed.map_err(|error| io_failure(&self.aside.0, &error))?;
        let (path, kind, bytes) = (self.aside.0.clone(), Kind::of(&self.head), self.bytes);
        let inspected = tokio::task::spawn_blocking(move || inspect::inspect(&path, kind, bytes));
        let particulars = inspected.await.unwrap_or_else(|_| {
            let message = "the file could not be looked into";
            Err(WireError::new(Code::AttachmentRejected, message))
        })?;
        Ok(Staged {
            sha256: self.hasher.finalize().into(),
            particulars,
            aside: self.aside,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, RgbImage};

    use super::*;

    #[tokio::test]
    async fn what_comes_in_small_pieces_is_what_it_is_as_a_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut png = Vec::new();
        let picture = RgbImage::new(3, 2);
        picture
            .write_to(&mut Cursor::new(&mut png), ImageFormat::Png)
            .unwrap();
        for piece in [1, 7, 63, 64] {
            let begun = Incoming::begin(folder.path().to_owned(), Limits::MADE).await;
            let mut incoming = begun.unwrap();
            for bytes in png.chunks(piece) {
                incoming
                    .write(&Bytes::copy_from_slice(bytes))
                    .await
                    .unwrap();
            }
            let staged = incoming.finish().await.unwrap();
            assert_eq!(staged.particulars.mime, "image/png");
        }
        let mut words = Incoming::begin(folder.path().to_owned(), Limits::MADE)
            .await
            .unwrap();
        words
            .write(&Bytes::from_static(b"no picture"))
            .await
            .unwrap();
        assert!(words.finish().await.is_err());
    }
}
