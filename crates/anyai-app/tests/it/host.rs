//! A host that is nothing but the trait: it keeps what it is told.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use anyai_app::Host;
use anyai_units::{TurnId, UtcMillis};
use anyai_wire::{AppEvent, EventFrame};

pub(crate) const NOW: UtcMillis = UtcMillis::from_millis(1_795_000_000_000);

#[derive(Clone)]
pub(crate) struct TestHost {
    events: Arc<Mutex<Vec<AppEvent>>>,
    now_ms: Arc<AtomicI64>,
}

impl TestHost {
    pub(crate) fn new() -> Self {
        Self {
            events: Arc::default(),
            now_ms: Arc::new(AtomicI64::new(NOW.millis())),
        }
    }

    pub(crate) fn events(&self) -> Vec<AppEvent> {
        self.events.lock().unwrap().clone()
    }

    pub(crate) fn forget_events(&self) {
        self.events.lock().unwrap().clear();
    }

    /// The frames of one turn, in the order they were heard.
    pub(crate) fn frames(&self, id: TurnId) -> Vec<EventFrame> {
        let frames = self.events().into_iter().filter_map(|event| match event {
            AppEvent::Turn(frame) => Some(frame),
            _ => None,
        });
        frames.filter(|frame| frame.turn_id == id).collect()
    }

    pub(crate) fn sequences(&self, id: TurnId) -> Vec<u64> {
        self.frames(id).iter().map(|frame| frame.sequence).collect()
    }
}

impl Host for TestHost {
    fn emit(&self, event: AppEvent) {
        self.events.lock().unwrap().push(event);
    }

    fn now(&self) -> UtcMillis {
        UtcMillis::from_millis(self.now_ms.fetch_add(1, Ordering::Relaxed))
    }
}
