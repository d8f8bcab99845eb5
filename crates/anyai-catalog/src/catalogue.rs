//! The catalogue: look a model up, resolve its price at an instant.

use std::collections::HashMap;

use anyai_units::{Tokens, UtcMillis};

use crate::documents::Documents;
use crate::load::{self, LoadError};
use crate::model::{Model, ModelId};
use crate::plan::Plan;
use crate::price::Price;
use crate::rate_card::RateCard;

/// Models, rate card and plans, checked.
#[derive(Clone, Debug)]
pub struct Catalogue {
    documents: Documents,
    models: Vec<Model>,
    index: HashMap<ModelId, usize>,
    prices: Vec<Vec<Price>>,
    rate_card: RateCard,
    plans: Vec<Plan>,
}

/// Why the catalogue does not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// No model has that id, so it has no price either.
    #[error("the catalogue has no model {model:?}")]
    UnknownModel {
        /// The id asked for.
        model: String,
    },
    /// The model's first price line lies in the future.
    #[error("the model {model} has no price yet at that time")]
    NotYetPriced {
        /// The model.
        model: ModelId,
    },
    /// The provider has shut the model down.
    #[error("the provider has shut {model} down")]
    ShutDown {
        /// The model.
        model: ModelId,
    },
}

/// A model on a server of the operator's own, as discovered there. Its turns cost nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalModel {
    /// Its name at that server.
    pub id: String,
    /// Its name for people.
    pub label: String,
    /// Input and output together.
    pub context_window: Tokens,
    /// The longest output.
    pub max_output: Tokens,
    /// Whether it takes pictures.
    pub image: bool,
}

impl Catalogue {
    /// The catalogue this program was built with.
    ///
    /// # Errors
    /// A [`LoadError`] when the embedded documents are wrong, which a test of this crate excludes.
    pub fn embedded() -> Result<Self, LoadError> {
        Self::parse(Documents::embedded())
    }

    /// Reads and checks documents.
    ///
    /// # Errors
    /// The first thing wrong with them.
    pub fn parse(documents: Documents) -> Result<Self, LoadError> {
        let loaded = load::load(&documents)?;
        let index = loaded.models.iter().enumerate();
        let index = index.map(|(at, model)| (model.id.clone(), at)).collect();
        Ok(Self {
            documents,
            index,
            models: loaded.models,
            prices: loaded.prices,
            rate_card: loaded.rate_card,
            plans: loaded.plans,
        })
    }

    /// The same catalogue with models of the operator's own server added.
    ///
    /// # Errors
    /// A [`LoadError`] when one of them has a taken id or impossible limits.
    pub fn with_local(&self, local: &[LocalModel]) -> Result<Self, LoadError> {
        let mut documents = self.documents.clone();
        documents.models.push_str(&load::local_models_text(local));
        Self::parse(documents)
    }

    /// The documents it was read from: parsing them gives this catalogue again.
    #[must_use]
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// Every model, in the order of the documents.
    #[must_use]
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// Every model that is served and priced at an instant.
    pub fn offered(&self, at: UtcMillis) -> impl Iterator<Item = (&Model, &Price)> {
        self.models
            .iter()
            .zip(&self.prices)
            .filter_map(move |(model, lines)| {
                let price = price_at(lines, at)?;
                model.is_served(at).then_some((model, price))
            })
    }

    /// The model with this id.
    ///
    /// # Errors
    /// [`CatalogueError::UnknownModel`].
    pub fn model(&self, id: &str) -> Result<&Model, CatalogueError> {
        self.position(id).map(|at| &self.models[at])
    }

    /// A model that is served at an instant, and its price then.
    ///
    /// # Errors
    /// Any [`CatalogueError`]; never a default price.
    pub fn offer(&self, id: &str, at: UtcMillis) -> Result<(&Model, &Price), CatalogueError> {
        let position = self.position(id)?;
        let model = &self.models[position];
        if !model.is_served(at) {
            return Err(CatalogueError::ShutDown {
                model: model.id.clone(),
            });
        }
        self.price(id, at).map(|price| (model, price))
    }

    /// The price of a model at an instant, served or not: a turn held before a shutdown still
    /// settles at its price.
    ///
    /// # Errors
    /// [`CatalogueError::UnknownModel`] or [`CatalogueError::NotYetPriced`].
    pub fn price(&self, id: &str, at: UtcMillis) -> Result<&Price, CatalogueError> {
        let position = self.position(id)?;
        price_at(&self.prices[position], at).ok_or_else(|| CatalogueError::NotYetPriced {
            model: self.models[position].id.clone(),
        })
    }

    /// The rate card's heading.
    #[must_use]
    pub fn rate_card(&self) -> &RateCard {
        &self.rate_card
    }

    /// The plans, smallest first.
    #[must_use]
    pub fn plans(&self) -> &[Plan] {
        &self.plans
    }

    /// The plan with this id.
    #[must_use]
    pub fn plan(&self, id: &str) -> Option<&Plan> {
        self.plans.iter().find(|plan| plan.id == id)
    }

    fn position(&self, id: &str) -> Result<usize, CatalogueError> {
        self.index
            .get(id)
            .copied()
            .ok_or_else(|| CatalogueError::UnknownModel {
                model: id.to_owned(),
            })
    }
}

/// The last line that is in force; lines are in date order.
fn price_at(lines: &[Price], at: UtcMillis) -> Option<&Price> {
    lines.iter().rev().find(|line| line.effective_from <= at)
}
