//! The studio server: sign-in, ledger, gateway, history, change feed.

mod open_error;
mod options;
mod server;

pub use open_error::OpenError;
pub use options::{Clock, Endpoints, KeySources, OwnerAccess, ServerOptions};
pub use server::StudioServer;
