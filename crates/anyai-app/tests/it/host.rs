//! A host that is nothing but the trait: it keeps what it is told.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use anyai_app::{Host, Pick};
use anyai_units::{TurnId, UtcMillis};
use anyai_wire::{AppEvent, EventFrame};
use futures_util::future::BoxFuture;

pub(crate) const NOW: UtcMillis = UtcMillis::from_millis(1_795_000_000_000);

#[derive(Clone)]
pub(crate) struct TestHost {
    events: Arc<Mutex<Vec<AppEvent>>>,
    now_ms: Arc<AtomicI64>,
    /// What a desktop has; a browser has none of it.
    pub(crate) desktop: Arc<Mutex<Option<Desktop>>>,
}

/// The places of a person's machine, and what was shown of them.
#[derive(Default)]
pub(crate) struct Desktop {
    pub(crate) pictures: PathBuf,
    /// Where a file is saved to; `None` when they think better of it.
    pub(crate) save_as: Option<PathBuf>,
    pub(crate) revealed: Vec<PathBuf>,
}

impl TestHost {
    pub(crate) fn new() -> Self {
        Self {
            events: Arc::default(),
            now_ms: Arc::new(AtomicI64::new(NOW.millis())),
            desktop: Arc::default(),
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

    fn picks_files(&self) -> bool {
        self.desktop.lock().unwrap().is_some()
    }

    fn pick(&self, _what: Pick) -> BoxFuture<'static, Option<PathBuf>> {
        let desktop = self.desktop.lock().unwrap();
        let picked = desktop.as_ref().and_then(|desktop| desktop.save_as.clone());
        Box::pin(std::future::ready(picked))
    }

    fn pictures(&self) -> Option<PathBuf> {
        let desktop = self.desktop.lock().unwrap();
        desktop.as_ref().map(|desktop| desktop.pictures.clone())
    }

    fn reveal(&self, path: &Path) -> bool {
        match self.desktop.lock().unwrap().as_mut() {
            Some(desktop) => {
                desktop.revealed.push(path.to_owned());
                true
            }
            None => false,
        }
    }

    fn now(&self) -> UtcMillis {
        UtcMillis::from_millis(self.now_ms.fetch_add(1, Ordering::Relaxed))
    }
}
