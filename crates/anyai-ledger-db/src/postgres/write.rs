//! A batch's changes, all in one round trip. Each write carries its guard in its `WHERE`; fewer rows
//! than asked for means that the guard refused.

use anyai_ledger::Changes;
use futures_util::future::try_join_all;
use tokio_postgres::{Client, Statement};

use super::load::Loaded;
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

/// What refused when the writer's row is gone: nobody saw it for long, and it was taken away.
pub(super) const WRITER_GUARD: &str = "a writer has its row";

/// Writes the changes and the writer's mark in one round trip: what is new beside the turns, which most
/// batches have nothing of, and then what every turn moves.
pub(super) async fn write(
    link: &mut Link,
    mark: &Mark,
    loaded: &Loaded,
    changes: &Changes,
) -> Result<(), LedgerError> {
    let made = Together::of([
        sums::new_pools(&changes.pools)?,
        sums::new_periods(changes)?,
        sums::new_grants(&changes.new_grants)?,
        sums::members(changes)?,
        sums::new_member_uses(changes, loaded)?,
        sums::envelopes(changes)?,
        sums::new_envelope_uses(changes, loaded)?,
        turns::orders(changes)?,
        turns::checkpoints(changes)?,
    ]);
    let moved = Together::of([
        marked(mark)?,
        sums::moved_pools(&changes.pools)?,
        sums::moved_periods(changes)?,
        sums::moved_grants(changes)?,
        sums::moved_member_uses(changes)?,
        sums::moved_envelope_uses(changes)?,
        turns::new_holds(&changes.new_holds)?,
        turns::moved_holds(&changes.moved_holds)?,
        turns::entries(&changes.entries)?,
    ]);
    let mut sent = Vec::new();
    for together in [made, moved] {
        if let Some(sql) = together.text() {
            sent.push((link.prepared(sql).await?, together));
        }
    }
    let client = &link.client;
    let written = sent
        .iter()
        .map(|(statement, together)| together.run(client, statement));
    try_join_all(written).await.map(drop)
}

/// Writes to different tables, or to different rows of one, that are one statement: each has a cost
/// that does not depend on its rows.
struct Together<'a>(Vec<Write<'a>>);

impl<'a> Together<'a> {
    fn of(writes: impl IntoIterator<Item = Write<'a>>) -> Self {
        let some = writes.into_iter().filter(|write| write.rows > 0);
        Self(some.collect())
    }

    /// A statement that answers how many rows each of them wrote.
    fn text(&self) -> Option<String> {
        let (mut writes, mut counts, mut before) = (Vec::new(), Vec::new(), 0);
        for (index, write) in self.0.iter().enumerate() {
            let text = write.text(before);
            writes.push(format!("w{index} AS ({text} RETURNING 1)"));
            counts.push(format!("(SELECT count(*) FROM w{index})"));
            before += write.columns().len();
        }
        let (writes, counts) = (writes.join(", "), counts.join(", "));
        (!self.0.is_empty()).then(|| format!("WITH {writes} SELECT {counts}"))
    }

    async fn run(&self, client: &Client, statement: &Statement) -> Result<(), LedgerError> {
        let columns: Vec<_> = self.0.iter().flat_map(Write::columns).collect();
        let counts = client.query_one(statement, &columns).await?;
        for (index, write) in self.0.iter().enumerate() {
            let rows: i64 = counts.try_get(index)?;
            let is_whole = usize::try_from(rows) == Ok(write.rows);
            if let Some(guard) = write.guard.filter(|_| !is_whole) {
                let guard = guard.to_owned();
                return Err(LedgerError::GuardBroken { guard });
            }
        }
        Ok(())
    }
}

/// What this writer's row says once the transaction is committed.
fn marked(mark: &Mark) -> Result<Write<'_>, LedgerError> {
    Table::of(
        WRITER_GUARD,
        "UPDATE writer w SET batch=n.batch, since=now() FROM {} AS n(id,batch) \
         WHERE w.id=n.id AND w.batch=n.batch-1",
        [mark],
    )
    .column(|mark| mark.id)
    .column(|mark| mark.batch)
    .done()
}
