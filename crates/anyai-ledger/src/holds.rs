//! Commands that begin a hold and carry it on: hold, dispatch, mark unknown.

use anyai_units::{Credits, HoldId, UtcMillis};

use crate::amount::{at_least_zero, subtract};
use crate::books::{Books, Draft};
use crate::effect::{Effect, GrantMove, PeriodMove};
use crate::limits::Limits;
use crate::refusal::check_text;
use crate::{
    Account, Allocation, EntryKind, HoldRecord, HoldRequest, HoldState, Refusal, Store, hold_id,
};

/// The answer to a hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placed {
    /// The credits are set aside by this command.
    New(HoldRecord),
    /// The same turn was held before; this is where it stands.
    Existing(HoldRecord),
}

/// Sets a turn's ceiling aside, or refuses it. This is the only command that can run out of
/// credits: what is held can always be settled.
///
/// # Errors
/// Refused when the ceiling does not fit, when the turn was held with another fingerprint, and
/// when the pool is frozen. A refused turn is not stored.
pub fn hold<S: Store>(
    store: &mut S,
    request: &HoldRequest,
    now: UtcMillis,
) -> Result<Placed, S::Error> {
    hold_as(store, request, HoldState::Held, now)
}

/// [`hold`] and [`dispatch`] in one: for work that is sent as soon as this is stored.
///
/// # Errors
/// As [`hold`].
pub fn hold_dispatched<S: Store>(
    store: &mut S,
    request: &HoldRequest,
    now: UtcMillis,
) -> Result<Placed, S::Error> {
    hold_as(store, request, HoldState::Dispatched, now)
}

fn hold_as<S: Store>(
    store: &mut S,
    request: &HoldRequest,
    state: HoldState,
    now: UtcMillis,
) -> Result<Placed, S::Error> {
    at_least_zero(request.estimate)?;
    at_least_zero(request.ceiling)?;
    check_text("model", &request.model)?;
    if let Some(existing) = store.hold(hold_id(request.pool, request.turn))? {
        if existing.fingerprint != request.fingerprint {
            return Err(Refusal::IdempotencyConflict { turn: request.turn }.into());
        }
        return Ok(Placed::Existing(existing));
    }
    let mut books = Books::open(store, request.pool, now)?;
    let limits = Limits::around(store, &books, &request.room_query())?;
    let mut record = new_record(&books, request, state);
    record.envelopes = limits.check(request)?;
    place(&mut books, &mut record)?;
    books.close(store)?;
    Ok(Placed::New(record))
}

fn new_record(books: &Books, request: &HoldRequest, state: HoldState) -> HoldRecord {
    HoldRecord {
        id: hold_id(request.pool, request.turn),
        pool: request.pool,
        member: request.member,
        turn: request.turn,
        fingerprint: request.fingerprint,
        period: books.period.bounds.no,
        state,
        estimate: request.estimate,
        ceiling: request.ceiling,
        charged: None,
        overrun: Credits::ZERO,
        basis: None,
        price_version: request.price_version,
        model: request.model.clone(),
        kind: request.kind,
        conversation: request.conversation,
        allocations: Vec::new(),
        envelopes: Vec::new(),
        provider_op: None,
        reason: None,
        expires_at: request.expires_at,
        created_at: books.at,
        dispatched_at: (state == HoldState::Dispatched).then_some(books.at),
        unknown_since: None,
        resolved_at: None,
        resolved_by: None,
    }
}

fn place(books: &mut Books, record: &mut HoldRecord) -> Result<(), Refusal> {
    let no = record.period;
    books.move_period(PeriodMove {
        pending: record.ceiling,
        ..books.period_move(no)
    })?;
    record.allocations = allocate(books, record.ceiling)?;
    books.push_uses(record, Credits::ZERO, record.ceiling);
    books.push(Effect::PutHold(record.clone()));
    books.append(Draft {
        hold: Some(record.id),
        detail: Some(record.terms_digest()),
        actor: record.member.to_string(),
        ..Draft::new(
            EntryKind::Hold,
            Account::Available(no),
            Account::Held(no),
            record.ceiling,
        )
    })
}

