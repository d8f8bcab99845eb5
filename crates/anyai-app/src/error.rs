//! Other rooms' errors as codes a window acts on.

use anyai_mirror::MirrorError;
use anyai_secrets::{KeyStoreError, KeychainState};
use anyai_wire::{Code, Detail, WireError};

pub(crate) fn from_mirror(error: MirrorError) -> WireError {
    let (code, file) = match &error {
        MirrorError::Newer { path, .. } => (Code::DataNewer, Some(path.clone())),
        MirrorError::Damaged(_) => (Code::DataDamaged, None),
        MirrorError::DiskFull(_) => (Code::DiskFull, None),
        MirrorError::Folder { path, .. } => (Code::DataUnavailable, Some(path.clone())),
        MirrorError::Busy(_) | MirrorError::Unavailable(_) => (Code::DataUnavailable, None),
        MirrorError::Statement(cause) => {
            tracing::error!(%cause, "the mirror refused a statement");
            (Code::Internal, None)
        }
    };
    let wire = WireError::new(code, error.to_string());
    match file {
        Some(path) => wire.with_detail(Detail::File {
            path: path.display().to_string(),
        }),
        None => wire,
    }
}

pub(crate) fn from_key_store(error: &KeyStoreError) -> WireError {
    let code = match error {
        KeyStoreError::Unavailable {
            state: KeychainState::Absent,
        } => Code::KeychainAbsent,
        KeyStoreError::Unavailable {
            state: KeychainState::Locked,
        } => Code::KeychainLocked,
        KeyStoreError::Empty => Code::TokenRejected,
        _ => Code::KeychainFailed,
    };
    WireError::new(code, error.to_string())
}

pub(crate) const fn keychain_on_the_wire(state: KeychainState) -> anyai_wire::KeychainState {
    match state {
        KeychainState::Available => anyai_wire::KeychainState::Available,
        KeychainState::Locked => anyai_wire::KeychainState::Locked,
        KeychainState::Absent => anyai_wire::KeychainState::Absent,
        KeychainState::Failed => anyai_wire::KeychainState::Failed,
    }
}

pub(crate) fn no_studio() -> WireError {
    WireError::new(Code::NoStudio, "no studio is open")
}

pub(crate) fn internal(what: impl std::fmt::Display) -> WireError {
    tracing::error!(%what, "a fault of the program");
    WireError::new(Code::Internal, what.to_string())
}
