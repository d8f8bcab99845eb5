//! Says of every turn under way that somebody sees it through.
//!
//! A hold whose lease is over is nobody's: another program on the same ledger, or the next start,
//! asks after it. A run that is late for once loses nothing: a hold is resolved once, and whoever
//! comes second is told how.

use anyai_ledger::hold_id;
use anyai_ledger_db::{HoldRef, LedgerError};
use futures_util::future::join_all;

use crate::studio::Studio;

/// Renews the lease of every turn under way, all in the same time: they share a commit.
pub(crate) async fn renew_leases(studio: &Studio) {
    let pool = studio.identity.pool;
    let now = studio.clock.now();
    let until = studio.lease_until(now);
    let turns = studio.live.ids();
    let renewals = turns.into_iter().map(|turn| async move {
        let hold = HoldRef {
            pool,
            id: hold_id(pool, turn),
        };
        let renewed = match studio.ledger.renew(hold, until, now).await {
            // The clock was set back. Others see that somebody is there by the lease that moves.
            Ok(record) if record.expires_at > until => {
                let later = record.expires_at.plus_millis(1);
                studio.ledger.renew(hold, later, now).await
            }
            renewed => renewed,
        };
        match renewed {
            // Its credits are not held yet, or not any more.
            Ok(_) | Err(LedgerError::Refused(_)) => {}
            Err(error) => {
                tracing::warn!(%turn, %error, "the lease of {turn} is not renewed: {error}")
            }
        }
    });
    join_all(renewals).await;
}
