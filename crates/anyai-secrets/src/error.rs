//! Why a key could not be read or kept, as codes a screen can word.

use std::io;
use std::path::PathBuf;

use crate::store::KeychainState;

/// Why a key store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum KeyStoreError {
    /// The store cannot be used now: it is locked, absent or broken.
    #[error("the keychain is {state}")]
    Unavailable {
        /// Which of the three.
        state: KeychainState,
    },
    /// The keychain did not answer in time; what it was asked may still happen.
    #[error("the keychain did not answer within {waited_ms} ms")]
    TimedOut {
        /// How long it was given.
        waited_ms: u64,
    },
    /// Several entries carry this name, so none of them can be trusted.
    #[error("the keychain holds {count} entries for one key slot")]
    Ambiguous {
        /// How many.
        count: usize,
    },
    /// The entry is there but is not text: something else wrote it.
    #[error("the keychain's entry is not text")]
    NotText,
    /// An empty key was offered for keeping.
    #[error("an empty key was not stored")]
    Empty,
    /// The key is longer than this system's keychain takes.
    #[error("the key is longer than the keychain's limit of {limit} characters")]
    TooLong {
        /// The system's limit.
        limit: u32,
    },
}

impl KeyStoreError {
    /// A stable code for the seam: never a message of the operating system.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { state } => state.code(),
            Self::TimedOut { .. } => "keychain_timed_out",
            Self::Ambiguous { .. } => "keychain_ambiguous",
            Self::NotText => "keychain_not_text",
            Self::Empty => "key_empty",
            Self::TooLong { .. } => "key_too_long",
        }
    }
}

/// Why a server's keys could not be read.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file could not be opened or read.
    #[error("could not read the secrets file {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It is a folder, a device or a pipe.
    #[error("the secrets file {path} is not a regular file")]
    NotAFile {
        /// The file.
        path: PathBuf,
    },
    /// Others than its owner may read or write it.
    #[error(
        "the secrets file {path} has mode {mode:04o}: other accounts can reach it; run chmod 600 {path}"
    )]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is larger than any list of keys is.
    #[error("the secrets file {path} is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most it may have.
        limit_bytes: u64,
    },
    /// It is not UTF-8.
    #[error("the secrets file {path} is not UTF-8 text")]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// A line is not `ANYAI_KEY_NAME=value`. The line itself is never repeated: it may be a key.
    #[error("line {line} of the secrets file {path} is not ANYAI_KEY_NAME=value")]
    BadLine {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// The same name stands there twice.
    #[error("line {line} of the secrets file {path} names {name} a second time")]
    Repeated {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The name, as in the file.
        name: String,
    },
    /// An environment variable holds something that is not text.
    #[error("the environment variable {name} is not text")]
    EnvNotText {
        /// The variable.
        name: String,
    },
    /// A name has no key behind it.
    #[error("{name} is empty")]
    Empty {
        /// The variable or line's name.
        name: String,
    },
}
