//! The studio server: sign-in, ledger, gateway, history, change feed.
//!
//! One program, run inside the app or on a server. A turn is priced here, held, sent, read to its
//! end whether or not anyone listens, and settled; the client's numbers are recorded and never
//! trusted. Providers are called in `gateway` alone, with a hold the ledger has committed.

mod access;
mod answer;
mod asset_place;
mod assets;
mod charges;
mod checkpoints;
mod clocks;
mod credits;
mod doors;
mod extract;
mod gateway;
mod history;
mod jobs;
mod kept_cards;
mod keys;
mod local;
mod loose;
mod members;
mod open_error;
mod options;
mod overruns;
mod rate_card;
mod recompute;
mod routes;
mod server;
mod studio;
mod turns;
mod upkeep;

pub use asset_place::{AssetPlace, BadAssetAddress};
pub use charges::{DerivedCharges, Histories};
pub use open_error::OpenError;
pub use options::{
    Clock, Database, Endpoints, KeySources, LocalServers, Manners, OwnerAccess, ServerOptions,
    Upkeep,
};
pub use rate_card::{RateCardError, catalogue_in, install_rate_card, may_follow};
pub use server::StudioServer;
