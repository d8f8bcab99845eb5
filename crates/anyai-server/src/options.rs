//! What a studio server is opened with: everything it would otherwise have to look up by itself.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyai_catalog::Catalogue;
use anyai_providers::Limits;
use anyai_providers::Provider;
use anyai_secrets::{KeyStore, Secret, ServerKeys};
use anyai_units::{Credits, UtcMillis};

use crate::asset_place::AssetPlace;

/// A model that was started is offered within this time.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// Ten dollars' worth: a wrong price is noticed, a provider's odd recount is not.
const OVERRUN_DAY_MAX: Credits = Credits::from_millicredits(1_000_000);

/// What a studio server is opened with.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The folder that holds `history.sqlite`, `assets` and, unless it is kept elsewhere,
    /// `ledger.sqlite`. It is made when absent.
    pub data_folder: PathBuf,
    /// Where the ledger is kept.
    pub database: Database,
    /// Where pictures, clips and documents are kept.
    pub assets: AssetPlace,
    /// Where providers are found.
    pub endpoints: Endpoints,
    /// Where provider keys come from.
    pub keys: KeySources,
    /// Models, prices and plans.
    pub catalogue: Arc<Catalogue>,
    /// Which servers of this machine are looked for, whose models cost nothing.
    pub local_servers: LocalServers,
    /// The plan a new pool begins with. A pool that exists keeps its own.
    pub plan_id: String,
    /// What the owner signs in with.
    pub owner_access: OwnerAccess,
    /// The server's clock.
    pub clock: Clock,
    /// How long [`crate::StudioServer::shutdown`] lets turns under way go on before it ends them as
    /// interrupted, with what they wrote kept.
    pub shutdown_grace: Duration,
    /// When the studio looks after what was left open.
    pub upkeep: Upkeep,
    /// How providers are called.
    pub manners: Manners,
}

/// Where a studio's ledger is kept. Everything else is in its data folder.
#[derive(Clone, Debug, Default)]
pub enum Database {
    /// In `ledger.sqlite` in the data folder, which one program uses at a time.
    #[default]
    Folder,
    /// In the PostgreSQL database with this address, `postgresql://user@host/database`. Servers with
    /// folders of their own may share it: they share the one pool of that database.
    Postgres(Secret),
}

/// How providers are called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manners {
    /// How many calls to one provider may be under way; further ones wait, and members take turns.
    pub calls_per_provider: usize,
    /// How long a turn waits for its call at most.
    pub queue_time_max: Duration,
    /// How long connecting may take.
    pub connect_time_max: Duration,
    /// How long a provider may send nothing.
    pub silence_max: Duration,
    /// The same while it makes pictures.
    pub making_silence_max: Duration,
    /// The wait before a failed call is made again, where the provider names none; it doubles from
    /// there.
    pub retry_wait_first: Duration,
    /// What the house pays for a model in a day, where its provider reports more than turns were to
    /// cost at most. Above it the model is not called until less is a day young.
    pub overrun_day_max: Credits,
}

impl Default for Manners {
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            calls_per_provider: 32,
            queue_time_max: Duration::from_secs(120),
            connect_time_max: limits.connect_timeout,
            silence_max: limits.idle_timeout,
            making_silence_max: limits.making_timeout,
            retry_wait_first: Duration::from_millis(limits.retry.first_wait_ms),
            overrun_day_max: OVERRUN_DAY_MAX,
        }
    }
}

/// When a studio looks after what was left open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upkeep {
    /// How often turns and holds that nobody sees through any more are looked for and ended.
    pub reconcile_every: Duration,
    /// How long a hold is taken to be seen through after its run last said so. A run says so three
    /// times in that time, so another program on the same ledger sees within it that a run is dead.
    pub lease: Duration,
    /// How long to wait at most before a provider is asked again how far a clip is. Providers have
    /// their own manners, which count below it.
    pub poll_wait_max: Duration,
    /// How long a provider that cannot be reached is asked again what became of an answer. After it
    /// what came is charged.
    pub ask_for: Duration,
    /// How often the whole ledger is derived again from its entries while the studio is open.
    pub recompute_every: Duration,
}

impl Default for Upkeep {
    fn default() -> Self {
        Self {
            reconcile_every: Duration::from_secs(15),
            lease: Duration::from_secs(60),
            poll_wait_max: Duration::from_secs(60),
            ask_for: Duration::from_secs(48 * 60 * 60),
            recompute_every: Duration::from_secs(24 * 60 * 60),
        }
    }
}

/// Where providers are found.
#[derive(Clone, Debug, Default)]
pub struct Endpoints {
    /// Base URL by catalogue id of the provider; a provider that is absent has its usual one.
    pub base_urls: BTreeMap<String, String>,
    /// The key to send when providers are simulated: no other key is needed then, and every turn,
    /// offer and receipt says it is simulated.
    pub simulated_key: Option<String>,
}

/// The servers of this machine that are looked for: Ollama, LM Studio and llama.cpp.
#[derive(Clone, Debug)]
pub struct LocalServers {
    pub(crate) at: Vec<(Provider, String)>,
    pub(crate) look_every: Duration,
}

impl LocalServers {
    const KINDS: [Provider; 3] = [Provider::Ollama, Provider::LmStudio, Provider::LlamaCpp];

    /// None: models come from the rate card alone.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            at: Vec::new(),
            look_every: LOOK_EVERY,
        }
    }

    /// Each of the three, at the port it listens on when nobody says otherwise.
    #[must_use]
    pub fn usual() -> Self {
        let usual = |kind: Provider| Some((kind, kind.default_base_url()?.to_owned()));
        Self {
            at: Self::KINDS.into_iter().filter_map(usual).collect(),
            ..Self::none()
        }
    }

    /// Whichever of the three listens at this address.
    #[must_use]
    pub fn at(base_url: &str) -> Self {
        let there = |kind| (kind, base_url.to_owned());
        Self {
            at: Self::KINDS.into_iter().map(there).collect(),
            ..Self::none()
        }
    }

    /// The same, looked for this often.
    #[must_use]
    pub fn every(self, look_every: Duration) -> Self {
        Self { look_every, ..self }
    }
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
