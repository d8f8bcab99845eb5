//! A batch's changes, all in one round trip. Each statement carries its guard in its `WHERE`; fewer
//! rows than asked for means that the guard refused.

use anyai_ledger::Changes;
use futures_util::future::try_join_all;

use super::session::Link;
use super::table::{Table, Write};
use super::{sums, turns};
use crate::LedgerError;

/// A writer's row, as a batch leaves it: when the answer to its commit is lost, it says whether the batch
/// is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) id: i64,
    /// The last batch it committed.
    pub(super) batch: i64,
}

/// Writes the changes and the writer's mark, all in one round trip.
pub(super) async fn write(
    link: &mut Link,
    mark: &Mark,
    changes: &Changes,
) -> Result<(), LedgerError> {
    let writes = [
        marked(mark)?,
        sums::new_pools(&changes.pools)?,
        sums::moved_pools(&changes.pools)?,
        sums::new_periods(changes)?,
        sums::moved_periods(changes)?,
        sums::new_grants(&changes.new_grants)?,
        sums::moved_grants(changes)?,
        sums::members(changes)?,
        sums::new_member_uses(changes)?,
        sums::moved_member_uses(changes)?,
        sums::envelopes(changes)?,
        sums::new_envelope_uses(changes)?,
        sums::moved_envelope_uses(changes)?,
        turns::new_holds(&changes.new_holds)?,
        turns::moved_holds(&changes.moved_holds)?,
        turns::entries(&changes.entries)?,
        turns::orders(changes)?,
        turns::checkpoints(changes)?,
    ];
    let mut sent = Vec::with_capacity(writes.len());
    for write in writes.into_iter().filter(|write| write.rows > 0) {
        sent.push((link.prepared(write.sql).await?, write));
    }
    let client = &link.client;
    let written = try_join_all(sent.iter().map(|(statement, write)| {
        client.execute_raw(statement, write.columns.iter().map(|column| &**column))
    }));
    let written = written.await?;
    for ((_, write), rows) in sent.iter().zip(written) {
        let is_whole = usize::try_from(rows) == Ok(write.rows);
        if let Some(guard) = write.guard.filter(|_| !is_whole) {
            let guard = guard.to_owned();
            return Err(LedgerError::GuardBroken { guard });
        }
    }
    Ok(())
}

/// What this writer's row says once the transaction is committed.
fn marked(mark: &Mark) -> Result<Write<'_>, LedgerError> {
    Table::of(
        "a writer has its row",
        "UPDATE writer w SET batch=n.batch FROM unnest($1::bigint[],$2::bigint[]) AS n(id,batch) \
         WHERE w.id=n.id",
        [mark],
    )
    .column(|mark| mark.id)
    .column(|mark| mark.batch)
    .done()
}
