//! The seams between the ledger's rules and where its rows are kept.

use anyai_units::{Credits, HoldId, MemberId, PoolId};

use crate::{
    Effect, Entry, Envelope, EnvelopeUse, Grant, HoldRecord, Member, MemberUse, OrderRecord,
    Period, PoolState, Refusal, SpendQuery,
};

/// The rows of one open transaction, as the rules read them. While it is open nobody else may change
/// the rows of the pools it read.
pub trait Rows {
    /// What can go wrong; a refusal is one of it.
    type Error: From<Refusal>;

    /// The pool's row.
    ///
    /// # Errors
    /// When it cannot be read; likewise below.
    fn pool(&mut self, pool: PoolId) -> Result<Option<PoolState>, Self::Error>;

    /// One of its periods.
    fn period(&mut self, pool: PoolId, no: u32) -> Result<Option<Period>, Self::Error>;

    /// Its grants with something left, and all plan grants of the period `no`.
    fn grants(&mut self, pool: PoolId, no: u32) -> Result<Vec<Grant>, Self::Error>;

    /// The grant with this number.
    fn grant(&mut self, pool: PoolId, no: u64) -> Result<Option<Grant>, Self::Error>;

    /// The grant with this source.
    fn grant_by_source(&mut self, pool: PoolId, source: &str)
    -> Result<Option<Grant>, Self::Error>;

    /// A hold.
    fn hold(&mut self, hold: HoldId) -> Result<Option<HoldRecord>, Self::Error>;

    /// What was set for a member.
    fn member(&mut self, pool: PoolId, member: MemberId) -> Result<Option<Member>, Self::Error>;

    /// What a member spent and has held in a period.
    fn member_use(
        &mut self,
        pool: PoolId,
        member: MemberId,
        period: u32,
    ) -> Result<Option<MemberUse>, Self::Error>;

    /// The pool's envelopes, removed ones too.
    fn envelopes(&mut self, pool: PoolId) -> Result<Vec<Envelope>, Self::Error>;

    /// What was spent and is held inside an envelope, in one of its windows.
    fn envelope_use(
        &mut self,
        pool: PoolId,
        envelope: u64,
        window: i64,
    ) -> Result<Option<EnvelopeUse>, Self::Error>;

    /// The sum of what settled holds were charged, also of what was given back since. Only commands that run
    /// alone may ask.
    fn spent(&mut self, query: &SpendQuery) -> Result<Credits, Self::Error>;

    /// The order with this key. Only commands that run alone may ask; likewise below.
    fn order(&mut self, pool: PoolId, key: &str) -> Result<Option<OrderRecord>, Self::Error>;

    /// An entry.
    fn entry(&mut self, pool: PoolId, seq: u64) -> Result<Option<Entry>, Self::Error>;

    /// The sum of the entries that reverse the entry `seq`.
    fn reversed(&mut self, pool: PoolId, seq: u64) -> Result<Credits, Self::Error>;
}

/// Rows that a command may change.
pub trait Store: Rows {
    /// Takes over the effects of a command in order, each under its guard.
    ///
    /// # Errors
    /// When a guard refuses or the rows cannot be written; the transaction must then be forgotten.
    fn apply(&mut self, effects: Vec<Effect>) -> Result<(), Self::Error>;
}
