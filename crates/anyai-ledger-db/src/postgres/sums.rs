//! Pools, periods, grants, members and envelopes as a batch changes them.

use anyai_ledger::{Changes, Grant, PoolChange, PoolState};
use anyai_units::Credits;

use super::load::Loaded;
use super::table::{Table, Write};
use crate::asked::number;
use crate::columns::columns;
use crate::{LedgerError, text};

pub(super) fn new_pools(pools: &[PoolChange]) -> Result<Write<'_>, LedgerError> {
    let new = pools.iter().filter(|change| change.from_seq.is_none());
    pool_terms(Table::of(
        "a pool is made once",
        "INSERT INTO pool(id,seq,plan,plan_amount,next_plan,next_plan_amount,frozen,period,\
             grant_count,head_hash,last_at,epoch,anchor) SELECT * FROM {}",
        new.map(|change| &change.to),
    ))
    .column(|pool| &pool.epoch.0[..])
    .at(|pool| pool.anchor)
    .done()
}

/// The columns of a pool that change.
fn pool_terms<'a>(table: Table<'a, PoolState>) -> Table<'a, PoolState> {
    table
        .column(|pool| pool.id.uuid())
        .number(|pool| pool.seq)
        .column(|pool| &*pool.plan.plan)
        .credits(|pool| pool.plan.amount)
        .column(|pool| pool.next_plan.as_ref().map(|next| &*next.plan))
        .column(|pool| {
            let next = pool.next_plan.as_ref();
            next.map(|next| next.amount.millicredits())
        })
        .column(|pool| pool.frozen)
        .column(|pool| i64::from(pool.period))
        .number(|pool| pool.grant_count)
        .column(|pool| &pool.head_hash.0[..])
        .at(|pool| pool.last_at)
}

/// The fence: whoever moved the pool since it was read, also without its lock, is in `seq`.
pub(super) fn moved_pools(pools: &[PoolChange]) -> Result<Write<'_>, LedgerError> {
    let moved = pools.iter().filter(|change| change.from_seq.is_some());
    let was = moved.clone().filter_map(|change| change.from_seq);
    let was = was.map(number).collect::<Result<Vec<i64>, _>>()?;
    Ok(pool_terms(Table::of(
        "nobody moved the pool meanwhile",
        "UPDATE pool p SET seq=n.seq, plan=n.plan, plan_amount=n.plan_amount, \
         next_plan=n.next_plan, next_plan_amount=n.next_plan_amount, frozen=n.frozen, \
         period=n.period, grant_count=n.grant_count, head_hash=n.head_hash, last_at=n.last_at \
         FROM {} \
         AS n(id,seq,plan,plan_amount,next_plan,next_plan_amount,frozen,period,grant_count,\
         head_hash,last_at,was) WHERE p.id=n.id AND p.seq=n.was AND p.last_at<=n.last_at",
        moved.map(|change| &change.to),
    ))
    .done()?
    .and(was))
}

pub(super) fn new_periods(changes: &Changes) -> Result<Write<'_>, LedgerError> {
    Table::of(
        "a period is opened once",
        concat!(
            "INSERT INTO period(",
            columns!(PERIOD),
            ") SELECT * FROM {}"
        ),
        &changes.new_periods,
    )
    .column(|period| period.pool.uuid())
    .column(|period| i64::from(period.bounds.no))
    .at(|period| period.bounds.starts_at)
    .at(|period| period.bounds.ends_at)
    .credits(|period| period.granted)
    .credits(|period| period.posted)
    .credits(|period| period.pending)
    .credits(|period| period.expired)
    .done()
}

/// The cap: it holds here whatever the program computed.
pub(super) fn moved_periods(changes: &Changes) -> Result<Write<'_>, LedgerError> {
    Table::of(
        "posted + pending + expired <= granted",
        "UPDATE period p SET granted=p.granted+n.granted, posted=p.posted+n.posted, \
         pending=p.pending+n.pending, expired=p.expired+n.expired \
         FROM {} \
         AS n(pool,no,granted,posted,pending,expired) WHERE p.pool=n.pool AND p.no=n.no \
         AND p.posted+n.posted+p.pending+n.pending+p.expired+n.expired<=p.granted+n.granted",
        &changes.period_moves,
    )
    .column(|change| change.pool.uuid())
    .column(|change| i64::from(change.no))
    .credits(|change| change.granted)
    .credits(|change| change.posted)
    .credits(|change| change.pending)
    .credits(|change| change.expired)
    .done()
}

pub(super) fn new_grants(grants: &[Grant]) -> Result<Write<'_>, LedgerError> {
    Table::of(
        "a source grants once",
        concat!("INSERT INTO grant_(", columns!(GRANT), ") SELECT * FROM {}"),
        grants,
    )
    .column(|grant| grant.pool.uuid())
    .number(|grant| grant.no)
    .column(|grant| i64::from(grant.period))
    .column(|grant| grant.kind.as_str())
    .credits(|grant| grant.amount)
    .credits(|grant| grant.used)
    .credits(|grant| grant.held)
    .credits(|grant| grant.revoked)
    .credits(|grant| grant.expired)
    .column(|grant| i64::from(grant.priority))
    .at(|grant| grant.effective_at)
    .maybe_at(|grant| grant.expires_at)
    .column(|grant| &*grant.source)
    .done()
}

