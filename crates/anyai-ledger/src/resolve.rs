//! Commands that end a hold: settle, void, and what time does to one nobody ends.

use anyai_units::{Credits, HoldId, UtcMillis};

use crate::amount::{add, at_least_zero, negate, subtract};
use crate::books::{Books, Draft};
use crate::effect::{Effect, GrantMove, HoldEnd, PeriodMove};
use crate::holds::{known, mark_unknown};
use crate::plans::revoke_returned;
use crate::refusal::TEXT_LIMIT_BYTES;
use crate::{
    Account, Allocation, CostBasis, CostReport, EntryKind, Grant, HoldRecord, HoldState, Refusal,
    Resolution, SeqRange, Settlement, Store, Voided,
};

/// Charges a sent hold: its cost, at most its ceiling. What the provider reports above the ceiling
/// is the house's; what the hold did not need goes back. It cannot run out of credits.
///
/// # Errors
/// Refused when the hold was never dispatched, or the cost is negative. A hold that ended before is
/// an answer, and nothing is charged for it again.
pub fn settle<S: Store>(
    store: &mut S,
    hold: HoldId,
    report: CostReport,
    now: UtcMillis,
) -> Result<Resolution, S::Error> {
    let cost = at_least_zero(report.cost)?;
    let record = known(store, hold)?;
    if let Some(ended) = ended(&record)? {
        return Ok(ended);
    }
    let state = record.state;
    if state == HoldState::Held {
        return Err(Refusal::WrongState { hold, state }.into());
    }
    let charged = cost.min(record.ceiling);
    let charge = Charge {
        charged,
        overrun: subtract(cost, charged)?,
        basis: report.basis,
    };
    let mut books = Books::open(store, record.pool, now)?;
    let before = books.pool.seq;
    let returns = take_allocations(store, &mut books, &record, charged)?;
    append_settlement(&mut books, &record, charge, &returns)?;
    let entries = books.entries_after(before);
    books.push(Effect::Resolve(HoldEnd {
        hold,
        charged: Some(charged),
        used: returns.used,
        overrun: charge.overrun,
        basis: Some(charge.basis),
        reason: None,
        at: books.at,
        entries,
    }));
    revoke_returned(&mut books)?;
    books.close(store)?;
    Ok(Resolution::Settled(settlement(&record, charge, entries)?))
}

/// What a settlement charges, and whom.
#[derive(Clone, Copy)]
struct Charge {
    /// The pool, at most the ceiling.
    charged: Credits,
    /// The house, the rest.
    overrun: Credits,
    basis: CostBasis,
}

fn append_settlement(
    books: &mut Books,
    record: &HoldRecord,
    charge: Charge,
    returns: &Returns,
) -> Result<(), Refusal> {
    let (hold, from) = (record.id, Account::Held(record.period));
    let Charge {
        charged,
        overrun,
        basis,
    } = charge;
    let digest = Settlement::report_digest(hold, charged, overrun, basis);
    let (settle, revenue) = (EntryKind::Settle, Account::HouseRevenue);
    books.append(Draft {
        hold: Some(hold),
        detail: Some(digest),
        ..Draft::new(settle, from, revenue, charged)
    })?;
    if returns.released > Credits::ZERO {
        append_release(books, record, EntryKind::Release, returns.released, None)?;
    }
    give_back(books, record, charged, returns)?;
    if overrun > Credits::ZERO {
        let from = Account::HouseOverrun;
        books.append(Draft {
            hold: Some(hold),
            ..Draft::new(EntryKind::Overrun, from, revenue, overrun)
        })?;
    }
    Ok(())
}

fn settlement(
    record: &HoldRecord,
    charge: Charge,
    entries: SeqRange,
) -> Result<Settlement, Refusal> {
    Ok(Settlement {
        hold: record.id,
        charged: charge.charged,
        returned: subtract(record.ceiling, charge.charged)?,
        overrun: charge.overrun,
        basis: charge.basis,
        entries,
    })
}

