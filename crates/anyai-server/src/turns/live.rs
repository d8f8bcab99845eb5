//! Turns under way: who listens to them, and who may stop them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyai_units::TurnId;
use anyai_wire::EventFrame;
use tokio::sync::{OwnedMutexGuard, broadcast, watch};
use tokio_util::sync::CancellationToken;

use crate::doors::Doors;

/// Events a slow listener may fall behind before it reads the log instead.
const BACKLOG_EVENTS: usize = 64;

/// A turn under way.
#[derive(Debug)]
pub(crate) struct LiveTurn {
    events: broadcast::Sender<Arc<EventFrame>>,
    /// Its end was told and is on its way to the log.
    is_ending: watch::Sender<bool>,
    /// The person wants it to stop.
    pub(crate) stop: CancellationToken,
    /// Its last event is in the log.
    pub(crate) over: CancellationToken,
}

impl LiveTurn {
    /// Tells everyone who listens. The event must be in the log already, or be sure to come to it:
    /// see [`LiveTurn::tell_end`].
    pub(crate) fn tell(&self, frame: Arc<EventFrame>) {
        // Nobody listening is the usual case of a closed window.
        let _ = self.events.send(frame);
    }

    /// Tells an end that has its place in the log and follows from what is on disk. Until
    /// [`LiveTurn::end_is_written`] nobody reads the turn as it was before.
    pub(super) fn tell_end(&self, frame: Arc<EventFrame>) {
        self.is_ending.send_replace(true);
        self.tell(frame);
    }

    /// Lets readers go on: the end is in the log, or the disk did not take it yet.
    pub(super) fn end_is_written(&self) {
        self.is_ending.send_replace(false);
    }

    /// Events from now on.
    pub(crate) fn listen(&self) -> broadcast::Receiver<Arc<EventFrame>> {
        self.events.subscribe()
    }
}

/// Every turn under way, and one door per turn id for posts.
#[derive(Debug, Default)]
pub(crate) struct LiveTurns {
    turns: Mutex<HashMap<TurnId, Arc<LiveTurn>>>,
    doors: Doors<TurnId>,
}

impl LiveTurns {
    /// Registers a turn before anyone can see it.
    pub(crate) fn add(&self, id: TurnId) -> Arc<LiveTurn> {
        let live = Arc::new(LiveTurn {
            events: broadcast::channel(BACKLOG_EVENTS).0,
            is_ending: watch::channel(false).0,
            stop: CancellationToken::new(),
            over: CancellationToken::new(),
        });
        self.turns().insert(id, Arc::clone(&live));
        live
    }

    pub(crate) fn get(&self, id: TurnId) -> Option<Arc<LiveTurn>> {
        self.turns().get(&id).cloned()
    }

    /// Waits until the log has the end of this turn, if that was told. Whoever heard that a turn has
    /// ended, and asks, must not be told that it has not.
    pub(crate) async fn end_of(&self, id: TurnId) {
        if let Some(live) = self.get(id) {
            is_written(live.is_ending.subscribe()).await;
        }
    }

    /// [`LiveTurns::end_of`] every turn.
    pub(crate) async fn ends(&self) {
        let ending: Vec<_> = {
            let turns = self.turns();
            let ending = turns.values().filter(|live| *live.is_ending.borrow());
            ending.map(|live| live.is_ending.subscribe()).collect()
        };
        for told in ending {
            is_written(told).await;
        }
    }

    /// Every turn under way.
    pub(crate) fn ids(&self) -> Vec<TurnId> {
        self.turns().keys().copied().collect()
    }

    /// Takes a turn off the list: its last event is in the log, or it never began.
    pub(crate) fn remove(&self, id: TurnId) {
        if let Some(live) = self.turns().remove(&id) {
            live.over.cancel();
        }
    }

    /// Lets one post of a turn in at a time.
    pub(crate) async fn enter(&self, id: TurnId) -> OwnedMutexGuard<()> {
        self.doors.enter(id).await
    }

    fn turns(&self) -> MutexGuard<'_, HashMap<TurnId, Arc<LiveTurn>>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn is_written(mut is_ending: watch::Receiver<bool>) {
    // A turn that is gone has its end in the log.
    let _ = is_ending.wait_for(|is_ending| !is_ending).await;
}
