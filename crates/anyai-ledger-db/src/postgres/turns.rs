//! Holds, entries, orders and checkpoints as a batch writes them.

use anyai_ledger::{Changes, CostBasis, Entry, HoldChange, HoldRecord};
use anyai_units::Credits;

use super::table::{Table, Write};
use crate::columns::columns;
use crate::{LedgerError, text};

/// What does not change of a hold.
pub(super) fn new_holds(holds: &[HoldRecord]) -> Result<Write<'_>, LedgerError> {
    let table = Table::of(
        "a turn is held once",
        "INSERT INTO hold(id,state,charged,overrun,basis,allocations,provider_op,reason,\
         expires_at,dispatched_at,unknown_since,resolved_at,resolved_first,resolved_last,\
         pool,member,turn,fingerprint,period,estimate,ceiling,price_version,model,kind,\
         conversation,envelopes,created_at) SELECT * FROM {}",
        holds,
    );
    hold_state(table)
        .column(|hold| hold.pool.uuid())
        .column(|hold| hold.member.uuid())
        .column(|hold| hold.turn.uuid())
        .column(|hold| &hold.fingerprint[..])
        .column(|hold| i64::from(hold.period))
        .credits(|hold| hold.estimate)
        .credits(|hold| hold.ceiling)
        .column(|hold| i64::from(hold.price_version))
        .column(|hold| &*hold.model)
        .column(|hold| hold.kind.as_str())
        .column(|hold| hold.conversation.map(|inside| inside.uuid()))
        .column(|hold| text::shares(&hold.envelopes))
        .at(|hold| hold.created_at)
        .done()
}

/// The columns of a hold that change, after its id.
pub(super) fn hold_state(table: Table<'_, HoldRecord>) -> Table<'_, HoldRecord> {
    table
        .column(|hold| hold.id.uuid())
        .column(|hold| hold.state.as_str())
        .column(|hold| hold.charged.map(Credits::millicredits))
        .credits(|hold| hold.overrun)
        .column(|hold| hold.basis.map(CostBasis::as_str))
        .column(|hold| text::allocations(&hold.allocations))
        .column(|hold| hold.provider_op.as_deref())
        .column(|hold| hold.reason.as_deref())
        .at(|hold| hold.expires_at)
        .maybe_at(|hold| hold.dispatched_at)
        .maybe_at(|hold| hold.unknown_since)
        .maybe_at(|hold| hold.resolved_at)
        .maybe_number(|hold| hold.resolved_by.map(|range| range.first))
        .maybe_number(|hold| hold.resolved_by.map(|range| range.last))
}

/// Only what may change of a hold; its terms stay as they were agreed. The guard is on the state that
/// was read, not on `resolved_at`: that would offer the planner the index of all open holds.
pub(super) fn moved_holds(holds: &[HoldChange]) -> Result<Write<'_>, LedgerError> {
    let table = Table::of(
        "a hold moves along its states, and ends once, charged at most its ceiling",
        "UPDATE hold h SET state=n.state, charged=n.charged, overrun=n.overrun, basis=n.basis, \
         allocations=n.allocations, provider_op=n.provider_op, reason=n.reason, \
         expires_at=n.expires_at, dispatched_at=n.dispatched_at, unknown_since=n.unknown_since, \
         resolved_at=n.resolved_at, resolved_first=n.resolved_first, \
         resolved_last=n.resolved_last FROM {} \
         AS n(id,state,charged,overrun,basis,allocations,provider_op,reason,expires_at,\
         dispatched_at,unknown_since,resolved_at,resolved_first,resolved_last,was) \
         WHERE h.id=n.id AND h.state=n.was AND n.was IN ('held','dispatched','unknown') \
         AND coalesce(n.charged,0)<=h.ceiling",
        holds.iter().map(|change| &change.to),
    );
    let was: Vec<&str> = holds.iter().map(|change| change.from.as_str()).collect();
    Ok(hold_state(table).done()?.and(was))
}

pub(super) fn entries(entries: &[Entry]) -> Result<Write<'_>, LedgerError> {
    Table::of(
        "an entry is written once",
        concat!("INSERT INTO entry(", columns!(ENTRY), ") SELECT * FROM {}"),
        entries,
    )
    .column(|entry| entry.pool.uuid())
    .number(|entry| entry.seq)
    .number(|entry| entry.tx)
    .column(|entry| entry.debit.to_string())
    .column(|entry| entry.credit.to_string())
    .credits(|entry| entry.amount)
    .column(|entry| entry.kind.as_str())
    .column(|entry| entry.hold.map(|hold| hold.uuid()))
    .maybe_number(|entry| entry.reverses)
    .column(|entry| entry.detail.as_ref().map(|detail| &detail.0[..]))
    .column(|entry| &*entry.actor)
    .column(|entry| entry.reason.as_deref())
    .at(|entry| entry.at)
    .column(|entry| &entry.prev_hash.0[..])
    .column(|entry| &entry.hash.0[..])
    .done()
}

pub(super) fn orders(changes: &Changes) -> Result<Write<'_>, LedgerError> {
    Table::of(
        "an order is carried out once",
        concat!("INSERT INTO order_(", columns!(ORDER), ") SELECT * FROM {}"),
        &changes.orders,
    )
    .column(|record| record.pool.uuid())
    .column(|record| &*record.order.key)
    .column(|record| &*record.order.actor)
    .column(|record| &*record.order.reason)
    .column(|record| record.order.approved_by.as_deref())
    .column(|record| &record.digest.0[..])
    .number(|record| record.entries.first)
    .number(|record| record.entries.last)
    .done()
}

pub(super) fn checkpoints(changes: &Changes) -> Result<Write<'_>, LedgerError> {
    Table::of(
        "a head is signed once",
        concat!(
            "INSERT INTO checkpoint(",
            columns!(CHECKPOINT),
            ") SELECT * FROM {}"
        ),
        &changes.checkpoints,
    )
    .column(|signed| signed.pool.uuid())
    .number(|signed| signed.seq)
    .column(|signed| &signed.hash.0[..])
    .at(|signed| signed.at)
    .column(|signed| &signed.key[..])
    .column(|signed| &signed.signature[..])
    .done()
}