pub(super) fn moved_grants(changes: &Changes) -> Result<Write<'_>, LedgerError> {
    Table::of(
        "used + held + revoked + expired <= amount",
        "UPDATE grant_ g SET used=g.used+n.used, held=g.held+n.held, revoked=g.revoked+n.revoked, \
         expired=g.expired+n.expired FROM {} AS n(pool,no,used,held,revoked,expired) \
         WHERE g.pool=n.pool AND g.no=n.no \
         AND g.used+n.used+g.held+n.held+g.revoked+n.revoked+g.expired+n.expired<=g.amount",
        &changes.grant_moves,
    )
    .column(|change| change.pool.uuid())
    .number(|change| change.no)
    .credits(|change| change.used)
    .credits(|change| change.held)
    .credits(|change| change.revoked)
    .credits(|change| change.expired)
    .done()
}

pub(super) fn members(changes: &Changes) -> Result<Write<'_>, LedgerError> {
    Table::of(
        "a member has one row",
        concat!(
            "INSERT INTO member(",
            columns!(MEMBER),
            ") SELECT * FROM {} \
             ON CONFLICT (pool,member) DO UPDATE SET spend_limit=excluded.spend_limit, \
             is_removed=excluded.is_removed"
        ),
        &changes.members,
    )
    .column(|member| member.pool.uuid())
    .column(|member| member.member.uuid())
    .column(|member| member.limit.map(Credits::millicredits))
    .column(|member| member.is_removed)
    .done()
}

/// Rows that were not found are made first, with nothing in them.
pub(super) fn new_member_uses<'a>(
    changes: &'a Changes,
    loaded: &Loaded,
) -> Result<Write<'a>, LedgerError> {
    let moves = changes.member_moves.iter();
    Table::of(
        "",
        concat!(
            "INSERT INTO member_use(",
            columns!(MEMBER_USE),
            ") SELECT n.*,0,0 FROM {} AS n \
             ON CONFLICT DO NOTHING"
        ),
        moves.filter(|change| !loaded.has_member_use(change)),
    )
    .column(|change| change.pool.uuid())
    .column(|change| change.member.uuid())
    .column(|change| i64::from(change.period))
    .unguarded()
    .done()
}

/// The guard reads the limit itself; it counts only when more is used, held or charged, than asks nobody.
pub(super) fn moved_member_uses(changes: &Changes) -> Result<Write<'_>, LedgerError> {
    Table::of(
        "a member's posted + pending <= limit",
        "UPDATE member_use u SET posted=u.posted+n.posted, pending=u.pending+n.pending \
         FROM {} \
         AS n(pool,member,period,posted,pending,unasked) \
         WHERE u.pool=n.pool AND u.member=n.member AND u.period=n.period \
         AND (n.posted+n.pending<=n.unasked OR NOT EXISTS(SELECT 1 FROM member m WHERE m.pool=n.pool \
         AND m.member=n.member AND (m.is_removed \
         OR u.posted+n.posted+u.pending+n.pending-n.unasked>m.spend_limit)))",
        &changes.member_moves,
    )
    .column(|change| change.pool.uuid())
    .column(|change| change.member.uuid())
    .column(|change| i64::from(change.period))
    .credits(|change| change.posted)
    .credits(|change| change.pending)
    .credits(|change| change.unasked)
    .done()
}

pub(super) fn envelopes(changes: &Changes) -> Result<Write<'_>, LedgerError> {
    Table::of(
        "an envelope has one row",
        concat!(
            "INSERT INTO envelope(",
            columns!(ENVELOPE),
            ") SELECT * FROM {} ON CONFLICT (pool,no) DO UPDATE SET cap=excluded.cap, \
             is_removed=excluded.is_removed"
        ),
        &changes.envelopes,
    )
    .column(|envelope| envelope.pool.uuid())
    .number(|envelope| envelope.no)
    .column(|envelope| envelope.member.map(|member| member.uuid()))
    .column(|envelope| text::scope(envelope.scope))
    .credits(|envelope| envelope.cap)
    .column(|envelope| envelope.is_removed)
    .done()
}

pub(super) fn new_envelope_uses<'a>(
    changes: &'a Changes,
    loaded: &Loaded,
) -> Result<Write<'a>, LedgerError> {
    let moves = changes.envelope_moves.iter();
    Table::of(
        "",
        concat!(
            "INSERT INTO envelope_use(",
            columns!(ENVELOPE_USE),
            ") SELECT n.*,0,0 FROM {} AS n \
             ON CONFLICT DO NOTHING"
        ),
        moves.filter(|change| !loaded.has_envelope_use(change)),
    )
    .column(|change| change.pool.uuid())
    .number(|change| change.envelope)
    .column(|change| change.window)
    .unguarded()
    .done()
}

/// Likewise.
pub(super) fn moved_envelope_uses(changes: &Changes) -> Result<Write<'_>, LedgerError> {
    Table::of(
        "an envelope's posted + pending <= cap",
        "UPDATE envelope_use u SET posted=u.posted+n.posted, pending=u.pending+n.pending \
         FROM {} \
         AS n(pool,envelope,win,posted,pending,unasked) \
         WHERE u.pool=n.pool AND u.envelope=n.envelope AND u.win=n.win \
         AND (n.posted+n.pending<=n.unasked \
         OR EXISTS(SELECT 1 FROM envelope e WHERE e.pool=n.pool AND e.no=n.envelope \
         AND u.posted+n.posted+u.pending+n.pending-n.unasked<=e.cap))",
        &changes.envelope_moves,
    )
    .column(|change| change.pool.uuid())
    .number(|change| change.envelope)
    .column(|change| change.window)
    .credits(|change| change.posted)
    .credits(|change| change.pending)
    .credits(|change| change.unasked)
    .done()
}
