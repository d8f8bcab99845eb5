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
        self.limits.check(Kind::of(&self.head), self.bytes)?;
        self.hasher.update(more);
        let written = self.file.write_all(more).await;
        written.map_err(|error| io_failure(&self.aside.0, &error))
    }

    /// The whole file, if it is what its first bytes say.
    pub(crate) async fn finish(mut self) -> Result<Staged, WireError> {
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
