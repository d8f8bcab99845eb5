//! Derives the whole ledger again from its entries, once a day, and stops serving a pool that does not
//! agree with them.
//!
//! Every commit keeps its guards and every start checks everything; this finds what happens to the rows
//! of a server that runs for months. It reads on a connection of its own, as of one moment, a page of
//! entries at a time: whoever writes is not held up.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyai_ledger::{Action, Order};
use anyai_ledger_db::{LedgerError, Problem, Report, verify_file, verify_postgres};

use crate::options::Database;
use crate::studio::Studio;

/// Who orders a pool frozen that does not follow from its entries.
const ACTOR: &str = "ledger";

/// Where the ledger is read again.
#[derive(Clone, Debug)]
pub(crate) struct Recompute {
    database: Database,
    file: PathBuf,
}

impl Recompute {
    pub(crate) fn new(database: Database, file: &Path) -> Self {
        Self {
            database,
            file: file.to_owned(),
        }
    }

    fn read(&self) -> Result<Report, LedgerError> {
        match &self.database {
            Database::Folder => verify_file(&self.file),
            Database::Postgres(address) => verify_postgres(address.expose()),
        }
    }
}

/// Derives everything again, now and then, for as long as the studio is open. A start has just done so.
pub(crate) async fn again_and_again(studio: &Arc<Studio>) {
    loop {
        tokio::time::sleep(studio.upkeep.recompute_every).await;
        look(studio).await;
    }
}

async fn look(studio: &Studio) {
    let recompute = studio.recompute.clone();
    let read = tokio::task::spawn_blocking(move || recompute.read()).await;
    match read {
        Ok(Ok(report)) => match report.first_problem {
            None => tracing::info!(
                entries = report.entries,
                "the ledger follows from its entries"
            ),
            Some(problem) => stop_serving(studio, problem).await,
        },
        Ok(Err(error)) => {
            tracing::error!(%error, "the ledger cannot be derived again: {error}");
        }
        Err(error) => tracing::error!(%error, "the ledger cannot be derived again: {error}"),
    }
}

/// Freezes the pool: nothing new is held until an owner, who knows why, thaws it.
async fn stop_serving(studio: &Studio, problem: Problem) {
    let Problem { pool, what, .. } = problem;
    tracing::error!(what, "the ledger does not follow from its entries: {what}");
    let pool = pool.unwrap_or(studio.identity.pool);
    let now = studio.clock.now();
    let order = Order {
        key: format!("recompute {}", now.millis()),
        actor: ACTOR.to_owned(),
        reason: format!("the ledger does not follow from its entries: {what}"),
        approved_by: None,
    };
    let freeze = Action::SetFrozen { frozen: true };
    let frozen = match studio.ledger.balance(pool, now).await {
        Ok(balance) if balance.frozen => return,
        _ => studio.ledger.order(pool, order, freeze, now).await,
    };
    if let Err(error) = frozen {
        tracing::error!(%error, "the pool is not frozen: {error}");
    }
}
