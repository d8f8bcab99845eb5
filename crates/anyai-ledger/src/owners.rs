//! Owners: who became one by whom, and from when on two of them are two persons.
//!
//! The ledger does not know who signs in. It knows who was made an owner since it began, because that is an
//! order like any other; an owner it knows nothing of was there from the first.

use anyai_units::MemberId;

use crate::books::Books;
use crate::{Action, Order, Refusal, Rows};

/// How long somebody is an owner before they count as a second person, in milliseconds: a day, in which
/// the others can see it in the chain. Without it whoever has one owner's token makes the other person
/// himself, and agrees with himself at once.
pub const OWNER_COUNTS_AFTER_MS: i64 = 24 * 60 * 60 * 1_000;

const KEY_PREFIX: &str = "owner:";

/// The key of the order that makes a member an owner. No other order may have it.
#[must_use]
pub fn owner_key(member: MemberId) -> String {
    format!("{KEY_PREFIX}{member}")
}

/// The member an order made an owner, by its key.
#[must_use]
pub fn owner_of(key: &str) -> Option<MemberId> {
    key.strip_prefix(KEY_PREFIX)?.parse().ok()
}

/// Refuses an owner's key for anything else, and an owner without it.
pub(crate) fn check_key(order: &Order, action: &Action) -> Result<(), Refusal> {
    let is_right = match action {
        Action::MakeOwner { member } => order.key == owner_key(*member),
        _ => !order.key.starts_with(KEY_PREFIX),
    };
    if is_right {
        return Ok(());
    }
    let key = order.key.clone();
    Err(Refusal::OrderConflict { key })
}

/// Whoever orders and whoever agrees are two persons once both have been owners for a day.
pub(crate) fn check_two_persons<R: Rows>(
    rows: &mut R,
    books: &Books,
    order: &Order,
) -> Result<(), R::Error> {
    let pool = books.pool.id;
    let names = [Some(&order.actor), order.approved_by.as_ref()];
    for name in names.into_iter().flatten() {
        let Some(made) = rows.order(pool, &format!("{KEY_PREFIX}{name}"))? else {
            continue;
        };
        let entry = rows.entry(pool, made.entries.first)?;
        let since = entry.ok_or(books.disagree())?.at;
        let counts_at = since.plus_millis(OWNER_COUNTS_AFTER_MS);
        if books.at < counts_at {
            let owner = name.clone();
            return Err(Refusal::OwnerTooNew { owner, counts_at }.into());
        }
    }
    Ok(())
}

/// The order's own entry says it all; one that somebody agreed to had to be agreed to by a second person.
pub(crate) fn make<R: Rows>(
    rows: &mut R,
    books: &Books,
    member: MemberId,
    order: &Order,
) -> Result<(), R::Error> {
    let row = rows.member(books.pool.id, member)?;
    if row.is_some_and(|row| row.is_removed) {
        return Err(Refusal::MemberRemoved { member }.into());
    }
    match order.approved_by {
        Some(_) => check_two_persons(rows, books, order),
        None => Ok(()),
    }
}
