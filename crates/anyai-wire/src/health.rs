//! How a studio server is, for whoever runs it.
//!
//! These cross the app-to-server seam only: the command line and an operator's monitoring use them.

use anyai_units::{Credits, UtcMillis};
use serde::{Deserialize, Serialize};

use crate::Code;

/// That a server is there; it is told to anyone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Liveness {
    /// Always true.
    pub ok: bool,
    /// The program's version.
    pub version: String,
}

/// How a server is; it is told to owners.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// The program's version.
    pub version: String,
    /// When it was asked.
    pub at: UtcMillis,
    /// The providers of the catalogue.
    pub providers: Vec<ProviderHealth>,
    /// Models that are not called for now because they cost the house too much.
    #[serde(default)]
    pub switched_off: Vec<SwitchedOff>,
    /// Whether the ledger takes entries.
    pub ledger: StoreHealth,
    /// When the ledger's last entry is dated, where that is more than an hour ahead of the clock: the clock
    /// is wrong, or was. Until then no month begins by itself.
    #[serde(default)]
    pub ledger_dated_ahead: Option<UtcMillis>,
    /// Whether the history takes turns.
    pub history: StoreHealth,
    /// What is free where the data folder is; `None` where the system does not say.
    pub disk_free_bytes: Option<u64>,
}

/// How a provider is, as far as calls since the server's start have shown. None of its words are
/// here: they may repeat a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderHealth {
    /// Its catalogue id.
    pub provider: String,
    /// Whether it is called.
    pub breaker: BreakerState,
    /// When an open breaker lets a call through.
    pub tried_again_at: Option<UtcMillis>,
    /// Calls that are under way.
    pub calls_under_way: u32,
    /// The most that may be.
    pub calls_max: u32,
    /// Turns that wait for a call.
    pub waiting: u32,
    /// The last call that failed before its answer began.
    pub last_failure: Option<LastFailure>,
    /// The last time an answer began.
    pub last_success: Option<UtcMillis>,
}

/// A model whose provider charged more than its turns were to cost at most, by too much in a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchedOff {
    /// Its catalogue id.
    pub model_id: String,
    /// What the house paid in the last day.
    pub overrun: Credits,
    /// What it pays in a day at most.
    pub day_max: Credits,
    /// When it is called again, unless an owner says so before.
    pub until: UtcMillis,
}

/// Whether a provider is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// It is.
    Closed,
    /// It is not.
    Open,
    /// One call tries whether it is there again.
    HalfOpen,
}

/// A call that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastFailure {
    /// The kind, like `timeout`.
    pub class: String,
    /// When.
    pub at: UtcMillis,
}

/// Whether a file or a database can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreHealth {
    /// It can, just now.
    pub is_writable: bool,
    /// Why not.
    pub code: Option<Code>,
}
