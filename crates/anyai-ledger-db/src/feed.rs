//! The change feed: every entry of a pool, once and in order.

use anyai_ledger::{Balance, Entry, HoldRecord};
use anyai_units::PoolId;
use tokio::sync::watch;

use crate::{Ledger, LedgerError};

/// The most entries one page of the change feed has.
const PAGE_LIMIT: u32 = 1_000;

/// A page of a pool's change feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changes {
    /// The entries after the cursor, in order, without gaps.
    pub entries: Vec<Entry>,
    /// The holds those entries belong to, as they stand at the head.
    pub holds: Vec<HoldRecord>,
    /// The balance at the head; its `head_seq` tells whether there is more to read, its `epoch` whether
    /// this is still the pool that was read before.
    pub balance: Balance,
}

/// What the house paid beyond ceilings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overruns {
    /// The holds that were overrun, in no order.
    pub holds: Vec<HoldRecord>,
    /// The head it was read at: the cursor for the next question.
    pub head_seq: u64,
}

impl Ledger {
    /// The holds whose overrun is booked after `after_seq`.
    ///
    /// # Errors
    /// Refused when there is no such pool.
    pub async fn overruns(&self, pool: PoolId, after_seq: u64) -> Result<Overruns, LedgerError> {
        self.reads
            .read(move |reader| {
                Ok(Overruns {
                    head_seq: anyai_ledger::standing(reader, pool)?.head_seq,
                    holds: reader.holds_overrun(pool, after_seq)?,
                })
            })
            .await
    }

    /// The entries after `after_seq`, at most `limit` and at most 1,000, with the balance at the
    /// head. Reading opens no period: ask for [`Ledger::balance`] first to have the feed say so.
    ///
    /// # Errors
    /// Refused when there is no such pool.
    pub async fn changes(
        &self,
        pool: PoolId,
        after_seq: u64,
        limit: u32,
    ) -> Result<Changes, LedgerError> {
        let limit = limit.min(PAGE_LIMIT);
        self.reads
            .read(move |reader| {
                let balance = anyai_ledger::standing(reader, pool)?;
                let entries = reader.entries(pool, after_seq, limit)?;
                let holds = match (entries.first(), entries.last()) {
                    (Some(first), Some(last)) => reader.holds_between(pool, first.seq, last.seq)?,
                    _ => Vec::new(),
                };
                Ok(Changes {
                    entries,
                    holds,
                    balance,
                })
            })
            .await
    }

    /// The pool's head `seq` as commits of this process move it, 0 before the first. Another
    /// process on the same ledger may not wake it: give a long poll an end.
    #[must_use]
    pub fn watch(&self, pool: PoolId) -> watch::Receiver<u64> {
        self.engine.watchers().subscribe(pool)
    }
}
