//! Clocks that disagree. Months begin, grants end and days turn by the server's clock, and the ledger never
//! goes back in time: an entry dated a year ahead keeps its pool there for a year.

use anyai_ledger_db::{Ledger, LedgerError};
use anyai_units::{PoolId, UtcMillis};

use crate::open_error::OpenError;
use crate::options::Clock;

/// How far the clocks of servers that share a ledger may be from their database's.
const DIFFERENCE_MAX_MS: i64 = 30 * 1_000;

/// How far ahead of the clock a ledger's last entry may be: a clock that is set right does no harm.
const AHEAD_MAX_MS: i64 = AN_HOUR_MS;
const AN_HOUR_MS: i64 = 60 * 60 * 1_000;

/// Refuses a server on a shared ledger whose clock is wrong, before it has written anything.
pub(crate) async fn check_shared(ledger: &Ledger, clock: &Clock) -> Result<(), OpenError> {
    let read = ledger.clock().await;
    let there = read.map_err(|error| OpenError::Database {
        problem: error.to_string(),
    })?;
    let Some(there) = there else {
        return Ok(());
    };
    let here = clock.now();
    let ahead_ms = here.millis().saturating_sub(there.millis());
    if ahead_ms.saturating_abs() <= DIFFERENCE_MAX_MS {
        return Ok(());
    }
    Err(OpenError::ClockWrong { here, there })
}

/// When the ledger's last entry is dated, if that is further ahead of the clock than clocks are set.
pub(crate) async fn dated_ahead(
    ledger: &Ledger,
    pool: PoolId,
    now: UtcMillis,
) -> Result<Option<UtcMillis>, LedgerError> {
    let last = ledger.last_at(pool).await?;
    Ok(last.filter(|last| last.millis().saturating_sub(now.millis()) > AHEAD_MAX_MS))
}

/// Says in the log what an operator has to know.
pub(crate) fn warn_when_dated_ahead(dated: UtcMillis, now: UtcMillis) {
    // Rounds down: at least so many hours.
    let hours = dated.millis().saturating_sub(now.millis()) / AN_HOUR_MS;
    tracing::error!(
        hours,
        "the ledger's last entry is dated {hours} hours after this computer's clock: the clock is wrong \
         now, or it was when that was written; until then no month begins by itself, and an owner can \
         grant its credits by an order (`anyai admin adjust`)"
    );
}
