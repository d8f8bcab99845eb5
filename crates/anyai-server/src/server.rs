//! The handle a host holds: open, route, serve, shut down.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyai_catalog::Catalogue;
use anyai_ledger::PlanGrant;
use anyai_ledger_db::{Ledger, LedgerError, PostgresOptions};
use anyai_secrets::{Secret, private_folder};
use anyai_tokens::{Counter, Families};
use anyai_units::{MemberId, PoolId, UtcMillis};
use axum::Router;
use axum::serve::ListenerExt as _;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::access::{self, Access};
use crate::asset_place::AssetPlace;
use crate::assets::AssetStore;
use crate::checkpoints::Signer;
use crate::clocks;
use crate::gateway::Gateway;
use crate::history::{History, HistoryError, StudioIdentity};
use crate::kept_cards;
use crate::keys::KeyRing;
use crate::local::{self, PricesInForce};
use crate::members;
use crate::open_error::OpenError;
use crate::options::{Database, OwnerAccess, ServerOptions};
use crate::overruns::Overruns;
use crate::recompute::Recompute;
use crate::routes;
use crate::studio::Studio;
use crate::turns::{LeasesSeen, LiveTurns, Questions, SeenBalance, TokenCounter, reconcile};
use crate::upkeep;

const LEDGER_FILE: &str = "ledger.sqlite";
const HISTORY_FILE: &str = "history.sqlite";
const ASSET_FOLDER: &str = "assets";
const ASIDE_FOLDER: &str = "incoming";
const LOCK_FILE: &str = "studio.lock";

/// How long interrupted turns may take to be settled.
const INTERRUPTED_TIME_MAX: Duration = Duration::from_secs(10);

/// An open studio. Dropping it without [`StudioServer::shutdown`] is like a crash: turns under way
/// stop where they are, and the next opening makes their money and their record true.
#[derive(Debug)]
pub struct StudioServer {
    studio: Arc<Studio>,
    owner_token: Option<Secret>,
    shutdown_grace: Duration,
    /// Renews leases until it is dropped.
    _leases: JoinSet<()>,
    /// Held while the studio is open; the system lets go of it when the program ends.
    lock: Mutex<Option<File>>,
}

impl StudioServer {
    /// Opens the studio in a folder: checks its files, ends what an earlier run left open.
    ///
    /// # Errors
    /// [`OpenError`], with the file concerned; nothing was changed.
    pub async fn open(options: ServerOptions) -> Result<Self, OpenError> {
        let folder = options.data_folder.clone();
        let plan = plan(&options.catalogue, &options.plan_id)?;
        let parts = load(&options)?;
        let paths = Paths::new(&folder);
        let database = options.database;
        let is_shared = matches!(database, Database::Postgres(_));
        let recompute = Recompute::new(database.clone(), &paths.ledger);
        let keeping = (database.clone(), paths.ledger.clone());
        let (lock, ledger) = blocking(move || open_ledger(&folder, &database)).await?;
        clocks::check_shared(&ledger, &options.clock).await?;
        let unread = |error| OpenError::from_ledger(error, paths.ledger.clone());
        let pools = ledger.pools().await.map_err(unread)?;
        if !is_shared && !pools.is_empty() && !paths.history.exists() {
            return Err(paths.history_missing());
        }
        let now = options.clock.now();
        let history = open_history(paths.history.clone(), now).await?;
        let identity = history.identity(fresh_identity(is_shared, now)?).await;
        let identity = identity.map_err(|error| paths.history(error))?;
        if is_foreign(is_shared, identity.pool, &pools) {
            return Err(paths.history_foreign());
        }
        let catalogue = Arc::clone(&options.catalogue);
        blocking(move || kept_cards::keep(&keeping.0, &keeping.1, &catalogue, now)).await?;
        let entered = enter_pool(&ledger, &identity, plan, now).await;
        entered.map_err(unread)?;
        let given = members::settle(&history, &ledger, &identity).await;
        given.map_err(|error| OpenError::from_reconciler(error, &paths.ledger, &paths.history))?;
        let tokens = history.tokens().await;
        let tokens = tokens.map_err(|error| paths.history(error))?;
        let assets = open_assets(options.assets, &options.data_folder, &identity.epoch).await?;
        let studio = Arc::new(Studio {
            identity,
            data_folder: options.data_folder.clone(),
            clock: options.clock,
            prices: parts.prices,
            tokens: parts.tokens,
            ledger,
            history,
            assets,
            keys: KeyRing::new(options.keys.clone(), options.endpoints),
            gateway: parts.gateway,
            overruns: Overruns::new(options.manners.overrun_day_max),
            access: Access::new(tokens),
            live: LiveTurns::default(),
            seen_balance: SeenBalance::default(),
            upkeep: options.upkeep,
            is_shared,
            leases_seen: LeasesSeen::default(),
            recompute,
            questions: Questions::default(),
            signer: Signer::new(&options.data_folder, options.keys),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
            interrupt: CancellationToken::new(),
            gone: CancellationToken::new(),
        });
        let unclear = |error| OpenError::from_reconciler(error, &paths.ledger, &paths.history);
        reconcile(&studio).await.map_err(unclear)?;
        local::start(&studio).await;
        let server = Self {
            owner_token: None,
            _leases: upkeep::start(&studio),
            studio,
            shutdown_grace: options.shutdown_grace,
            lock: Mutex::new(Some(lock)),
        };
        server.with_owner(options.owner_access, &paths).await
    }

