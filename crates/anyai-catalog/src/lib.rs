//! Models, rate card and plans as data; usage in, charge out.
//!
//! Pure: the documents are embedded or handed in as text, instants are passed in, amounts are
//! integers. A model that is not listed has no price: it is refused by name, never guessed.

mod card_change;
mod catalogue;
mod charge;
mod documents;
mod image;
mod knob;
mod load;
mod media_charge;
mod media_estimate;
mod media_price;
mod model;
mod picture_tokens;
mod plan;
mod price;
mod price_leap;
mod prompt_cache;
mod rate_card;
mod shelf;
mod spelled;
mod video;

pub use card_change::CardChange;
pub use catalogue::{Catalogue, CatalogueError, LocalModel};
pub use charge::{Charge, ChargeError, ChargeLine, LineKind, Usage};
pub use documents::{DocumentKind, Documents};
pub use image::{FreeSize, ImageAsk, ImageModel, PixelSize};
pub use knob::{AskRefusal, Knob};
pub use load::{Each, LoadError};
pub use media_charge::{MediaCharge, MediaLine, MediaLineKind, MediaUsage};
pub use media_estimate::{MediaEstimate, MediaEstimateError};
pub use media_price::{ImagePrice, MediaRates, PicturePrice, SecondPrice, UnitPrice, VideoPrice};
pub use model::{
    Api, Effort, EffortKnob, EffortWire, ImageTokens, Modalities, Model, ModelId, Provider,
    Thinking, Tokenizer,
};
pub use picture_tokens::{GridCells, LikelyMost, ListedTokens, MadeTokens, PictureTokens};
pub use plan::Plan;
pub use price::{LongContext, Price, Rates, Tier};
pub use price_leap::PriceLeap;
pub use prompt_cache::PromptCache;
pub use rate_card::{RateCard, RateCardId};
pub use video::{ClipTokens, SecondTokens, Sound, VideoAsk, VideoModel, VideoTask};
