//! What the pool was last seen to have, so that pricing a turn need not wait for the ledger.
//!
//! It prices only turns whose whole ceiling it covers. The ledger itself refuses to hold what is not
//! there; a turn that was refused, or has to be made to fit, is priced for what the pool has now.

use std::sync::{Mutex, PoisonError};

use anyai_ledger::Balance;
use anyai_ledger_db::LedgerError;
use anyai_units::UtcMillis;

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

/// The balance to price a turn with: the one that was seen last, if it covers the turn and is to be
/// trusted, else the ledger's.
pub(super) async fn balance(
    studio: &Studio,
    accepted: &Accepted,
    counted: &Counted,
    trusted: bool,
    now: UtcMillis,
) -> Result<Balance, LedgerError> {
    let seen = studio.seen_balance.get(now).filter(|_| trusted);
    if let Some(seen) = seen
        && price::is_covered(studio, accepted, counted, seen.available, now)
    {
        return Ok(seen);
    }
    let balance = studio.ledger.balance(studio.identity.pool, now).await?;
    studio.seen_balance.set(&balance);
    Ok(balance)
}
