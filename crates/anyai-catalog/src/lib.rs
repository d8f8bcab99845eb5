//! Models, rate card and plans as data; usage in, charge out.
//!
//! Pure: the documents are embedded or handed in as text, instants are passed in, amounts are
//! integers. A model that is not listed has no price: it is refused by name, never guessed.

mod catalogue;
mod charge;
mod documents;
mod load;
mod model;
mod plan;
mod price;
mod rate_card;

pub use catalogue::{Catalogue, CatalogueError, LocalModel};
pub use charge::{Charge, ChargeError, ChargeLine, LineKind, Usage};
pub use documents::{DocumentKind, Documents};
pub use load::LoadError;
pub use model::{
    Api, Effort, EffortKnob, EffortWire, ImageTokens, Modalities, Model, ModelId, Provider,
    Thinking, Tokenizer,
};
pub use plan::Plan;
pub use price::{LongContext, Price, Rates, Tier};
pub use rate_card::{RateCard, RateCardId};