    /// The API as a tower service. It may be called in-process, and cloned freely.
    pub fn router(&self) -> Router {
        routes::router(Arc::clone(&self.studio))
    }

    /// Serves the API on a socket until [`StudioServer::shutdown`].
    ///
    /// # Errors
    /// When the socket fails.
    pub async fn serve(&self, listener: TcpListener) -> std::io::Result<()> {
        let stopping = self.studio.stopping.clone();
        // A piece of an answer must not wait for the acknowledgement of the one before it.
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection sends in its own time: {error}");
            }
        });
        // Made once: the routes of a router itself are put together anew for every connection.
        axum::serve(listener, self.router().into_make_service())
            .with_graceful_shutdown(stopping.cancelled_owned())
            .await
    }

    /// Takes no new turns, lets those under way end within the grace, ends the rest as interrupted
    /// with what they wrote kept, and closes the files.
    pub async fn shutdown(&self) {
        let studio = &self.studio;
        studio.stopping.cancel();
        studio.tasks.close();
        let ended = tokio::time::timeout(self.shutdown_grace, studio.tasks.wait()).await;
        studio.interrupt.cancel();
        if ended.is_err() {
            let settled = tokio::time::timeout(INTERRUPTED_TIME_MAX, studio.tasks.wait()).await;
            if settled.is_err() {
                tracing::error!("turns under way could not be ended; the next start ends them");
            }
        }
        studio.gone.cancel();
        studio.history.close().await;
        self.unlock();
    }

    /// The owner's token: always with [`OwnerAccess::ThisRun`], and with [`OwnerAccess::Kept`]
    /// only in the run that minted it.
    #[must_use]
    pub fn owner_token(&self) -> Option<&Secret> {
        self.owner_token.as_ref()
    }

    /// Mints a token that stays valid over restarts. Only its hash is stored: it is shown once.
    /// An owner's token may set keys and the plan; any other may use the studio.
    ///
    /// # Errors
    /// When the history cannot store it.
    pub async fn mint_token(&self, owner: bool) -> Result<Secret, OpenError> {
        let studio = &self.studio;
        let member = if owner {
            studio.identity.owner
        } else {
            MemberId::from_uuid(Uuid::now_v7())
        };
        let (token, row) = access::mint(member, owner, studio.clock.now())?;
        let stored = studio.history.add_token(row.clone()).await;
        stored.map_err(|error| OpenError::Broken {
            what: format!("the token cannot be stored ({error})"),
        })?;
        studio.access.admit(row);
        Ok(token)
    }

    /// The pool of this studio.
    #[must_use]
    pub fn pool_id(&self) -> PoolId {
        self.studio.identity.pool
    }

    async fn with_owner(mut self, access: OwnerAccess, paths: &Paths) -> Result<Self, OpenError> {
        let studio = &self.studio;
        let kept = access == OwnerAccess::Kept;
        if kept && studio.access.has_owner() {
            return Ok(self);
        }
        let (token, row) = access::mint(studio.identity.owner, true, studio.clock.now())?;
        if kept {
            let stored = studio.history.add_token(row.clone()).await;
            stored.map_err(|error| paths.history(error))?;
        }
        studio.access.admit(row);
        self.owner_token = Some(token);
        Ok(self)
    }

    fn unlock(&self) {
        let lock = self
            .lock
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        drop(lock);
    }
}

