//! The ledger as a pure state machine: grant, hold, dispatch, settle, void.
//!
//! No clock, no random source, no input or output, no floating point: a command and the instant
//! come in, an answer and the effects to store come out. A store reads the rows a command
//! needs and writes its effects in one transaction.
//!
//! What must hold after every command (the numbers are LEDGER.md's):
//!
//! - **I1** in every period, `posted + pending + expired <= granted`;
//! - **I2** a settlement is at most the ceiling of its hold, and a hold is resolved once;
//! - **I5** every entry debits one account and credits another by the same amount;
//! - **I6** `posted` is the sum of the settlements, `pending` the ceilings of the open holds;
//! - **I7** entries are numbered densely per pool and chained by hash (`verify_chain`).
#![deny(clippy::float_arithmetic)]

mod account;
mod entry;
mod grant;
mod hold;
mod period;
mod plan;
mod pool;
mod refusal;

pub use account::{Account, ParseAccountError};
pub use entry::{Digest, Entry, EntryKind, ParseEntryKindError, SeqRange};
pub use grant::{Allocation, Grant, GrantKind, GrantRequest};
pub use hold::{
    CostBasis, CostReport, HoldRecord, HoldRequest, HoldState, Resolution, Settlement, Voided,
    WorkKind,
};
pub use period::{Period, PeriodBounds};
pub use plan::{PlanGrant, PlanTerms};
pub use pool::{Balance, PoolState};
pub use refusal::Refusal;
