//! What every request's handling shares, and what a test changes while it runs.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::cache::PromptCache;
use crate::composer;
use crate::fault::{Fault, FaultRates, Stage};
use crate::files::Files;
use crate::job::{JobPlan, Jobs};
use crate::options::{Options, RateLimit};
use crate::provider::Provider;
use crate::record::Recorder;
use crate::script::Script;

/// What every request's handling shares.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) options: Options,
    pub(crate) recorder: Recorder,
    pub(crate) cache: PromptCache,
    pub(crate) jobs: Jobs,
    pub(crate) files: Files,
    address: SocketAddr,
    levers: Mutex<Levers>,
    pub(crate) resumed: watch::Sender<u64>,
    pub(crate) paused: watch::Sender<usize>,
    closing: watch::Sender<bool>,
}

/// What tests pull while requests are under way.
#[derive(Debug)]
pub(crate) struct Levers {
    pub(crate) queue: VecDeque<(Stage, Fault)>,
    pub(crate) plans: VecDeque<JobPlan>,
    pub(crate) rates: FaultRates,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) answered: HashMap<Provider, VecDeque<Instant>>,
    asked: HashMap<(Stage, u64), u64>,
    kept: HashMap<String, serde_json::Value>,
}

impl Control {
    pub(crate) fn new(options: Options, address: SocketAddr) -> Self {
        let levers = Levers {
            queue: VecDeque::new(),
            plans: VecDeque::new(),
            rates: options.faults,
            rate_limit: options.rate_limit,
            answered: HashMap::new(),
            asked: HashMap::new(),
            kept: HashMap::new(),
        };
        Self {
            options,
            recorder: Recorder::default(),
            cache: PromptCache::default(),
            jobs: Jobs::default(),
            files: Files::default(),
            address,
            levers: Mutex::new(levers),
            resumed: watch::Sender::new(0),
            paused: watch::Sender::new(0),
            closing: watch::Sender::new(false),
        }
    }

    pub(crate) fn levers(&self) -> MutexGuard<'_, Levers> {
        self.levers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Resolves when the simulator stops.
    pub(crate) async fn closed(&self) {
        let mut closing = self.closing.subscribe();
        let _ = closing.wait_for(|closed| *closed).await;
    }

    /// Waits for the next resume.
    pub(crate) async fn pause(&self) {
        let mut resumed = self.resumed.subscribe();
        let _here = Paused::enter(&self.paused);
        let _ = resumed.changed().await;
    }

    /// The faults of a request: those its prompt asks for, and one queued or drawn.
    pub(crate) fn faults_of(
        &self,
        script: &Script,
        stage: Stage,
        mark: u64,
        number: u64,
    ) -> Vec<Fault> {
        let mut faults = Vec::new();
        let strikes = script.strikes(stage);
        if !strikes.faults.is_empty() {
            let asked = self.count_asked(stage, mark);
            if strikes.times.is_none_or(|times| asked <= times) {
                faults.extend(&strikes.faults);
            }
        }
        let mut draws = composer::Draws::new(self.options.seed ^ number.rotate_left(32));
        faults.extend(self.take_fault(stage, draws.next(), draws.next()));
        faults
    }

    /// The fault queued for this request, or the one its draw gives.
    fn take_fault(&self, stage: Stage, draw: u64, place: u64) -> Option<Fault> {
        let mut levers = self.levers();
        let queued = levers.queue.iter().position(|(queued, _)| *queued == stage);
        let queued = queued.and_then(|at| levers.queue.remove(at));
        queued
            .map(|(_, fault)| fault)
            .or_else(|| levers.rates.draw(stage, draw, place))
    }

    /// How the next job is to go: as queued, or as its prompt says.
    pub(crate) fn take_plan(&self, script: &Script) -> JobPlan {
        let queued = self.levers().plans.pop_front();
        queued.unwrap_or(script.job)
    }

    /// The address of a path of this simulator.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Keeps an answer for whoever asks after it.
    pub(crate) fn keep_answer(&self, id: String, answer: serde_json::Value) {
        self.levers().kept.insert(id, answer);
    }

    /// An answer that was kept.
    pub(crate) fn kept_answer(&self, id: &str) -> Option<serde_json::Value> {
        self.levers().kept.get(id).cloned()
    }

    /// Counts a request of a stage with this mark; its number, from 1.
    fn count_asked(&self, stage: Stage, mark: u64) -> u64 {
        let mut levers = self.levers();
        let times = levers.asked.entry((stage, mark)).or_default();
        *times += 1;
        *times
    }

    /// Takes a place under the rate limit, or says how many seconds until there is one.
    pub(crate) fn take_place(&self, provider: Provider) -> Result<(), u32> {
        let minute = Duration::from_secs(60);
        let mut levers = self.levers();
        let Some(limit) = levers.rate_limit else {
            return Ok(());
        };
        let answered = levers.answered.entry(provider).or_default();
        let now = Instant::now();
        while answered
            .front()
            .is_some_and(|at| now.duration_since(*at) >= minute)
        {
            answered.pop_front();
        }
        if answered.len() < limit.requests_per_minute as usize {
            answered.push_back(now);
            return Ok(());
        }
        let left = answered
            .front()
            .map_or(minute, |at| minute - now.duration_since(*at));
        // Rounded up: trying a second early would be refused again.
        Err(u32::try_from(left.as_millis().div_ceil(1_000)).unwrap_or(60))
    }
}

struct Paused<'a>(&'a watch::Sender<usize>);

impl<'a> Paused<'a> {
    fn enter(count: &'a watch::Sender<usize>) -> Self {
        count.send_modify(|paused| *paused += 1);
        Self(count)
    }
}

impl Drop for Paused<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|paused| *paused -= 1);
    }
}
