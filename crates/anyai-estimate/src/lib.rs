//! What a draft turn will cost on every model: low, likely, high and a binding ceiling.
//!
//! Pure: counts, the catalogue and the instant come in, an [`Estimate`] comes out. The app shows
//! it, the server computes it again with the same functions and holds the ceiling, and the request
//! sends the output limit that makes the ceiling true.

mod attached;
mod ceiling;
mod draft;
mod drivers;
mod estimate;
mod estimator;
mod forecast;
pub mod learning;
pub mod report;
pub mod savers;

pub use attached::Attached;
pub use draft::{DraftTurn, History};
pub use drivers::{Driver, Source};
pub use estimate::{DoesNotFit, Estimate, EstimateError};
pub use estimator::{Estimator, family_of};
pub use forecast::ForecastError;
