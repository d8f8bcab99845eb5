//! What a host provides, and nothing more.

use std::time::{SystemTime, UNIX_EPOCH};

use anyai_units::UtcMillis;
use anyai_wire::AppEvent;
use uuid::Uuid;

/// The program around the app: a window shell, a loopback server, a test.
pub trait Host: Send + Sync + 'static {
    /// Hands an event to every window. Called in order, sometimes under a lock: it must neither
    /// block nor call a command.
    fn emit(&self, event: AppEvent);

    /// The instant.
    fn now(&self) -> UtcMillis {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        let millis = since_epoch.map_or(0, |elapsed| elapsed.as_millis());
        UtcMillis::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
    }

    /// A fresh id that sorts by time.
    fn mint_uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}
