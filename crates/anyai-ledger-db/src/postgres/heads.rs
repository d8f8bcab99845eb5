//! One thread that looks at the heads of the pools somebody waits for, so that what another program
//! commits wakes whoever waits here. The database's own notifications would take a lock that all
//! commits share.

use std::time::Duration;

use anyai_units::PoolId;
use uuid::Uuid;

use super::fields::RowFields;
use super::session::Session;
use crate::LedgerError;
use crate::rows;
use crate::watchers::Watchers;

const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Starts the thread. It ends with the ledger.
pub(super) fn watch(watchers: &Watchers, mut session: Session) -> Result<(), LedgerError> {
    let place = session.place().to_owned();
    let weak = watchers.downgrade();
    let thread = std::thread::Builder::new().name("ledger-heads".to_owned());
    let started = thread.spawn(move || {
        while let Some(watchers) = weak.upgrade() {
            let pools: Vec<Uuid> = watchers.watched().into_iter().map(PoolId::uuid).collect();
            if !pools.is_empty() {
                match look(&mut session, &pools) {
                    Ok(heads) => watchers.announce(heads.into_iter()),
                    Err(error) => tracing::warn!(%error, "the heads of pools cannot be read"),
                }
            }
            drop(watchers);
            std::thread::sleep(LOOK_EVERY);
        }
    });
    started
        .map(drop)
        .map_err(|source| LedgerError::File { place, source })
}

fn look(session: &mut Session, pools: &[Uuid]) -> Result<Vec<(PoolId, u64)>, LedgerError> {
    session.connect()?;
    let sql = "SELECT id,seq FROM pool WHERE id=ANY($1)";
    let heads = session.rows(sql, &[&pools])?;
    let heads = heads.iter().map(|row| rows::head(&mut RowFields::of(row)));
    heads.collect()
}