impl Drop for StudioServer {
    fn drop(&mut self) {
        self.studio.gone.cancel();
        self.studio.stopping.cancel();
        self.unlock();
    }
}

/// Where the files are, for errors that name them.
struct Paths {
    ledger: PathBuf,
    history: PathBuf,
}

impl Paths {
    fn new(folder: &Path) -> Self {
        Self {
            ledger: folder.join(LEDGER_FILE),
            history: folder.join(HISTORY_FILE),
        }
    }

    fn history(&self, error: HistoryError) -> OpenError {
        OpenError::from_history(error, self.history.clone())
    }

    /// A new history would come with a new pool, and with another month's credits.
    fn history_missing(&self) -> OpenError {
        OpenError::HistoryMissing {
            path: self.history.clone(),
            ledger: self.ledger.clone(),
        }
    }

    fn history_foreign(&self) -> OpenError {
        OpenError::HistoryForeign {
            path: self.history.clone(),
            ledger: self.ledger.clone(),
        }
    }
}

/// Opens files without holding up the runtime.
async fn blocking<T: Send + 'static>(
    open: impl FnOnce() -> Result<T, OpenError> + Send + 'static,
) -> Result<T, OpenError> {
    let opened = tokio::task::spawn_blocking(open).await;
    opened.map_err(|error| OpenError::Broken {
        what: error.to_string(),
    })?
}

async fn open_history(file: PathBuf, now: UtcMillis) -> Result<History, OpenError> {
    blocking(move || History::open(&file, now)).await
}

fn open_ledger(folder: &Path, database: &Database) -> Result<(File, Ledger), OpenError> {
    let paths = Paths::new(folder);
    private_folder(folder).map_err(|error| OpenError::from_io(error, folder))?;
    let lock = lock(folder)?;
    let ledger = match database {
        Database::Folder => Ledger::open(&paths.ledger)
            .map_err(|error| OpenError::from_ledger(error, paths.ledger.clone())),
        Database::Postgres(address) => {
            Ledger::open_postgres(address.expose(), PostgresOptions::default()).map_err(|error| {
                OpenError::Database {
                    problem: error.to_string(),
                }
            })
        }
    };
    Ok((lock, ledger?))
}

/// Makes sure that there is a pool, and says when its ledger is ahead of the clock.
async fn enter_pool(
    ledger: &Ledger,
    identity: &StudioIdentity,
    plan: PlanGrant,
    now: UtcMillis,
) -> Result<(), LedgerError> {
    let (pool, anchor) = (identity.pool, identity.anchor);
    ledger.ensure_pool(pool, plan, anchor, now).await?;
    if let Some(dated) = clocks::dated_ahead(ledger, pool, now).await? {
        clocks::warn_when_dated_ahead(dated, now);
    }
    Ok(())
}

/// The one pool of a database that servers share: each of them knows its id, whoever makes it.
fn shared_pool() -> PoolId {
    PoolId::from_uuid(named("anyai.shared-pool.1"))
}

