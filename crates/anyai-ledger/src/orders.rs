//! Carrying out an order: once for its key, with a first entry that says who wanted it and why.

use anyai_units::{Credits, MemberId, PoolId, UtcMillis};

use crate::amount::at_least_zero;
use crate::books::{Books, Draft};
use crate::refusal::check_text;
use crate::{
    Account, Action, Effect, EntryKind, Envelope, EnvelopeMove, EnvelopeScope, Member, Order,
    OrderRecord, Ordered, Refusal, Rows, SeqRange, SpendQuery, Store,
};
use crate::{corrections, owners, plans};

/// Does what is ordered. The same order again changes nothing, and is answered with what was
/// written the first time.
///
/// # Errors
/// Refused when it says no key, no actor or no reason, when the key was used for something else, when
/// a second person is needed, and for what the action itself does not allow. A refused order is not
/// stored: its key is free.
pub fn carry_out<S: Store>(
    store: &mut S,
    pool: PoolId,
    order: &Order,
    action: &Action,
    now: UtcMillis,
) -> Result<Ordered, S::Error> {
    check_words(order)?;
    owners::check_key(order, action)?;
    let terms = action.digest(pool);
    if let Some(stored) = store.order(pool, &order.key)? {
        if stored.order != *order || stored.digest != terms {
            let key = order.key.clone();
            return Err(Refusal::OrderConflict { key }.into());
        }
        return answer_again(store, pool, stored.entries, now);
    }
    check_persons(store, pool, order)?;
    let mut books = Books::open(store, pool, now)?;
    let before = books.pool.seq;
    books.append(Draft {
        detail: Some(order.digest(terms)),
        reason: Some(order.reason.clone()),
        ..books.note(EntryKind::Order, &order.actor)
    })?;
    act(store, &mut books, order, action)?;
    books.push(Effect::PutOrder(OrderRecord {
        pool,
        order: order.clone(),
        digest: terms,
        entries: books.entries_after(before),
    }));
    let entries = books.written_after(before);
    let balance = books.close(store)?;
    Ok(Ordered { balance, entries })
}

fn check_words(order: &Order) -> Result<(), Refusal> {
    for (field, text) in [
        ("key", &order.key),
        ("actor", &order.actor),
        ("reason", &order.reason),
    ] {
        check_text(field, text)?;
        if text.trim().is_empty() {
            return Err(Refusal::TextMissing { field });
        }
    }
    check_text(
        "approved_by",
        order.approved_by.as_deref().unwrap_or_default(),
    )
}

/// Whoever was taken out of the pool orders nothing and agrees to nothing, through whichever server.
fn check_persons<R: Rows>(rows: &mut R, pool: PoolId, order: &Order) -> Result<(), R::Error> {
    let names = [Some(&order.actor), order.approved_by.as_ref()];
    for name in names.into_iter().flatten() {
        let Ok(member) = name.parse::<MemberId>() else {
            continue;
        };
        if rows.member(pool, member)?.is_some_and(|row| row.is_removed) {
            return Err(Refusal::MemberRemoved { member }.into());
        }
    }
    Ok(())
}

fn answer_again<S: Store>(
    store: &mut S,
    pool: PoolId,
    range: SeqRange,
    now: UtcMillis,
) -> Result<Ordered, S::Error> {
    let balance = crate::balance(store, pool, now)?;
    let mut entries = Vec::new();
    for seq in range.first..=range.last {
        let entry = store.entry(pool, seq)?;
        entries.push(entry.ok_or(Refusal::BooksDisagree { pool })?);
    }
    Ok(Ordered { balance, entries })
}

fn act<S: Store>(
    store: &mut S,
    books: &mut Books,
    order: &Order,
    action: &Action,
) -> Result<(), S::Error> {
    match action {
        Action::ChangePlan { plan, terms } => {
            plans::change(books, plan.clone(), *terms, &order.actor)?;
        }
        Action::Grant {
            kind,
            amount,
            priority,
            expires_at,
        } => corrections::grant(store, books, order, *kind, *amount, *priority, *expires_at)?,
        Action::Adjust { change, expires_at } => {
            corrections::adjust(store, books, order, *change, *expires_at)?;
        }
        Action::Reverse { seq, amount } => {
            corrections::reverse(store, books, order, *seq, *amount)?;
        }
        Action::TakeBack { source, cause } => {
            corrections::take_back(store, books, order, source, *cause)?;
        }
        Action::SetFrozen { frozen } => set_frozen(books, *frozen, order)?,
        Action::SetMember { member, limit } => set_member(books, *member, *limit, order)?,
        Action::RemoveMember { member } => remove_member(store, books, *member, order)?,
        Action::MakeOwner { member } => owners::make(store, books, *member, order)?,
        Action::SetEnvelope { member, scope, cap } => {
            set_envelope(store, books, (*member, *scope), *cap, order)?;
        }
        Action::RemoveEnvelope { no } => remove_envelope(store, books, *no, order)?,
    }
    Ok(())
}

