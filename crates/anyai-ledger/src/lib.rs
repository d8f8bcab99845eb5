//! The ledger as a pure state machine: grant, hold, dispatch, settle, void.
//!
//! No clock, no random source, no input or output, no floating point: a command and the instant
//! come in, an answer and the [`Effect`]s to store come out. A [`Store`] reads the rows a command
//! needs and takes its effects; [`MemoryStore`] is the reference, and a [`Batch`] runs many commands
//! in one transaction of a database.
//!
//! What holds after every command (the numbers are LEDGER.md's):
//!
//! - **I1** in every period, `posted + pending + expired <= granted`;
//! - **I2** a settlement is at most the ceiling of its hold, and a hold ends once;
//! - **I5** every entry debits one account and credits another by the same amount;
//! - **I6** `posted` is the sum of the settlements, `pending` the ceilings of the open holds;
//! - **I7** entries are numbered densely per pool and chained by hash ([`verify_chain`]).
//!
//! [`Audit`] derives all of it again from the entries alone. What is not a turn's own is an
//! [`Order`], [`carry_out`] carries it out, and a [`Statement`] adds a month up.
#![deny(clippy::float_arithmetic)]

mod account;
mod amount;
mod audit;
mod batch;
mod books;
pub mod chain;
mod changes;
mod checkpoint;
mod command;
mod compare;
mod corrections;
mod effect;
mod entry;
mod envelope;
mod fault;
mod grant;
mod grants;
mod hold;
mod holds;
mod limits;
mod member;
mod memory;
mod order;
mod orders;
mod owners;
mod period;
mod plan;
mod plans;
mod pool;
mod pools;
mod refusal;
mod resolve;
mod statement;
mod store;

pub use account::{Account, ParseAccountError};
pub use audit::Audit;
pub use batch::{Batch, BatchError};
pub use chain::{ChainFault, Head, canonical_bytes, entry_hash, verify_chain};
pub use changes::{Changes, HoldChange, PoolChange};
pub use checkpoint::{Checkpoint, put_checkpoint};
pub use command::{Answer, Command, HoldStep};
pub use effect::{Effect, GrantMove, HoldEnd, PeriodMove};
pub use entry::{Digest, Entry, EntryKind, ParseEntryKindError, SeqRange};
pub use envelope::{Envelope, EnvelopeMove, EnvelopeScope, EnvelopeShare, EnvelopeUse, SpendQuery};
pub use fault::AuditFault;
pub use grant::{Allocation, Grant, GrantKind};
pub use hold::{
    CostBasis, CostReport, HoldRecord, HoldRequest, HoldState, Resolution, Settlement, Voided,
    WorkKind, hold_id, old_hold_id,
};
pub use holds::{Placed, dispatch, hold, hold_dispatched, mark_unknown, note_provider_op, renew};
pub use limits::{Bound, Room, RoomQuery, room};
pub use member::{Member, MemberMove, MemberUse};
pub use memory::{MemoryError, MemoryStore};
pub use order::{
    Action, ENVELOPES_MAX, Order, OrderRecord, Ordered, TWO_PERSON_ABOVE, TakeBackCause,
};
pub use orders::carry_out;
pub use owners::{OWNER_COUNTS_AFTER_MS, owner_key, owner_of};
pub use period::{Period, PeriodBounds};
pub use plan::{PlanGrant, PlanTerms};
pub use pool::{Balance, PoolState};
pub use pools::{balance, ensure_pool, standing};
pub use refusal::Refusal;
pub use resolve::{Lapse, expire, settle, void};
pub use statement::{
    MemberTotals, Statement, StatementLine, StatementRows, StatementTotals, statement,
};
pub use store::{Rows, Store};
