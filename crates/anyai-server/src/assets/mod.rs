//! Stored files: pictures, clips and documents, kept under the hash of their bytes.
//!
//! What a file is, its own bytes say, never its name. It is written aside and hashed on its way in,
//! so that nothing is held in memory whole and what has a hash is whole.

mod clip;
mod incoming;
mod inspect;
mod making;
mod pdf;
mod pdf_content;
mod sniff;
mod store;
mod thumbnail;

pub(crate) use incoming::Staged;
pub(crate) use inspect::Limits;
pub(crate) use store::AssetStore;
pub(crate) use thumbnail::thumbnail;
