//! One studio from a data folder: an embedded or a remote studio server joined to the app.
//!
//! The shell, the webhost, the command line and the tests all open a studio here, so that the parts
//! are put together in one place and in one way.

mod embedded;
mod in_process;
mod options;
mod provider_urls;
mod studio;

pub use embedded::simulated_providers;
pub use options::{OptionsError, StudioOptions};
pub use provider_urls::ProviderUrlsError;
pub use studio::Studio;
