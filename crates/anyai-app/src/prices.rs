//! The models, prices and plans in force, and which of the models can be called.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use anyai_catalog::{Catalogue, Documents};
use anyai_estimate::Estimator;
use anyai_wire::api::{Offers, RateCardDocuments};
use anyai_wire::{Offer, Providers, WireError};

use crate::error::internal;

/// What one rate card says.
pub(crate) struct Prices {
    /// Prices drafts, and holds the catalogue.
    pub(crate) estimator: Estimator,
    pub(crate) offers: BTreeMap<String, Offer>,
    pub(crate) switched_off: BTreeSet<String>,
    pub(crate) providers: Option<Providers>,
}

/// The prices in force, replaced as a whole.
pub(crate) struct PricesInForce(RwLock<Arc<Prices>>);

impl Prices {
    /// What this program was built with; nothing is offered until a server says so.
    pub(crate) fn embedded() -> Result<Self, WireError> {
        Self::of(Catalogue::embedded().map_err(internal)?)
    }

    pub(crate) fn from_documents(documents: RateCardDocuments) -> Result<Self, WireError> {
        let documents = Documents {
            models: documents.models,
            rate_card: documents.rate_card,
            plans: documents.plans,
        };
        Self::of(Catalogue::parse(documents).map_err(internal)?)
    }

    fn of(catalogue: Catalogue) -> Result<Self, WireError> {
        let estimator = Estimator::new(Arc::new(catalogue)).map_err(internal)?;
        Ok(Self {
            estimator,
            offers: BTreeMap::new(),
            switched_off: BTreeSet::new(),
            providers: None,
        })
    }

    pub(crate) fn catalogue(&self) -> &Catalogue {
        self.estimator.catalogue()
    }

    pub(crate) fn version(&self) -> u32 {
        self.catalogue().rate_card().id.version
    }

    /// Whether a model of a provider can be called.
    pub(crate) fn offer(&self, provider: &str, model: &str) -> Offer {
        if self.switched_off.contains(model) {
            return Offer::SwitchedOff;
        }
        self.offers.get(provider).copied().unwrap_or(Offer::NoKey)
    }

    pub(crate) fn is_callable(&self, provider: &str, model: &str) -> bool {
        matches!(
            self.offer(provider, model),
            Offer::Offered | Offer::Simulated
        )
    }

    pub(crate) fn with_offers(mut self, offers: Offers, providers: Option<Providers>) -> Self {
        self.offers = offers.by_provider;
        self.switched_off = offers.switched_off;
        self.providers = providers;
        self
    }
}

impl PricesInForce {
    pub(crate) fn new(prices: Prices) -> Self {
        Self(RwLock::new(Arc::new(prices)))
    }

    pub(crate) fn get(&self) -> Arc<Prices> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set(&self, prices: Prices) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(prices);
    }
}
