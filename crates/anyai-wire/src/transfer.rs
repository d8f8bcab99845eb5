//! Bringing in what other programs hold, and taking out everything this one does.

use serde::{Deserialize, Serialize};

use crate::{ImportRefused, PlanFit, WireError};

/// The import or the export that runs, or the last one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct TransferState {
    /// `None` before the first.
    pub transfer: Option<Transfer>,
}

/// An import or an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Transfer {
    /// An import runs.
    Importing {
        /// What was done so far.
        counts: ImportCounts,
    },
    /// An import ended.
    Imported {
        /// What it came to.
        counts: ImportCounts,
    },
    /// An import was stopped by its person, or broke off. What came before stands.
    ImportEnded {
        /// What was done until then.
        counts: ImportCounts,
        /// Why; `None` when it was stopped.
        error: Option<WireError>,
    },
    /// An export runs.
    Exporting {
        /// Conversations that are written.
        done: u32,
        /// Conversations there are.
        total: u32,
    },
    /// An export is whole.
    Exported {
        /// What it holds.
        summary: ExportSummary,
    },
    /// An export was stopped by its person, or broke off. Nothing of it is left.
    ExportEnded {
        /// Why; `None` when it was stopped.
        error: Option<WireError>,
    },
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ImportCounts {
    /// The program the export comes from; empty until its first conversation.
    pub source: String,
    /// Conversations that were made.
    pub new_conversations: u32,
    /// Conversations that were here and have new turns now.
    pub grown_conversations: u32,
    /// Conversations that were here with everything.
    pub known_conversations: u32,
    /// Turns that were added.
    pub new_turns: u32,
    /// Pictures and documents that were stored.
    pub new_files: u32,
    /// Files that the export names and does not hold, or that are of no kind that is kept.
    pub missing_files: u32,
    /// Conversations in which nothing is said, or which are damaged.
    pub left_out: u32,
    /// How many were not taken.
    pub refused: u32,
    /// The first of them, with their reasons.
    pub refusals: Vec<ImportRefused>,
}

/// What an export holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ExportSummary {
    /// Its folder.
    pub path: String,
    /// Conversations.
    pub conversations: u32,
    /// Turns, all branches.
    pub turns: u32,
    /// Pictures, clips and documents.
    pub files: u32,
    /// Files that could not be read; the index names them.
    pub missing_files: u32,
}

/// Brings in an export.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ImportStart {
    /// A file that was uploaded; `None` has the host ask which file.
    pub upload: Option<ImportUploaded>,
}

/// A piece of a file that a browser hands over.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ImportUpload {
    /// The file it goes on; `None` begins one.
    pub upload: Option<ImportUploaded>,
    /// The piece, base64.
    pub base64: String,
}

/// A file that was handed over, or is being.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ImportUploaded {
    /// Names it until it is brought in.
    pub id: String,
}

/// Asks what imported conversations would have cost here.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ImportPlansGet {
    /// The model that every turn is priced on.
    pub model_id: String,
}

/// What they would have cost, and which plan fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ImportPlans {
    /// How many turns.
    pub turns: u32,
    /// The months, and the plans that cover them.
    pub fit: PlanFit,
}

/// Writes a stored file where its person says.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct AssetSave {
    /// The file.
    pub asset_id: anyai_units::AssetId,
    /// What it is called unless its person says otherwise.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
}

/// Where a file was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SavedFile {
    /// Its path; `None` when its person thought better of it.
    pub path: Option<String>,
}

/// Shows a file or a folder that this run wrote, where files are shown.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Reveal {
    /// The path that was answered when it was written.
    pub path: String,
}