/// Gives a hold back whole.
///
/// # Errors
/// Refused when there is no such hold. A hold that ended before is an answer.
pub fn void<S: Store>(
    store: &mut S,
    hold: HoldId,
    reason: &str,
    now: UtcMillis,
) -> Result<Resolution, S::Error> {
    let record = known(store, hold)?;
    if let Some(ended) = ended(&record)? {
        return Ok(ended);
    }
    let mut books = Books::open(store, record.pool, now)?;
    let before = books.pool.seq;
    let reason = shortened(reason).to_owned();
    let returns = take_allocations(store, &mut books, &record, Credits::ZERO)?;
    let words = Some(reason.clone());
    append_release(
        &mut books,
        &record,
        EntryKind::Void,
        returns.released,
        words,
    )?;
    give_back(&mut books, &record, Credits::ZERO, &returns)?;
    let entries = books.entries_after(before);
    books.push(Effect::Resolve(HoldEnd {
        hold,
        charged: None,
        used: returns.used,
        overrun: Credits::ZERO,
        basis: None,
        reason: Some(reason.clone()),
        at: books.at,
        entries,
    }));
    revoke_returned(&mut books)?;
    books.close(store)?;
    Ok(Resolution::Voided(Voided {
        hold,
        returned: record.ceiling,
        reason,
        entries,
    }))
}

/// What time did to a hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lapse {
    /// It was never sent, and is voided.
    Voided,
    /// It was sent, and nobody knows what became of it.
    Unknown,
    /// Nothing: it ended before, or its time has not come.
    Nothing,
}

/// Ends a hold past its time if it was never sent; asks for it if it was.
///
/// # Errors
/// Refused when there is no such hold.
pub fn expire<S: Store>(store: &mut S, hold: HoldId, now: UtcMillis) -> Result<Lapse, S::Error> {
    let record = known(store, hold)?;
    if record.expires_at > now {
        return Ok(Lapse::Nothing);
    }
    match record.state {
        HoldState::Held => void(store, hold, "expired", now).map(|_| Lapse::Voided),
        HoldState::Dispatched => mark_unknown(store, hold, now).map(|_| Lapse::Unknown),
        HoldState::Unknown | HoldState::Settled | HoldState::Voided => Ok(Lapse::Nothing),
    }
}

/// How a hold ended, when it did.
fn ended(record: &HoldRecord) -> Result<Option<Resolution>, Refusal> {
    let disagree = Refusal::BooksDisagree { pool: record.pool };
    let hold = record.id;
    if record.state.is_open() {
        return Ok(None);
    }
    let entries = record.resolved_by.ok_or(disagree.clone())?;
    let resolution = match record.state {
        HoldState::Settled => {
            let charge = Charge {
                charged: record.charged.ok_or(disagree.clone())?,
                overrun: record.overrun,
                basis: record.basis.ok_or(disagree)?,
            };
            Resolution::AlreadySettled(settlement(record, charge, entries)?)
        }
        _ => Resolution::AlreadyVoided(Voided {
            hold,
            returned: record.ceiling,
            reason: record.reason.clone().unwrap_or_default(),
            entries,
        }),
    };
    Ok(Some(resolution))
}

/// Where the part of a hold goes that was not charged.
struct Returns {
    /// What each allocation was charged, in their order.
    used: Vec<Credits>,
    /// Back to the hold's own period, which is the current one.
    released: Credits,
    /// To the house: the grant has expired meanwhile. Each with the grant's source.
    expired: Vec<(String, Credits)>,
    /// On to the current period: the hold's is over, its grant is not.
    carried: Vec<(String, Credits)>,
}

