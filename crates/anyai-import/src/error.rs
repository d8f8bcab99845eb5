//! Why an export cannot be read.

use std::io;

/// Why an export cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    File(#[from] io::Error),
    /// It begins like an archive and is none.
    #[error("the archive is damaged: {0}")]
    Archive(#[from] zip::result::ZipError),
    /// The archive holds no conversations.
    #[error(
        "no conversations are in this archive: an export of ChatGPT or Claude has a conversations.json"
    )]
    NoConversations,
    /// Not JSON, or cut short.
    #[error("{name} is not whole: {reason}")]
    Json {
        /// The file.
        name: String,
        /// What is wrong, and where.
        reason: serde_json::Error,
    },
    /// JSON of another kind.
    #[error("{name} is no export of ChatGPT, Claude, LibreChat or Open WebUI")]
    Unknown {
        /// The file.
        name: String,
    },
}
