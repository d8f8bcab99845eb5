//! How the app gets a studio: the embedded ones come from whoever composes server and app.

use std::path::PathBuf;
use std::sync::Arc;

use anyai_secrets::Secret;
use anyai_wire::WireError;
use async_trait::async_trait;
use futures_util::future::BoxFuture;

use crate::transport::Transport;

/// The doors behind which the studio server runs inside the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EmbeddedDoor {
    /// Simulated providers and practice credits.
    Simulated,
    /// The person's own provider keys.
    OwnKeys,
}

/// Starts embedded studios. Remote ones the app reaches by itself with
/// [`RemoteTransport`](crate::RemoteTransport).
#[async_trait]
pub trait StudioFactory: Send + Sync + 'static {
    /// The folder of this door's studio. The app keeps `mirror.sqlite` in it.
    fn folder(&self, door: EmbeddedDoor) -> PathBuf;

    /// Starts the studio behind `door`. `plan_id` is the monthly budget of a studio that is new;
    /// one that exists keeps what it has, and the app changes it with `PUT /v1/plan`.
    ///
    /// # Errors
    /// A data code (`DataDamaged`, `DataNewer`, `DataUnavailable`, `DiskFull`) when its files
    /// cannot be used, `PlanUnknown`, or a keychain code.
    async fn open(
        &self,
        door: EmbeddedDoor,
        plan_id: Option<&str>,
    ) -> Result<OpenedStudio, WireError>;
}

/// A studio server that was started.
pub struct OpenedStudio {
    /// How it is reached.
    pub transport: Arc<dyn Transport>,
    /// The bearer token of its owner.
    pub token: Secret,
    /// Run to its end when the door is closed or the app shuts down; drains the server.
    pub close: BoxFuture<'static, ()>,
}
