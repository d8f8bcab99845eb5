//! How a simulator behaves: its seed, its pace, its keys and its bad days.

use std::path::PathBuf;
use std::time::Duration;

use crate::fault::FaultRates;
use crate::job::JobPace;

/// Any key that starts with this is accepted.
pub const SIMULATED_KEY_PREFIX: &str = "sim-";

/// A key every simulator accepts.
pub const SIMULATED_KEY: &str = "sim-key";

/// How a simulator behaves. The default is a quick, faultless one.
#[derive(Clone, Debug)]
pub struct Options {
    /// Answers are a function of this, the conversation and the model.
    pub seed: u64,
    /// How fast answers come.
    pub pace: Pace,
    /// How long jobs take, unless their prompt says so.
    pub jobs: JobPace,
    /// How often a request fails without being told to, by seed and request number.
    pub faults: FaultRates,
    /// Keys accepted besides those with [`SIMULATED_KEY_PREFIX`].
    pub keys: Vec<String>,
    /// How many requests a minute each provider answers before it refuses.
    pub rate_limit: Option<RateLimit>,
    /// Whether a repeated prompt prefix is billed as cached.
    pub prompt_cache: bool,
    /// Whether request bodies are kept for [`crate::Received::body`].
    pub keep_bodies: bool,
    /// Whether Responses answers can be asked after, although requests say `store: false`: what a
    /// provider does that keeps them; and whether OpenRouter's records of answers are there yet.
    pub keep_answers: bool,
    /// The folder in which orders of clips are kept for a day, so that another simulator goes on with
    /// them; without, they end with this one.
    pub kept_in: Option<PathBuf>,
    /// The loopback port; 0 takes a free one.
    pub port: u16,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            seed: 1,
            pace: Pace::Instant,
            jobs: JobPace::default(),
            faults: FaultRates::NONE,
            keys: Vec::new(),
            rate_limit: None,
            prompt_cache: true,
            keep_bodies: false,
            keep_answers: false,
            kept_in: None,
            port: 0,
        }
    }
}

/// How fast answers come. All waiting is on tokio's clock, so a paused clock skips it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// No waiting at all.
    Instant,
    /// As a model of that size does: small ones start in a quarter of a second and run at 140
    /// tokens a second, large ones take about one and run at 50.
    Natural,
    /// The same for every model.
    Fixed {
        /// From the request to the first output token.
        first_token: Duration,
        /// Output tokens a second; 0 counts as 1.
        tokens_per_second: u32,
    },
}

/// A limit on requests, per provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests answered in any 60 seconds.
    pub requests_per_minute: u32,
}
