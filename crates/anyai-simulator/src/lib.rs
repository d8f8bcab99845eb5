//! Loopback servers that speak the providers' wire formats.
//!
//! For trying the studio without a key and for tests. It shares no code with the client it tests,
//! only the wire. One listener serves every provider under its own path; a conversation can be
//! scripted from outside ([`Simulator::next_fault`]) or from inside the prompt:
//!
//! | in the prompt | what happens |
//! |---|---|
//! | `[[fault:NAME key=value]]` | one of the faults of [`Fault`], by its [`Fault::parse`] name |
//! | `[[fault:NAME times=2]]` | only the first two requests with this prompt |
//! | `[[pause:after=20]]` | after 20 output tokens, waits for [`Simulator::resume`] |
//! | `[[say:some words]]` | the answer is exactly these words |
//! | `[[length:tokens=500]]` | the answer has this many tokens, if the limit allows |
//! | `[[think:tokens=90]]` | so many tokens of thinking, if the request asks for thinking |
//!
//! Tokens are counted by one rule for all: see [`count_tokens`].

mod answer;
mod ask;
mod cache;
mod clip;
mod clips;
mod composer;
mod control;
mod dialect;
mod fault;
mod files;
mod form;
mod image;
mod interaction;
mod job;
mod line;
mod media_model;
mod model;
mod options;
mod order;
mod parcel;
mod performance;
mod picture;
mod pictures;
mod play;
mod provider;
mod record;
mod reply;
mod route;
mod script;
mod server;
mod simulator;
mod tempo;
mod tokens;
mod trouble;
mod turn;

pub use fault::{Fault, FaultRates, ParseFaultError, Stage};
pub use job::{Job, JobEnd, JobPace, JobPlan, JobState};
pub use media_model::{Makes, MediaModel, media_models};
pub use model::{Model, Price, models};
pub use options::{Options, Pace, RateLimit, SIMULATED_KEY, SIMULATED_KEY_PREFIX};
pub use picture::Fingerprint;
pub use provider::Provider;
pub use record::{Outcome, Purpose, Received};
pub use simulator::Simulator;
pub use tokens::count_tokens;
