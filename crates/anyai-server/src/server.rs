//! The handle a host holds: open, route, serve, shut down.

use anyai_secrets::Secret;
use anyai_units::PoolId;
use axum::Router;
use tokio::net::TcpListener;

use crate::open_error::OpenError;
use crate::options::ServerOptions;

/// An open studio. Dropping it without [`StudioServer::shutdown`] is like a crash: turns under way
/// stop where they are, and the next opening makes their money and their record true.
#[derive(Debug)]
pub struct StudioServer {}

impl StudioServer {
    /// Opens the studio in a folder: checks its files, ends what an earlier run left open.
    ///
    /// # Errors
    /// [`OpenError`], with the file concerned; nothing was changed.
    pub async fn open(options: ServerOptions) -> Result<Self, OpenError> {
        let _ = options;
        Err(OpenError::Broken {
            what: "not landed".to_owned(),
        })
    }

    /// The API as a tower service. It may be called in-process, and cloned freely.
    #[must_use]
    pub fn router(&self) -> Router {
        Router::new()
    }

    /// Serves the API on a socket until [`StudioServer::shutdown`].
    ///
    /// # Errors
    /// When the socket fails.
    pub async fn serve(&self, listener: TcpListener) -> std::io::Result<()> {
        axum::serve(listener, self.router()).await
    }

    /// Takes no new turns, lets those under way end within the grace, ends the rest as interrupted
    /// with what they wrote kept, and closes the files.
    pub async fn shutdown(&self) {}

    /// The owner's token: always with [`crate::OwnerAccess::ThisRun`], and with
    /// [`crate::OwnerAccess::Kept`] only in the run that minted it.
    #[must_use]
    pub fn owner_token(&self) -> Option<&Secret> {
        None
    }

    /// The pool of this studio.
    #[must_use]
    pub fn pool_id(&self) -> PoolId {
        PoolId::from_uuid(uuid::Uuid::nil())
    }
}
