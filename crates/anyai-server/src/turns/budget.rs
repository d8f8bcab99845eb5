//! What the pool was last seen to have, so that pricing a turn need not wait for the ledger.
//!
//! It prices only turns whose whole ceiling it covers. The ledger itself refuses to hold what is not
//! there; a turn that was refused, or has to be made to fit, is priced for what the pool has now.

use std::sync::{Mutex, PoisonError};

use anyai_ledger::{Balance, WorkKind};
use anyai_ledger_db::LedgerError;
use anyai_units::{ConversationId, MemberId, UtcMillis};
use anyai_wire::Bound;
use anyai_wire::admin::Room;

use super::accept::Accepted;
use super::price::{self, Counted};
use crate::studio::Studio;

/// The balance that was last read.
#[derive(Debug, Default)]
pub(crate) struct SeenBalance(Mutex<Option<Balance>>);

impl SeenBalance {
    fn get(&self, now: UtcMillis) -> Option<Balance> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = seen.as_ref()?;
        (now < seen.period.bounds.ends_at).then(|| seen.clone())
    }

    fn set(&self, balance: &Balance) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Some(balance.clone());
    }
}

/// What to price a turn for: the balance that was seen last, if it covers the turn and is to be
/// trusted, else what the ledger says this person may spend.
pub(super) async fn room(
    studio: &Studio,
    (member, conversation): (MemberId, ConversationId),
    accepted: &Accepted,
    counted: &Counted,
    trusted: bool,
    now: UtcMillis,
) -> Result<Room, LedgerError> {
    let seen = studio.seen_balance.get(now).filter(|_| trusted);
    if let Some(seen) = seen
        && price::is_covered(studio, accepted, counted, seen.available, now)
    {
        return Ok(Room {
            left: seen.available,
            bound: Bound::Pool,
            resets_at: Some(seen.period.bounds.ends_at),
        });
    }
    let balance = studio.ledger.balance(studio.identity.pool, now).await?;
    studio.seen_balance.set(&balance);
    super::room::room(studio, member, Some(conversation), WorkKind::Chat, now).await
}
