//! What a studio server is opened with: everything it would otherwise have to look up by itself.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyai_catalog::Catalogue;
use anyai_secrets::{KeyStore, ServerKeys};
use anyai_units::UtcMillis;

/// What a studio server is opened with.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The folder that holds `ledger.sqlite`, `history.sqlite` and `assets`. It is made when absent.
    pub data_folder: PathBuf,
    /// Where providers are found.
    pub endpoints: Endpoints,
    /// Where provider keys come from.
    pub keys: KeySources,
    /// Models, prices and plans.
    pub catalogue: Arc<Catalogue>,
    /// The plan a new pool begins with. A pool that exists keeps its own.
    pub plan_id: String,
    /// What the owner signs in with.
    pub owner_access: OwnerAccess,
    /// The server's clock.
    pub clock: Clock,
    /// How long [`crate::StudioServer::shutdown`] lets turns under way go on before it ends them as
    /// interrupted, with what they wrote kept.
    pub shutdown_grace: Duration,
    /// How often turns and holds that nobody sees through any more are looked for and ended;
    /// [`RECONCILE_EVERY`] but in tests.
    pub reconcile_every: Duration,
}

/// How often turns and holds that were left open are ended, unless somebody says otherwise.
pub const RECONCILE_EVERY: Duration = Duration::from_secs(60);

/// Where providers are found.
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    /// Base URL by catalogue id of the provider; a provider that is absent has its usual one.
    pub base_urls: BTreeMap<String, String>,
    /// The key to send when providers are simulated: no other key is needed then, and every turn,
    /// offer and receipt says it is simulated.
    pub simulated_key: Option<String>,
}

/// Where provider keys come from. The operator's come first, then the session's, then the
/// keychain's.
#[derive(Clone, Debug)]
pub struct KeySources {
    /// Keys the operator started the server with. No request can change them.
    pub operator: ServerKeys,
    /// Keys kept in memory until the program ends.
    pub session: Arc<dyn KeyStore>,
    /// The system's keychain, where there is one to use.
    pub keychain: Option<Arc<dyn KeyStore>>,
    /// The studio's name in key slots, like `embedded`.
    pub studio: String,
}

/// What the owner signs in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerAccess {
    /// A token of this run only, for the server inside the app: nothing of it is on disk.
    ThisRun,
    /// A token minted once, of which the disk holds a hash: for `anyai serve`.
    Kept,
}

/// A clock that can be replaced.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> UtcMillis + Send + Sync>);

impl Clock {
    /// A clock that reads its time from `now`.
    #[must_use]
    pub fn new(now: impl Fn() -> UtcMillis + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::new(|| {
            let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
            let millis = since_epoch.map_or(0, |elapsed| elapsed.as_millis());
            UtcMillis::from_millis(i64::try_from(millis).unwrap_or(i64::MAX))
        })
    }

    /// The instant.
    #[must_use]
    pub fn now(&self) -> UtcMillis {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
