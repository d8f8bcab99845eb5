//! The monthly statement: one period as a value that anybody can add up again.

use std::collections::{BTreeMap, HashMap};

use anyai_units::{Credits, MemberId, PoolId, TurnId, UtcMillis};

use crate::amount::{add, subtract};
use crate::{
    Account, Checkpoint, CostBasis, Digest, Entry, EntryKind, Grant, GrantKind, Head, HoldRecord,
    Period, PeriodBounds, PoolState, Refusal, SeqRange, WorkKind,
};

/// The rows a statement is made of. Entries and holds of other periods may be among them.
#[derive(Clone, Copy, Debug)]
pub struct StatementRows<'a> {
    /// The instant it is made for: what is due by then is among the rows, written or not.
    pub as_of: UtcMillis,
    /// The pool's last entry that is written.
    pub head: Head,
    /// The pool's row.
    pub pool: &'a PoolState,
    /// The period's row.
    pub period: &'a Period,
    /// Every entry that touches the period, in order.
    pub entries: &'a [Entry],
    /// Every grant that was made in the period.
    pub grants: &'a [Grant],
    /// Every hold of the period.
    pub holds: &'a [HoldRecord],
    /// The pool's last signed head.
    pub checkpoint: Option<Checkpoint>,
}

/// One period of a pool, as of an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The pool.
    pub pool: PoolId,
    /// This life of the pool.
    pub epoch: Digest,
    /// The period.
    pub bounds: PeriodBounds,
    /// What came and went.
    pub totals: StatementTotals,
    /// A line for each hold that ended, in the order of their ends.
    pub lines: Vec<StatementLine>,
    /// What each member spent and has held.
    pub members: BTreeMap<MemberId, MemberTotals>,
    /// The instant it was made for.
    pub as_of: UtcMillis,
    /// The pool's last written entry when the statement was made, and its hash.
    pub head: Head,
    /// How many entries after the head it counts: what time alone did by then, and the pool's next
    /// command writes.
    pub unwritten: u64,
    /// The pool's last signed head.
    pub checkpoint: Option<Checkpoint>,
}

/// The sums of a period: `opening + granted + refunded + returned - revoked - expired - carried -
/// charged - held = closing`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatementTotals {
    /// Left over from earlier periods when this one began.
    pub opening: Credits,
    /// Granted in the period, by kind; refunds are not among them.
    pub granted: BTreeMap<GrantKind, Credits>,
    /// Charges given back in the period.
    pub refunded: Credits,
    /// Given back in the period by holds of earlier ones.
    pub returned: Credits,
    /// Taken back unused.
    pub revoked: Credits,
    /// Expired unused.
    pub expired: Credits,
    /// Gone on to later periods.
    pub carried: Credits,
    /// Charged by settled holds.
    pub charged: Credits,
    /// The ceilings of the holds that are still open.
    pub held: Credits,
    /// What is free to spend.
    pub closing: Credits,
}

/// How one hold ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// The turn.
    pub turn: TurnId,
    /// Who spent.
    pub member: MemberId,
    /// The model.
    pub model: String,
    /// What kind of work.
    pub kind: WorkKind,
    /// What the person was shown.
    pub estimate: Credits,
    /// The most it could be charged.
    pub ceiling: Credits,
    /// What it was charged; zero when it was voided.
    pub charged: Credits,
    /// Where the charge came from; `None` when it was voided.
    pub basis: Option<CostBasis>,
    /// Why it was voided.
    pub reason: Option<String>,
    /// When it ended.
    pub at: UtcMillis,
    /// The entries that say so.
    pub entries: SeqRange,
}

/// A member's part of a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MemberTotals {
    /// Charged by their settled holds.
    pub charged: Credits,
    /// The ceilings of their open holds.
    pub held: Credits,
}

/// Makes the statement of a period.
///
/// # Errors
/// Refused when the rows do not add up to each other: what is not right is not stated.
pub fn statement(rows: &StatementRows<'_>) -> Result<Statement, Refusal> {
    let disagree = Refusal::BooksDisagree { pool: rows.pool.id };
    let totals = totals(rows)?;
    let members = members(rows)?;
    let lines = lines(rows)?;
    let period = rows.period;
    let charged = sum(lines.iter().map(|line| line.charged))?;
    let by_member = |part: fn(&MemberTotals) -> Credits| sum(members.values().map(part));
    let is_sound = totals.charged == period.posted
        && totals.held == period.pending
        && totals.expired == period.expired
        && totals.closing == left_of(period)?
        && totals.charged == charged
        && totals.charged == by_member(|totals| totals.charged)?
        && totals.held == by_member(|totals| totals.held)?;
    if !is_sound {
        return Err(disagree);
    }
    Ok(Statement {
        pool: rows.pool.id,
        epoch: rows.pool.epoch,
        bounds: period.bounds,
        totals,
        lines,
        members,
        as_of: rows.as_of,
        head: rows.head,
        unwritten: rows.pool.seq.saturating_sub(rows.head.seq),
        checkpoint: rows.checkpoint,
    })
}