/// An entry, unless it is so already: freezing twice is freezing once.
pub(crate) fn set_frozen(books: &mut Books, frozen: bool, order: &Order) -> Result<(), Refusal> {
    if books.pool.frozen == frozen {
        return Ok(());
    }
    books.pool.frozen = frozen;
    let kind = if frozen {
        EntryKind::Freeze
    } else {
        EntryKind::Thaw
    };
    books.append(Draft {
        reason: Some(order.reason.clone()),
        ..books.note(kind, &order.actor)
    })
}

fn set_member(
    books: &mut Books,
    member: MemberId,
    limit: Option<Credits>,
    order: &Order,
) -> Result<(), Refusal> {
    limit.map(at_least_zero).transpose()?;
    let row = Member {
        pool: books.pool.id,
        member,
        limit,
        is_removed: false,
    };
    put_member(books, row, order)
}

/// The limit stays, for when they are taken in again.
fn remove_member<S: Store>(
    store: &mut S,
    books: &mut Books,
    member: MemberId,
    order: &Order,
) -> Result<(), S::Error> {
    let before = store.member(books.pool.id, member)?;
    let row = Member {
        pool: books.pool.id,
        member,
        limit: before.and_then(|row| row.limit),
        is_removed: true,
    };
    Ok(put_member(books, row, order)?)
}

fn put_member(books: &mut Books, row: Member, order: &Order) -> Result<(), Refusal> {
    let account = Account::Member(row.member);
    books.append(Draft {
        detail: Some(row.digest()),
        actor: order.actor.clone(),
        ..Draft::new(EntryKind::Member, account, account, Credits::ZERO)
    })?;
    books.push(Effect::PutMember(row));
    Ok(())
}

fn set_envelope<S: Store>(
    store: &mut S,
    books: &mut Books,
    (member, scope): (Option<MemberId>, EnvelopeScope),
    cap: Credits,
    order: &Order,
) -> Result<(), S::Error> {
    at_least_zero(cap)?;
    if !scope.is_valid() {
        return Err(Refusal::InvalidEnvelope.into());
    }
    let known = store.envelopes(books.pool.id)?;
    let live = || known.iter().filter(|envelope| !envelope.is_removed);
    if let Some(same) = live().find(|known| known.member == member && known.scope == scope) {
        let envelope = Envelope { cap, ..*same };
        return Ok(put_envelope(books, envelope, Credits::ZERO, order)?);
    }
    if live().count() >= crate::order::ENVELOPES_MAX {
        let limit = crate::order::ENVELOPES_MAX;
        return Err(Refusal::TooManyEnvelopes { limit }.into());
    }
    let last = known.iter().map(|envelope| envelope.no).max();
    let envelope = Envelope {
        pool: books.pool.id,
        no: last.unwrap_or(0).saturating_add(1),
        member,
        scope,
        cap,
        is_removed: false,
    };
    let spent = spent_before(store, books, &envelope)?;
    Ok(put_envelope(books, envelope, spent, order)?)
}

/// What was charged in the window that runs, before there was an envelope around it. What is still
/// held then does not count in it. A refund leaves it as it is: these holds are not in the envelope, so
/// a refund that is taken back would not count in it again.
fn spent_before<R: Rows>(
    rows: &mut R,
    books: &Books,
    envelope: &Envelope,
) -> Result<Credits, R::Error> {
    let (from, until) = envelope.scope.range(books.period.bounds, books.at);
    let (conversation, kind) = match envelope.scope {
        EnvelopeScope::Day { .. } => (None, None),
        EnvelopeScope::Conversation(conversation) => (Some(conversation), None),
        EnvelopeScope::Modality(kind) => (None, Some(kind)),
    };
    rows.spent(&SpendQuery {
        pool: envelope.pool,
        member: envelope.member,
        conversation,
        kind,
        from,
        until,
    })
}

/// The entry's amount is what the running window starts with.
fn put_envelope(
    books: &mut Books,
    envelope: Envelope,
    spent: Credits,
    order: &Order,
) -> Result<(), Refusal> {
    let account = Account::Envelope(envelope.no);
    books.append(Draft {
        detail: Some(envelope.digest()),
        actor: order.actor.clone(),
        ..Draft::new(EntryKind::Envelope, account, account, spent)
    })?;
    books.push(Effect::PutEnvelope(envelope));
    if spent > Credits::ZERO {
        books.push(Effect::MoveEnvelope(EnvelopeMove {
            pool: envelope.pool,
            envelope: envelope.no,
            window: envelope.scope.window(books.period.bounds.no, books.at),
            posted: spent,
            pending: Credits::ZERO,
            unasked: spent,
        }));
    }
    Ok(())
}

fn remove_envelope<S: Store>(
    store: &mut S,
    books: &mut Books,
    no: u64,
    order: &Order,
) -> Result<(), S::Error> {
    let known = store.envelopes(books.pool.id)?;
    let found = known
        .into_iter()
        .find(|row| row.no == no && !row.is_removed);
    let envelope = found.ok_or(Refusal::UnknownEnvelope { envelope: no })?;
    let removed = Envelope {
        is_removed: true,
        ..envelope
    };
    Ok(put_envelope(books, removed, Credits::ZERO, order)?)
}
