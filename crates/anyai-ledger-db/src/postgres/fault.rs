//! What the server's errors mean for the ledger.

use std::error::Error;

use anyai_ledger::Refusal;
use tokio_postgres::error::{DbError, SqlState};

use crate::LedgerError;

impl From<tokio_postgres::Error> for LedgerError {
    fn from(error: tokio_postgres::Error) -> Self {
        if let Some(problem) = tls_problem(&error) {
            return Self::Tls { problem };
        }
        match error.as_db_error() {
            Some(said) => classify(said).unwrap_or(Self::Server(error)),
            None if is_connection(&error) => Self::Disconnected {
                problem: words(&error),
            },
            None => Self::Server(error),
        }
    }
}

/// What is wrong with how the server encrypts. A network that failed meanwhile is no such thing.
fn tls_problem(error: &tokio_postgres::Error) -> Option<String> {
    let source = error.source()?;
    match source.downcast_ref::<std::io::Error>() {
        Some(failed) => {
            let refused = failed.get_ref()?.downcast_ref::<rustls::Error>();
            refused.map(ToString::to_string)
        }
        // The driver says by its words alone what kind of error it is.
        None => {
            let is_tls = error
                .to_string()
                .starts_with("error performing TLS handshake");
            is_tls.then(|| source.to_string())
        }
    }
}

/// Whether the network failed, not the question.
fn is_connection(error: &tokio_postgres::Error) -> bool {
    let source = error.source();
    error.is_closed() || source.is_some_and(|source| source.is::<std::io::Error>())
}

/// The error with what caused it.
fn words(error: &tokio_postgres::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn classify(said: &DbError) -> Option<LedgerError> {
    let code = said.code();
    // Two programs that make one pool at once: the one that comes second finds it.
    let is_same_pool =
        *code == SqlState::UNIQUE_VIOLATION && said.constraint() == Some("pool_pkey");
    if is_same_pool
        || *code == SqlState::T_R_SERIALIZATION_FAILURE
        || *code == SqlState::T_R_DEADLOCK_DETECTED
    {
        return Some(LedgerError::Conflict);
    }
    if *code == SqlState::LOCK_NOT_AVAILABLE || *code == SqlState::QUERY_CANCELED {
        return Some(LedgerError::Busy);
    }
    if *code == SqlState::DISK_FULL {
        return Some(LedgerError::DiskFull);
    }
    if *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT {
        return Some(disconnected(said));
    }
    match code.code().get(..2) {
        // Connections, the operator's doings, too many connections.
        Some("08" | "57" | "53") => Some(disconnected(said)),
        Some("23") => Some(LedgerError::GuardBroken {
            guard: said.message().to_owned(),
        }),
        Some("XX") => Some(LedgerError::UnknownValue {
            value: said.message().to_owned(),
        }),
        _ => None,
    }
}

fn disconnected(said: &DbError) -> LedgerError {
    LedgerError::Disconnected {
        problem: said.message().to_owned(),
    }
}

impl LedgerError {
    /// The same error with what it means for the ledger at `place`.
    pub(crate) fn in_place(self, place: &str) -> Self {
        let problem = match self {
            Self::UnknownValue { value } => value,
            Self::Refused(refusal @ Refusal::BooksDisagree { .. }) => refusal.to_string(),
            other => return other,
        };
        Self::Damaged {
            place: place.to_owned(),
            problem,
        }
    }
}
