//! A studio server in this process, served on loopback, in front of a simulator the test holds or of
//! other programs that stand for the providers.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyai_catalog::Catalogue;
use anyai_secrets::{ServerKeys, SessionKeys};
use anyai_server::{
    Clock, Database, Endpoints, KeySources, LocalServers, Manners, OwnerAccess, ServerOptions,
    StudioServer, Upkeep,
};
use anyai_simulator::{Options, Simulator};
use anyai_studio::simulated_providers;
use anyai_wire::{DoorOpen, KeyKeeping};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::house::Stands;
use crate::verify::{Verified, verify};

const GRACE: Duration = Duration::from_secs(5);

/// Who stands for a provider on this machine is asked after a clip as often as one likes.
const POLL_WAIT_MAX: Duration = Duration::from_millis(100);

/// The operator's key for every provider; a simulator has to be told of it.
pub const OPERATORS_KEY: &str = "key-of-the-operator";

/// A studio server for others. It must be finished.
pub struct TestServer {
    server: Arc<StudioServer>,
    /// Serves until it is dropped.
    serving: JoinSet<()>,
    address: SocketAddr,
    token: String,
    simulator: Option<Simulator>,
    folder: TempDir,
    finished: bool,
}

impl TestServer {
    /// A server with a new pool on this plan.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(plan: &str) -> Self {
        Self::with_simulator(plan, Options::default()).await
    }

    /// The same with providers that behave in this way.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn with_simulator(plan: &str, options: Options) -> Self {
        let started = simulated_providers(options).await;
        let (endpoints, simulator) = started.expect("a simulator starts");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = server_options(folder.path(), endpoints, plan);
        Self::open(folder, options, Some(simulator)).await
    }

    /// A server with a key of its operator for each of these providers. Nothing of it is simulated as
    /// far as the server knows.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn with_providers(plan: &str, stands: Stands) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let variables = stands.base_urls.keys().map(|provider| {
            let name = format!("ANYAI_KEY_{}", provider.to_uppercase());
            (OsString::from(name), OsString::from(OPERATORS_KEY))
        });
        let operator = ServerKeys::load(variables, None).expect("the keys are in order");
        let endpoints = Endpoints {
            base_urls: stands.base_urls,
            simulated_key: None,
        };
        let usual = server_options(folder.path(), endpoints, plan);
        let options = ServerOptions {
            keys: KeySources {
                operator,
                ..usual.keys
            },
            catalogue: Arc::new(with_switched_on(&usual.catalogue, &stands.switched_on)),
            upkeep: Upkeep {
                poll_wait_max: POLL_WAIT_MAX.min(stands.upkeep.poll_wait_max),
                ..stands.upkeep
            },
            manners: stands.manners,
            ..usual
        };
        Self::open(folder, options, None).await
    }

    async fn open(folder: TempDir, options: ServerOptions, simulator: Option<Simulator>) -> Self {
        let server = StudioServer::open(options).await;
        let server = Arc::new(server.unwrap_or_else(|error| panic!("the server opens: {error}")));
        let token = server.owner_token().expect("a new server mints a token");
        let token = token.expose().to_string();
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a loopback port");
        let address = listener.local_addr().expect("a port has an address");
        let mut serving = JoinSet::new();
        let served = Arc::clone(&server);
        serving.spawn(async move { served.serve(listener).await.expect("the server serves") });
        Self {
            server,
            serving,
            address,
            token,
            simulator,
            folder,
            finished: false,
        }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The owner's token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The door to it, for its owner.
    #[must_use]
    pub fn door(&self) -> DoorOpen {
        remote(self.url(), self.token.clone())
    }

    /// The door to it for another person of the same pool.
    ///
    /// # Panics
    /// When no token can be stored.
    pub async fn door_for_another(&self) -> DoorOpen {
        let token = self.server.mint_token(false).await;
        let token = token.unwrap_or_else(|error| panic!("a token: {error}"));
        remote(self.url(), token.expose().to_string())
    }

    /// The simulator behind it.
    ///
    /// # Panics
    /// When others stand for its providers.
    #[must_use]
    pub const fn simulator(&self) -> &Simulator {
        self.simulator.as_ref().expect("providers are simulated")
    }

    /// The data folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops in order and verifies what is on disk.
    pub async fn finish(mut self) -> Verified {
        self.finished = true;
        self.server.shutdown().await;
        self.serving.shutdown().await;
        verify(self.folder.path()).await
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        assert!(
            self.finished || std::thread::panicking(),
            "a story must finish its server"
        );
    }
}

/// The door to a studio server, with the token kept until the program ends.
pub(crate) fn remote(url: String, token: String) -> DoorOpen {
    DoorOpen::Remote {
        url,
        token,
        keep: KeyKeeping::Session,
    }
}

/// The catalogue under a card that offers these models of its flag too.
fn with_switched_on(catalogue: &Catalogue, models: &[String]) -> Catalogue {
    let line = format!("switched_on = {models:?}\nversion = ");
    let card = &catalogue.documents().rate_card;
    let card = card.replacen("\nversion = ", &format!("\n{line}"), 1);
    let (catalogue, _) = Catalogue::embedded_under(&card).expect("the card loads");
    catalogue
}

fn server_options(folder: &Path, endpoints: Endpoints, plan: &str) -> ServerOptions {
    ServerOptions {
        data_folder: folder.to_owned(),
        database: Database::Folder,
        assets: anyai_server::AssetPlace::Folder,
        endpoints,
        keys: KeySources {
            operator: ServerKeys::default(),
            session: Arc::new(SessionKeys::new()),
            keychain: None,
            studio: "server".to_owned(),
        },
        catalogue: Arc::new(Catalogue::embedded().expect("the catalogue loads")),
        plan_id: plan.to_owned(),
        owner_access: OwnerAccess::Kept,
        clock: Clock::system(),
        shutdown_grace: GRACE,
        upkeep: Upkeep::default(),
        manners: Manners::default(),
        local_servers: LocalServers::none(),
    }
}
