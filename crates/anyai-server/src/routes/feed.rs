//! GET `/v1/ledger/stream?after=`: the ledger's pages, pushed as they are written.
//!
//! A page is read when its reader is ready for it, so a slow one holds up nobody and nothing waits
//! for it in memory. An event's id is the life of the ledger and the last sequence of its page: a
//! reader that comes back with it goes on there, or from the start when the ledger is another one.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use anyai_wire::api::{LedgerChanges, PAGE_ROWS_MAX};
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, stream};
use http::HeaderMap;
use serde::Deserialize;
use tokio::sync::watch;

use crate::access::Caller;
use crate::answer::Failure;
use crate::credits;
use crate::extract::QueryOf;
use crate::studio::Studio;

/// How often a silent stream shows that it is alive, and whether a month has begun is looked at.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Where to go on from.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct After {
    after: Option<u64>,
}

pub(super) async fn stream(
    State(studio): State<Arc<Studio>>,
    caller: Caller,
    QueryOf(query): QueryOf<After>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Failure> {
    let came_back = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(Place::parse);
    let place = came_back.unwrap_or(Place {
        epoch: None,
        after: query.after.unwrap_or(0),
    });
    // Before the first page is read: what is committed in between wakes it too.
    let head = studio.ledger.watch(studio.identity.pool);
    let reader = Reader {
        studio,
        caller,
        place,
        head,
        has_read: false,
    };
    let events = stream::unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((Ok(event), reader))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT)))
}

/// How far a reader is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    epoch: Option<String>,
    after: u64,
}

impl Place {
    /// Reads what [`Place::id`] wrote.
    fn parse(id: &str) -> Option<Self> {
        let (epoch, after) = id.split_once('.')?;
        Some(Self {
            epoch: Some(epoch.to_owned()),
            after: after.parse().ok()?,
        })
    }

    fn id(&self) -> String {
        let epoch = self.epoch.as_deref().unwrap_or_default();
        format!("{epoch}.{}", self.after)
    }
}

struct Reader {
    studio: Arc<Studio>,
    caller: Caller,
    place: Place,
    head: watch::Receiver<u64>,
    has_read: bool,
}

impl Reader {
    /// The next page; the first one always, so that a reader knows the balance.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let page = match self.page().await {
                Ok(page) => page,
                Err(error) => {
                    tracing::warn!(?error, "a reader of the ledger is let go: {error:?}");
                    return None;
                }
            };
            if !page.entries.is_empty() || !self.has_read {
                self.has_read = true;
                return self.event(&page);
            }
            let after = self.place.after;
            tokio::select! {
                _ = self.head.wait_for(|head| *head > after) => {}
                () = tokio::time::sleep(HEARTBEAT) => {}
                () = self.studio.stopping.cancelled() => return None,
            }
        }
    }

    async fn page(&mut self) -> Result<LedgerChanges, Failure> {
        let rows = PAGE_ROWS_MAX;
        let page = credits::page(&self.studio, self.caller, self.place.after, rows).await?;
        let is_another = self.place.epoch.as_ref() != Some(&page.epoch);
        let is_lost = self.place.epoch.is_some() && is_another;
        self.place.epoch = Some(page.epoch.clone());
        if !is_lost && self.place.after <= page.head_sequence {
            return Ok(page);
        }
        self.place.after = 0;
        Ok(credits::page(&self.studio, self.caller, 0, rows).await?)
    }

    fn event(&mut self, page: &LedgerChanges) -> Option<Event> {
        if let Some(last) = page.entries.last() {
            self.place.after = last.sequence;
        }
        let json = serde_json::to_string(page).ok()?;
        Some(Event::default().id(self.place.id()).data(json))
    }
}
