//! Everything an open studio is made of, shared by its routes and its tasks.

use std::future::Future;
use std::path::PathBuf;

use anyai_catalog::{Api, Provider};
use anyai_ledger_db::Ledger;
use anyai_secrets::Secret;
use anyai_units::{MemberId, UtcMillis};
use sha2::{Digest, Sha256};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access::Access;
use crate::assets::AssetStore;
use crate::checkpoints::Signer;
use crate::gateway::{Gateway, Route};
use crate::history::{History, StudioIdentity};
use crate::keys::KeyRing;
use crate::local::PricesInForce;
use crate::options::{Clock, Upkeep};
use crate::overruns::Overruns;
use crate::recompute::Recompute;
use crate::turns::{LeasesSeen, LiveTurns, Questions, SeenBalance, TokenCounter};

/// An open studio.
#[derive(Debug)]
pub(crate) struct Studio {
    pub(crate) identity: StudioIdentity,
    pub(crate) data_folder: PathBuf,
    pub(crate) clock: Clock,
    pub(crate) prices: PricesInForce,
    pub(crate) tokens: TokenCounter,
    pub(crate) ledger: Ledger,
    pub(crate) history: History,
    pub(crate) assets: AssetStore,
    pub(crate) keys: KeyRing,
    pub(crate) gateway: Gateway,
    pub(crate) overruns: Overruns,
    pub(crate) access: Access,
    pub(crate) live: LiveTurns,
    pub(crate) seen_balance: SeenBalance,
    pub(crate) upkeep: Upkeep,
    /// Other programs may work on the same ledger.
    pub(crate) is_shared: bool,
    pub(crate) leases_seen: LeasesSeen,
    pub(crate) recompute: Recompute,
    pub(crate) questions: Questions,
    pub(crate) signer: Signer,
    pub(crate) tasks: TaskTracker,
    /// No new turns are taken, and long polls answer at once.
    pub(crate) stopping: CancellationToken,
    /// Turns under way end as interrupted.
    pub(crate) interrupt: CancellationToken,
    /// Tasks stop where they are, as in a crash.
    pub(crate) gone: CancellationToken,
}

impl Studio {
    /// Starts a task that a shutdown waits for. It answers `None` when the studio went away first.
    pub(crate) fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<Option<T>> {
        let gone = self.gone.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                biased;
                () = gone.cancelled() => None,
                value = task => Some(value),
            }
        })
    }

    /// When a hold that is seen through at `now` may be taken to be nobody's.
    pub(crate) fn lease_until(&self, now: UtcMillis) -> UtcMillis {
        let lease = i64::try_from(self.upkeep.lease.as_millis());
        now.plus_millis(lease.unwrap_or(i64::MAX))
    }

    /// The way to a model's provider, at the address this studio calls it at.
    pub(crate) fn route(
        &self,
        model: &str,
        provider: Provider,
        api: Api,
        key: Option<Secret>,
    ) -> Route {
        let prices = self.prices.get();
        let base_url = prices
            .address(model)
            .or_else(|| self.keys.base_url(provider));
        let base_url = base_url.map(str::to_owned);
        Route {
            provider,
            api,
            base_url,
            key,
        }
    }

    /// A member's name for providers: stable, and nothing can be read from it.
    pub(crate) fn end_user(&self, member: MemberId) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.identity.pool.uuid().as_bytes());
        hasher.update(member.uuid().as_bytes());
        let digest = hasher.finalize();
        digest
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}
