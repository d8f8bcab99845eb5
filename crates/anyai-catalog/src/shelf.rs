//! Models of one kind with their price lines: found by id, priced at an instant.

use std::collections::HashMap;

use anyai_units::UtcMillis;

use crate::catalogue::CatalogueError;
use crate::image::ImageModel;
use crate::media_price::{ImagePrice, VideoPrice};
use crate::model::{Model, ModelId};
use crate::price::Price;
use crate::video::VideoModel;

/// A model of any kind.
pub(crate) trait Listed {
    fn id(&self) -> &ModelId;
    fn is_served(&self, at: UtcMillis) -> bool;
}

/// A price line of any kind.
pub(crate) trait Dated {
    fn effective_from(&self) -> UtcMillis;
}

/// Models in the order of the documents, each with its price lines in date order.
#[derive(Clone, Debug)]
pub(crate) struct Shelf<M, P> {
    models: Vec<M>,
    prices: Vec<Vec<P>>,
    index: HashMap<ModelId, usize>,
}

impl<M: Listed, P: Dated> Shelf<M, P> {
    pub(crate) fn new(models: Vec<M>, prices: Vec<Vec<P>>) -> Self {
        let index = models.iter().enumerate();
        let index = index.map(|(at, model)| (model.id().clone(), at)).collect();
        Self {
            models,
            prices,
            index,
        }
    }

    pub(crate) fn models(&self) -> &[M] {
        &self.models
    }

    /// Every model with a price at an instant, served or not.
    pub(crate) fn priced(&self, at: UtcMillis) -> impl Iterator<Item = (&M, &P)> {
        let lines = self.models.iter().zip(&self.prices);
        lines.filter_map(move |(model, lines)| Some((model, price_at(lines, at)?)))
    }

    pub(crate) fn offered(&self, at: UtcMillis) -> impl Iterator<Item = (&M, &P)> {
        self.priced(at)
            .filter(move |(model, _)| model.is_served(at))
    }

    pub(crate) fn model(&self, id: &str) -> Result<&M, CatalogueError> {
        self.position(id).map(|at| &self.models[at])
    }

    pub(crate) fn offer(&self, id: &str, at: UtcMillis) -> Result<(&M, &P), CatalogueError> {
        let model = self.model(id)?;
        if !model.is_served(at) {
            return Err(CatalogueError::ShutDown {
                model: model.id().clone(),
            });
        }
        self.price(id, at).map(|price| (model, price))
    }

    pub(crate) fn price(&self, id: &str, at: UtcMillis) -> Result<&P, CatalogueError> {
        let position = self.position(id)?;
        price_at(&self.prices[position], at).ok_or_else(|| CatalogueError::NotYetPriced {
            model: self.models[position].id().clone(),
        })
    }

    pub(crate) fn days(&self) -> impl Iterator<Item = UtcMillis> {
        self.prices.iter().flatten().map(Dated::effective_from)
    }

    fn position(&self, id: &str) -> Result<usize, CatalogueError> {
        let position = self.index.get(id).copied();
        position.ok_or_else(|| CatalogueError::UnknownModel {
            model: id.to_owned(),
        })
    }
}

/// The last line that is in force; lines are in date order.
fn price_at<P: Dated>(lines: &[P], at: UtcMillis) -> Option<&P> {
    lines.iter().rev().find(|line| line.effective_from() <= at)
}

/// Every kind has these fields.
macro_rules! listed {
    ($($model:ident with $price:ident),*) => {$(
        impl Listed for $model {
            fn id(&self) -> &ModelId { &self.id }
            fn is_served(&self, at: UtcMillis) -> bool { self.is_served(at) }
        }

        impl Dated for $price {
            fn effective_from(&self) -> UtcMillis { self.effective_from }
        }
    )*};
}

listed!(Model with Price, ImageModel with ImagePrice, VideoModel with VideoPrice);