/// Takes the charge from the hold's grants in the order they were allocated, and frees the rest.
fn take_allocations<S: Store>(
    store: &mut S,
    books: &mut Books,
    record: &HoldRecord,
    charged: Credits,
) -> Result<Returns, S::Error> {
    let mut uncharged = charged;
    let mut uncovered = record.ceiling;
    let mut returns = Returns {
        used: Vec::with_capacity(record.allocations.len()),
        released: Credits::ZERO,
        expired: Vec::new(),
        carried: Vec::new(),
    };
    let is_current = record.period == books.period.bounds.no;
    for allocation in &record.allocations {
        let used = allocation.amount.min(uncharged);
        uncharged = subtract(uncharged, used)?;
        uncovered = subtract(uncovered, allocation.amount)?;
        let grant = store.grant(record.pool, allocation.grant)?;
        let grant = grant.ok_or(books.disagree())?;
        free_allocation(books, allocation, &grant, used, &mut returns, is_current)?;
    }
    if uncovered != Credits::ZERO {
        return Err(books.disagree().into());
    }
    Ok(returns)
}

fn free_allocation(
    books: &mut Books,
    allocation: &Allocation,
    grant: &Grant,
    used: Credits,
    returns: &mut Returns,
    is_current: bool,
) -> Result<(), Refusal> {
    let Allocation {
        grant: no, amount, ..
    } = *allocation;
    let back = subtract(amount, used)?;
    let is_expired = grant.is_expired(books.at);
    if back > Credits::ZERO {
        let source = grant.source.clone();
        match (is_expired, is_current) {
            (true, _) => returns.expired.push((source, back)),
            (false, true) => returns.released = add(returns.released, back)?,
            (false, false) => returns.carried.push((source, back)),
        }
    }
    returns.used.push(used);
    let expired = if is_expired { back } else { Credits::ZERO };
    books.adopt_grant(grant);
    books.move_grant(GrantMove {
        used,
        held: negate(amount)?,
        expired,
        ..books.grant_move(no)
    })
}

/// Moves the sums of the hold's period, and writes the entries of what leaves it.
fn give_back(
    books: &mut Books,
    record: &HoldRecord,
    charged: Credits,
    returns: &Returns,
) -> Result<(), Refusal> {
    books.push_uses(record, charged, negate(record.ceiling)?);
    let (no, current) = (record.period, books.period.bounds.no);
    let sum = |parts: &[(String, Credits)]| {
        parts
            .iter()
            .try_fold(Credits::ZERO, |sum, (_, part)| add(sum, *part))
    };
    let (expired, carried) = (sum(&returns.expired)?, sum(&returns.carried)?);
    books.move_period(PeriodMove {
        granted: negate(carried)?,
        posted: charged,
        pending: negate(record.ceiling)?,
        expired,
        ..books.period_move(no)
    })?;
    for (source, amount) in &returns.expired {
        append_leg(
            books,
            record,
            EntryKind::Expire,
            Account::HouseBreakage,
            source.clone(),
            *amount,
        )?;
    }
    for (source, amount) in &returns.carried {
        books.move_period(PeriodMove {
            granted: *amount,
            ..books.period_move(current)
        })?;
        append_leg(
            books,
            record,
            EntryKind::Carry,
            Account::Available(current),
            source.clone(),
            *amount,
        )?;
    }
    Ok(())
}

fn append_release(
    books: &mut Books,
    record: &HoldRecord,
    kind: EntryKind,
    amount: Credits,
    reason: Option<String>,
) -> Result<(), Refusal> {
    let no = record.period;
    books.append(Draft {
        hold: Some(record.id),
        reason,
        ..Draft::new(kind, Account::Held(no), Account::Available(no), amount)
    })
}

fn append_leg(
    books: &mut Books,
    record: &HoldRecord,
    kind: EntryKind,
    to: Account,
    source: String,
    amount: Credits,
) -> Result<(), Refusal> {
    books.append(Draft {
        hold: Some(record.id),
        reason: Some(source),
        ..Draft::new(kind, Account::Held(record.period), to, amount)
    })
}

/// A void must not fail for its words: a long reason is cut at a character.
fn shortened(reason: &str) -> &str {
    let end = reason.floor_char_boundary(TEXT_LIMIT_BYTES);
    reason.get(..end).unwrap_or_default()
}
