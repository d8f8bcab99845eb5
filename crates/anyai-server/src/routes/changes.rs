//! The change feeds: a mirror asks for what came after its cursor, and may wait for it.

use std::sync::Arc;
use std::time::Duration;

use anyai_wire::api::{HistoryChanges, LedgerChanges, PAGE_ROWS_MAX, WAIT_MS_MAX};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use tokio::sync::watch;

use crate::access::Caller;
use crate::answer::Failure;
use crate::credits;
use crate::extract::QueryOf;
use crate::studio::Studio;

/// A cursor, a page size, and how long to wait for the first row.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Cursor {
    #[serde(default)]
    after: u64,
    #[serde(default = "page_rows")]
    limit: u32,
    #[serde(default)]
    wait_ms: u64,
}

const fn page_rows() -> u32 {
    PAGE_ROWS_MAX
}

impl Cursor {
    fn rows(self) -> u32 {
        self.limit.clamp(1, PAGE_ROWS_MAX)
    }

    /// Waits until the head is past the cursor, the wait is over, or the studio stops.
    async fn wait(self, studio: &Studio, mut head: watch::Receiver<u64>) {
        let wait = Duration::from_millis(self.wait_ms.min(WAIT_MS_MAX));
        tokio::select! {
            _ = head.wait_for(|head| *head > self.after) => {}
            () = tokio::time::sleep(wait) => {}
            () = studio.stopping.cancelled() => {}
        }
    }
}

/// GET `/v1/ledger/changes`
pub(super) async fn ledger(
    State(studio): State<Arc<Studio>>,
    caller: Caller,
    QueryOf(cursor): QueryOf<Cursor>,
) -> Result<Json<LedgerChanges>, Failure> {
    // Before the head is read: what is committed in between wakes it too.
    let head = studio.ledger.watch(studio.identity.pool);
    let (after, rows) = (cursor.after, cursor.rows());
    let page = credits::page(&studio, caller, after, rows).await?;
    if page.head_sequence > after || cursor.wait_ms == 0 {
        return Ok(Json(page));
    }
    cursor.wait(&studio, head).await;
    Ok(Json(credits::page(&studio, caller, after, rows).await?))
}

/// GET `/v1/history/changes`
pub(super) async fn history(
    State(studio): State<Arc<Studio>>,
    caller: Caller,
    QueryOf(cursor): QueryOf<Cursor>,
) -> Result<Json<HistoryChanges>, Failure> {
    if cursor.wait_ms > 0 {
        cursor.wait(&studio, studio.history.watch()).await;
    }
    studio.live.ends().await;
    let (after, rows) = (cursor.after, cursor.rows());
    let page = studio.history.changes(caller.member, after, rows);
    Ok(Json(page.await?))
}