/// Whether a history's pool is none of its ledger's.
fn is_foreign(is_shared: bool, pool: PoolId, pools: &[PoolId]) -> bool {
    match is_shared {
        true => pool != shared_pool(),
        false => !pools.is_empty() && !pools.contains(&pool),
    }
}

fn named(name: &str) -> Uuid {
    let digest: [u8; 32] = Sha256::digest(name.as_bytes()).into();
    let mut id = [0; 16];
    id.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    Uuid::new_v8(id)
}

/// Two programs on one folder would each end what the other has under way.
fn lock(folder: &Path) -> Result<File, OpenError> {
    let path = folder.join(LOCK_FILE);
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    let file = file.map_err(|error| OpenError::from_io(error, &path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::InUse {
            folder: folder.to_owned(),
        }),
        Err(std::fs::TryLockError::Error(error)) => Err(OpenError::from_io(error, &path)),
    }
}

fn plan(catalogue: &Catalogue, plan_id: &str) -> Result<PlanGrant, OpenError> {
    let plan = catalogue
        .plan(plan_id)
        .ok_or_else(|| OpenError::PlanUnknown {
            plan_id: plan_id.to_owned(),
        })?;
    Ok(PlanGrant {
        plan: plan.id.clone(),
        amount: plan.monthly_allowance,
    })
}

/// What the program carries with it.
struct Loaded {
    prices: PricesInForce,
    tokens: TokenCounter,
    gateway: Gateway,
}

fn load(options: &ServerOptions) -> Result<Loaded, OpenError> {
    let broken = |what: String| OpenError::Broken { what };
    let prices = PricesInForce::new(
        Arc::clone(&options.catalogue),
        options.local_servers.clone(),
    )
    .map_err(|error| broken(error.to_string()))?;
    let counter = Counter::shared().map_err(|error| broken(error.to_string()))?;
    let families = Families::embedded().map_err(|error| broken(error.to_string()))?;
    let gateway = Gateway::new(options.manners, options.clock.clone());
    Ok(Loaded {
        prices,
        tokens: TokenCounter::new(counter, families),
        gateway: gateway.map_err(|error| broken(error.message))?,
    })
}

async fn open_assets(
    place: AssetPlace,
    data_folder: &Path,
    studio: &str,
) -> Result<AssetStore, OpenError> {
    let folder = data_folder.join(ASSET_FOLDER);
    // A data folder is this program's alone by its lock.
    let (is_shareable, called) = match &place {
        AssetPlace::Folder => (false, folder.clone()),
        AssetPlace::Objects(files, prefix) => (true, PathBuf::from(format!("{files}/{prefix}"))),
    };
    let failed = |error| OpenError::from_io(error, &called);
    let (files, prefix) = place.open(&folder).map_err(failed)?;
    let opened = AssetStore::open(files, prefix, data_folder.join(ASIDE_FOLDER));
    let assets = opened.map_err(failed)?;
    match !is_shareable || assets.claim(studio).await.map_err(failed)? {
        true => Ok(assets),
        false => Err(OpenError::AssetsForeign),
    }
}

fn fresh_identity(is_shared: bool, now: UtcMillis) -> Result<StudioIdentity, OpenError> {
    let mut epoch = [0_u8; 16];
    getrandom::fill(&mut epoch).map_err(|error| OpenError::Broken {
        what: format!("the system gives no random numbers ({error})"),
    })?;
    let (pool, owner) = match is_shared {
        true => (shared_pool(), named("anyai.shared-owner.1")),
        false => (PoolId::from_uuid(Uuid::now_v7()), Uuid::now_v7()),
    };
    Ok(StudioIdentity {
        pool,
        owner: MemberId::from_uuid(owner),
        epoch: epoch.iter().map(|byte| format!("{byte:02x}")).collect(),
        anchor: now,
    })
}
