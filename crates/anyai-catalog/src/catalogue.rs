//! The catalogue: look a model up, resolve its price at an instant.

use anyai_units::{Tokens, UtcMillis};

use crate::documents::Documents;
use crate::image::ImageModel;
use crate::load::{self, LoadError};
use crate::media_price::{ImagePrice, VideoPrice};
use crate::model::{Model, ModelId, Provider};
use crate::plan::Plan;
use crate::price::Price;
use crate::prompt_cache::PromptCache;
use crate::rate_card::RateCard;
use crate::shelf::Shelf;
use crate::video::VideoModel;

/// Models, rate card and plans, checked.
#[derive(Clone, Debug)]
pub struct Catalogue {
    documents: Documents,
    pub(crate) chat: Shelf<Model, Price>,
    pub(crate) image: Shelf<ImageModel, ImagePrice>,
    pub(crate) video: Shelf<VideoModel, VideoPrice>,
    rate_card: RateCard,
    plans: Vec<Plan>,
    prompt_caches: Vec<PromptCache>,
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
    /// The model is not offered unless the rate card switches it on.
    #[error("{model} is switched off")]
    SwitchedOff {
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
        Ok(Self {
            documents,
            chat: loaded.chat,
            image: loaded.image,
            video: loaded.video,
            rate_card: loaded.rate_card,
            plans: loaded.plans,
            prompt_caches: loaded.prompt_caches,
        })
    }

    /// The models and plans of this program under a rate card of the operator's own, and the models
    /// that are left out because the card has no price for them.
    ///
    /// # Errors
    /// The first thing wrong with the card.
    pub fn embedded_under(rate_card: &str) -> Result<(Self, Vec<String>), LoadError> {
        let mut documents = Documents::embedded();
        let (models, left_out) = load::leave_out_unpriced(&documents.models, rate_card)?;
        documents.models = models;
        rate_card.clone_into(&mut documents.rate_card);
        Ok((Self::parse(documents)?, left_out))
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

    /// What is known of a provider's prompt cache; `None` when nothing can be counted on.
    #[must_use]
    pub fn prompt_cache(&self, provider: Provider) -> Option<&PromptCache> {
        let mut caches = self.prompt_caches.iter();
        caches.find(|cache| cache.provider == provider)
    }

    /// Every chat model, in the order of the documents.
    #[must_use]
    pub fn models(&self) -> &[Model] {
        self.chat.models()
    }

    /// Every model that makes pictures, in the order of the documents.
    #[must_use]
    pub fn image_models(&self) -> &[ImageModel] {
        self.image.models()
    }

    /// Every model that makes clips, in the order of the documents, those switched off among them.
    #[must_use]
    pub fn video_models(&self) -> &[VideoModel] {
        self.video.models()
    }

    /// Every chat model that is served and priced at an instant.
    pub fn offered(&self, at: UtcMillis) -> impl Iterator<Item = (&Model, &Price)> {
        self.chat.offered(at)
    }

    /// Every model that makes pictures and is served and priced at an instant.
    pub fn images_offered(
        &self,
        at: UtcMillis,
    ) -> impl Iterator<Item = (&ImageModel, &ImagePrice)> {
        self.image.offered(at)
    }

    /// Every model that makes clips, is served and priced at an instant and not switched off.
    pub fn videos_offered(
        &self,
        at: UtcMillis,
    ) -> impl Iterator<Item = (&VideoModel, &VideoPrice)> {
        let offered = self.video.offered(at);
        offered.filter(|(model, _)| self.is_switched_on(model))
    }

    /// The chat model with this id.
    ///
    /// # Errors
    /// [`CatalogueError::UnknownModel`].
    pub fn model(&self, id: &str) -> Result<&Model, CatalogueError> {
        self.chat.model(id)
    }

    /// A chat model that is served at an instant, and its price then.
    ///
    /// # Errors
    /// Any [`CatalogueError`]; never a default price.
    pub fn offer(&self, id: &str, at: UtcMillis) -> Result<(&Model, &Price), CatalogueError> {
        self.chat.offer(id, at)
    }

    /// A model that makes pictures and is served at an instant, and its price then.
    ///
    /// # Errors
    /// Any [`CatalogueError`]; never a default price.
    pub fn image_offer(
        &self,
        id: &str,
        at: UtcMillis,
    ) -> Result<(&ImageModel, &ImagePrice), CatalogueError> {
        self.image.offer(id, at)
    }

    /// A model that makes clips, is served at an instant and not switched off, and its price then.
    ///
    /// # Errors
    /// Any [`CatalogueError`]; never a default price.
    pub fn video_offer(
        &self,
        id: &str,
        at: UtcMillis,
    ) -> Result<(&VideoModel, &VideoPrice), CatalogueError> {
        let (model, price) = self.video.offer(id, at)?;
        if self.is_switched_on(model) {
            return Ok((model, price));
        }
        Err(CatalogueError::SwitchedOff {
            model: model.id.clone(),
        })
    }

    /// The price of a chat model at an instant, served or not: a turn held before a shutdown still
    /// settles at its price.
    ///
    /// # Errors
    /// [`CatalogueError::UnknownModel`] or [`CatalogueError::NotYetPriced`].
    pub fn price(&self, id: &str, at: UtcMillis) -> Result<&Price, CatalogueError> {
        self.chat.price(id, at)
    }

    /// The price of a model that makes pictures at an instant, served or not.
    ///
    /// # Errors
    /// [`CatalogueError::UnknownModel`] or [`CatalogueError::NotYetPriced`].
    pub fn image_price(&self, id: &str, at: UtcMillis) -> Result<&ImagePrice, CatalogueError> {
        self.image.price(id, at)
    }

    /// The price of a model that makes clips at an instant, served, switched on or not.
    ///
    /// # Errors
    /// [`CatalogueError::UnknownModel`] or [`CatalogueError::NotYetPriced`].
    pub fn video_price(&self, id: &str, at: UtcMillis) -> Result<&VideoPrice, CatalogueError> {
        self.video.price(id, at)
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

    /// Every instant a price line of any model begins.
    pub(crate) fn price_days(&self) -> impl Iterator<Item = UtcMillis> {
        let chat = self.chat.days();
        chat.chain(self.image.days()).chain(self.video.days())
    }

    fn is_switched_on(&self, model: &VideoModel) -> bool {
        !model.flagged || self.rate_card.switched_on.contains(&model.id)
    }
}