fn left_of(period: &Period) -> Result<Credits, Refusal> {
    let taken = [period.posted, period.pending, period.expired];
    taken.into_iter().try_fold(period.granted, subtract)
}

fn totals(rows: &StatementRows<'_>) -> Result<StatementTotals, Refusal> {
    let kinds = rows.grants.iter().map(|grant| (&*grant.source, grant.kind));
    let kinds: HashMap<&str, GrantKind> = kinds.collect();
    let mut totals = StatementTotals::default();
    for entry in rows.entries {
        totals.take(rows.period.bounds.no, entry, &kinds)?;
    }
    let granted = sum(totals.granted.values().copied())?;
    let came = [totals.opening, granted, totals.refunded, totals.returned];
    let went = [
        totals.revoked,
        totals.expired,
        totals.carried,
        totals.charged,
        totals.held,
    ];
    totals.closing = subtract(sum(came)?, sum(went)?)?;
    Ok(totals)
}

impl StatementTotals {
    /// Counts an entry, as far as it touches the period `no`.
    fn take(
        &mut self,
        no: u32,
        entry: &Entry,
        kinds: &HashMap<&str, GrantKind>,
    ) -> Result<(), Refusal> {
        use Account::{Available, Held};
        let (free, held) = (Available(no), Held(no));
        let (debit, credit, amount) = (entry.debit, entry.credit, entry.amount);
        if debit == held {
            self.held = subtract(self.held, amount)?;
        }
        let sum = match entry.kind {
            EntryKind::Hold if credit == held => &mut self.held,
            EntryKind::Grant if credit == free => {
                let source = entry.reason.as_deref().unwrap_or_default();
                let pool = entry.pool;
                let kind = kinds.get(source).ok_or(Refusal::BooksDisagree { pool })?;
                self.granted.entry(*kind).or_default()
            }
            EntryKind::Refund if credit == free => &mut self.refunded,
            EntryKind::Revoke if debit == free => &mut self.revoked,
            EntryKind::Expire if debit == free || debit == held => &mut self.expired,
            EntryKind::Settle if debit == held => &mut self.charged,
            EntryKind::Carry if debit == free || debit == held => &mut self.carried,
            EntryKind::Carry if credit == free => match debit {
                Held(_) => &mut self.returned,
                _ => &mut self.opening,
            },
            _ => return Ok(()),
        };
        *sum = add(*sum, amount)?;
        Ok(())
    }
}

fn holds_of<'a>(rows: &StatementRows<'a>) -> impl Iterator<Item = &'a HoldRecord> {
    let no = rows.period.bounds.no;
    rows.holds.iter().filter(move |hold| hold.period == no)
}

fn lines(rows: &StatementRows<'_>) -> Result<Vec<StatementLine>, Refusal> {
    let mut lines = Vec::new();
    for hold in holds_of(rows).filter(|hold| !hold.state.is_open()) {
        let end = hold.resolved_at.zip(hold.resolved_by);
        let (at, entries) = end.ok_or(Refusal::BooksDisagree { pool: hold.pool })?;
        lines.push(StatementLine {
            turn: hold.turn,
            member: hold.member,
            model: hold.model.clone(),
            kind: hold.kind,
            estimate: hold.estimate,
            ceiling: hold.ceiling,
            charged: hold.charged.unwrap_or_default(),
            basis: hold.basis,
            reason: hold.reason.clone(),
            at,
            entries,
        });
    }
    lines.sort_by_key(|line| line.entries.first);
    Ok(lines)
}

fn members(rows: &StatementRows<'_>) -> Result<BTreeMap<MemberId, MemberTotals>, Refusal> {
    let mut members = BTreeMap::<MemberId, MemberTotals>::new();
    for hold in holds_of(rows) {
        let totals = members.entry(hold.member).or_default();
        if hold.state.is_open() {
            totals.held = add(totals.held, hold.ceiling)?;
        } else {
            totals.charged = add(totals.charged, hold.charged.unwrap_or_default())?;
        }
    }
    Ok(members)
}

fn sum(parts: impl IntoIterator<Item = Credits>) -> Result<Credits, Refusal> {
    parts.into_iter().try_fold(Credits::ZERO, add)
}