/// Covers the ceiling by the pool's grants, in the order of spending.
fn allocate(books: &mut Books, ceiling: Credits) -> Result<Vec<Allocation>, Refusal> {
    let mut uncovered = ceiling;
    let mut allocations = Vec::new();
    for at in 0..books.grants.len() {
        let Some(grant) = books.grants.get(at) else {
            break;
        };
        let amount = grant.left().ok_or(books.disagree())?.min(uncovered);
        if amount == Credits::ZERO {
            continue;
        }
        let no = grant.no;
        uncovered = subtract(uncovered, amount)?;
        books.move_grant(GrantMove {
            held: amount,
            ..books.grant_move(no)
        })?;
        allocations.push(Allocation {
            grant: no,
            amount,
            used: Credits::ZERO,
        });
    }
    if uncovered == Credits::ZERO {
        Ok(allocations)
    } else {
        Err(books.disagree())
    }
}

/// `held -> dispatched`: after this commit, and only then, the provider may be called.
///
/// # Errors
/// Refused when the hold is not held, and when its member was taken out of the pool.
pub fn dispatch<S: Store>(
    store: &mut S,
    hold: HoldId,
    provider_op: Option<String>,
    now: UtcMillis,
) -> Result<HoldRecord, S::Error> {
    let record = known(store, hold)?;
    if record.state != HoldState::Held {
        return Err(Refusal::WrongState {
            hold,
            state: record.state,
        }
        .into());
    }
    check_text("provider_op", provider_op.as_deref().unwrap_or_default())?;
    let member = record.member;
    if store
        .member(record.pool, member)?
        .is_some_and(|row| row.is_removed)
    {
        return Err(Refusal::MemberRemoved { member }.into());
    }
    store.apply(vec![Effect::Dispatch {
        hold,
        provider_op: provider_op.clone(),
        at: now,
    }])?;
    Ok(HoldRecord {
        state: HoldState::Dispatched,
        provider_op,
        dispatched_at: Some(now),
        ..record
    })
}

/// Stores the provider's own name for the work.
///
/// # Errors
/// Refused when the hold is neither dispatched nor unknown.
pub fn note_provider_op<S: Store>(
    store: &mut S,
    hold: HoldId,
    provider_op: String,
) -> Result<(), S::Error> {
    let record = known(store, hold)?;
    if !matches!(record.state, HoldState::Dispatched | HoldState::Unknown) {
        return Err(Refusal::WrongState {
            hold,
            state: record.state,
        }
        .into());
    }
    check_text("provider_op", &provider_op)?;
    store.apply(vec![Effect::NoteProviderOp { hold, provider_op }])
}

/// Lengthens the lease of a hold whose work goes on. A lease is never shortened.
///
/// # Errors
/// Refused when the hold has ended.
pub fn renew<S: Store>(
    store: &mut S,
    hold: HoldId,
    expires_at: UtcMillis,
) -> Result<HoldRecord, S::Error> {
    let record = known(store, hold)?;
    let state = record.state;
    if !state.is_open() {
        return Err(Refusal::WrongState { hold, state }.into());
    }
    if expires_at <= record.expires_at {
        return Ok(record);
    }
    store.apply(vec![Effect::Renew { hold, expires_at }])?;
    Ok(HoldRecord {
        expires_at,
        ..record
    })
}

/// `dispatched -> unknown`: nobody knows what became of it. Its credits stay held, so the cap
/// holds whatever comes out.
///
/// # Errors
/// Refused when the hold is not dispatched; one that is unknown already is an answer.
pub fn mark_unknown<S: Store>(
    store: &mut S,
    hold: HoldId,
    now: UtcMillis,
) -> Result<HoldRecord, S::Error> {
    let record = known(store, hold)?;
    match record.state {
        HoldState::Unknown => return Ok(record),
        HoldState::Dispatched => {}
        state => return Err(Refusal::WrongState { hold, state }.into()),
    }
    store.apply(vec![Effect::MarkUnknown { hold, at: now }])?;
    Ok(HoldRecord {
        state: HoldState::Unknown,
        unknown_since: Some(now),
        ..record
    })
}

pub(crate) fn known<S: Store>(store: &mut S, hold: HoldId) -> Result<HoldRecord, S::Error> {
    Ok(store.hold(hold)?.ok_or(Refusal::UnknownHold { hold })?)
}
