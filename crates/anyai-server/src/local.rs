//! Models on servers of this machine: looked for every now and then, offered at 0 credits while they
//! answer, and gone from the list when they do not.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyai_catalog::{Catalogue, LocalModel};
use anyai_estimate::Estimator;
use anyai_providers::{ErrorClass, ListModelsError, LocalModel as Found, Provider};
use anyai_units::Tokens;
use futures_util::future::join_all;
use sha2::{Digest, Sha256};

use crate::gateway::LocalLists;
use crate::options::LocalServers;
use crate::studio::Studio;

/// How long opening a studio waits for them. A port nobody listens on refuses at once.
const FIRST_LOOK_TIME_MAX: Duration = Duration::from_millis(300);
/// A server of this machine that says nothing for so long is busy.
const LOOK_TIME_MAX: Duration = Duration::from_secs(3);
/// What a model is taken to read where its server does not say.
const CONTEXT_TOKENS_UNSAID: u64 = 8_192;
/// What the catalogue takes for a window.
const CONTEXT_TOKENS_MIN: u64 = 512;
const CONTEXT_TOKENS_MAX: u64 = 100_000_000;
/// The longest answer asked of one.
const OUTPUT_TOKENS_MAX: u64 = 32_768;

/// The models of the rate card and those found here, with where these are.
#[derive(Debug)]
pub(crate) struct Prices {
    pub(crate) estimator: Estimator,
    addresses: BTreeMap<String, String>,
    /// Changes whenever a model comes or goes.
    tag: String,
}

/// The prices in force, replaced as a whole.
#[derive(Debug)]
pub(crate) struct PricesInForce {
    now: RwLock<Arc<Prices>>,
    rate_card: Arc<Catalogue>,
    servers: LocalServers,
    lists: LocalLists,
}

/// What a server answered with, last.
type Seen = BTreeMap<usize, Vec<Found>>;

impl Prices {
    fn of(
        catalogue: Arc<Catalogue>,
        addresses: BTreeMap<String, String>,
    ) -> Result<Self, NotPriced> {
        let documents = catalogue.documents();
        let mut hasher = Sha256::new();
        for part in [&documents.models, &documents.rate_card, &documents.plans] {
            hasher.update(part);
        }
        let mut first = [0; 8];
        first.copy_from_slice(&hasher.finalize()[..8]);
        let tag = format!("{:016x}", u64::from_be_bytes(first));
        Ok(Self {
            estimator: Estimator::new(catalogue)?,
            addresses,
            tag,
        })
    }

    pub(crate) fn catalogue(&self) -> &Catalogue {
        self.estimator.catalogue()
    }

    /// Where a model found on this machine is called.
    pub(crate) fn address(&self, model: &str) -> Option<&str> {
        self.addresses.get(model).map(String::as_str)
    }

    pub(crate) fn tag(&self) -> &str {
        &self.tag
    }
}

/// Why a list of models cannot be in force.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotPriced {
    #[error(transparent)]
    Catalogue(#[from] anyai_catalog::LoadError),
    #[error(transparent)]
    Tls(#[from] anyai_providers::ProviderError),
    #[error(transparent)]
    Forecast(#[from] anyai_estimate::ForecastError),
}

impl PricesInForce {
    pub(crate) fn new(rate_card: Arc<Catalogue>, servers: LocalServers) -> Result<Self, NotPriced> {
        let prices = Prices::of(Arc::clone(&rate_card), BTreeMap::new())?;
        let lists = LocalLists::within(LOOK_TIME_MAX)?;
        Ok(Self {
            now: RwLock::new(Arc::new(prices)),
            rate_card,
            servers,
            lists,
        })
    }

    pub(crate) fn get(&self) -> Arc<Prices> {
        Arc::clone(&self.now.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks every server what it has; one that is busy keeps the models it had.
    async fn look(&self, seen: &mut Seen) {
        let servers = self.servers.at.iter();
        let asked = servers.map(|(server, base_url)| self.lists.models(*server, base_url));
        let before = seen.clone();
        for (at, answer) in join_all(asked).await.into_iter().enumerate() {
            match answer {
                Ok(models) => drop(seen.insert(at, models)),
                Err(error) if is_gone(&error) => drop(seen.remove(&at)),
                Err(error) => tracing::debug!(%error, "a server of this machine does not answer"),
            }
        }
        if before != *seen {
            self.offer(seen);
        }
    }

    fn offer(&self, seen: &Seen) {
        let mut models = Vec::new();
        let mut addresses = BTreeMap::new();
        for (at, found) in seen {
            let Some((server, base_url)) = self.servers.at.get(*at) else {
                continue;
            };
            for found in found {
                // A name is one model's: the first server that has it answers for it.
                if !addresses.contains_key(&found.name) {
                    addresses.insert(found.name.clone(), base_url.clone());
                    models.push(model(*server, found));
                }
            }
        }
        if self.rate_card.with_local(&models).is_err() {
            // One that the catalogue does not take, as it has a chat, picture or clip model of that
            // name, hides none of the others.
            models.retain(|model| {
                self.rate_card
                    .with_local(std::slice::from_ref(model))
                    .is_ok()
            });
            addresses.retain(|name, _| models.iter().any(|model| model.id == *name));
        }
        let priced = self.rate_card.with_local(&models).map_err(NotPriced::from);
        match priced.and_then(|catalogue| Prices::of(Arc::new(catalogue), addresses)) {
            Ok(prices) => {
                tracing::info!(models = models.len(), "models found on this machine");
                *self.now.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(prices);
            }
            Err(error) => {
                tracing::warn!(%error, "models of this machine cannot be offered: {error}");
            }
        }
    }
}

/// Nobody listens there, or somebody who has no models.
fn is_gone(error: &ListModelsError) -> bool {
    match error {
        ListModelsError::Build(_) => true,
        ListModelsError::Provider(error) => error.class != ErrorClass::Timeout,
    }
}

fn model(server: Provider, found: &Found) -> LocalModel {
    let said = found.context_tokens.unwrap_or(CONTEXT_TOKENS_UNSAID);
    let window = said.clamp(CONTEXT_TOKENS_MIN, CONTEXT_TOKENS_MAX);
    // llama.cpp names a model by its file.
    let name = found.name.rsplit(['/', '\\']).next();
    let name = name.unwrap_or(&found.name);
    LocalModel {
        id: found.name.clone(),
        label: format!(
            "{} ({})",
            name.trim_end_matches(".gguf"),
            server_label(server)
        ),
        context_window: Tokens::new(window),
        max_output: Tokens::new((window / 2).min(OUTPUT_TOKENS_MAX)),
        image: found.reads_images,
    }
}

const fn server_label(server: Provider) -> &'static str {
    match server {
        Provider::Ollama => "Ollama",
        Provider::LmStudio => "LM Studio",
        _ => "llama.cpp",
    }
}

/// Looks once, so that an opened studio has them in its list, and then again and again.
pub(crate) async fn start(studio: &Arc<Studio>) {
    if studio.prices.servers.at.is_empty() {
        return;
    }
    let mut seen = Seen::new();
    let first = studio.prices.look(&mut seen);
    // What is not said in time is said at the next look.
    let _ = tokio::time::timeout(FIRST_LOOK_TIME_MAX, first).await;
    let owned = Arc::clone(studio);
    drop(studio.spawn(async move {
        let stopping = owned.stopping.clone();
        let again = async {
            loop {
                tokio::time::sleep(owned.prices.servers.look_every).await;
                owned.prices.look(&mut seen).await;
            }
        };
        stopping.run_until_cancelled(again).await;
    }));
}
