//! The running simulator: its listener, and the strings a test pulls.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::cache::PromptCache;
use crate::fault::{Fault, FaultRates};
use crate::options::{Options, RateLimit};
use crate::provider::Provider;
use crate::record::{Received, Recorder};
use crate::server;

/// How long [`Simulator::shutdown`] waits for connections to close.
const SHUTDOWN_WAIT: Duration = Duration::from_secs(2);

/// A running simulator. Dropping it breaks every answer under way and closes the port.
#[derive(Debug)]
pub struct Simulator {
    control: Arc<Control>,
    address: SocketAddr,
    serving: JoinSet<()>,
}

impl Simulator {
    /// Starts one on loopback.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let control = Arc::new(Control::new(options));
        let router = server::router(Arc::clone(&control));
        let closing = Arc::clone(&control);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let serve = axum::serve(listener, router);
            // It ends when told to; an error of the listener ends it too, and clients see that.
            let _ = serve
                .with_graceful_shutdown(async move { closing.closed().await })
                .await;
        });
        Ok(Self {
            control,
            address,
            serving,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL to give a client of this provider.
    #[must_use]
    pub fn base_url(&self, provider: Provider) -> String {
        format!("http://{}{}", self.address, provider.base_path())
    }

    /// Every provider with its base URL.
    #[must_use]
    pub fn base_urls(&self) -> Vec<(Provider, String)> {
        Provider::ALL
            .map(|provider| (provider, self.base_url(provider)))
            .into()
    }

    /// The requests received, oldest first (the last 512).
    #[must_use]
    pub fn requests(&self) -> Vec<Received> {
        self.control.recorder.all()
    }

    /// Forgets the requests received. Their numbers go on.
    pub fn clear_requests(&self) {
        self.control.recorder.clear();
    }

    /// Queues a fault for the next request for an answer; each queued fault is for one request.
    pub fn next_fault(&self, fault: Fault) {
        self.control.levers().queue.push_back(fault);
    }

    /// Changes how often requests fail on their own.
    pub fn set_fault_rates(&self, rates: FaultRates) {
        self.control.levers().rates = rates;
    }

    /// Changes the limit on requests; the count starts afresh.
    pub fn set_rate_limit(&self, limit: Option<RateLimit>) {
        let mut levers = self.control.levers();
        levers.rate_limit = limit;
        levers.answered.clear();
    }

    /// Lets every paused answer go on.
    pub fn resume(&self) {
        self.control.resumed.send_modify(|times| *times += 1);
    }

    /// Waits until so many answers are paused.
    pub async fn until_paused(&self, answers: usize) {
        let mut paused = self.control.paused.subscribe();
        // The sender lives as long as this borrow, so the wait cannot fail.
        let _ = paused.wait_for(|now| *now >= answers).await;
    }

    /// Breaks every answer under way, closes the port and waits for both.
    pub async fn shutdown(mut self) {
        self.control.close();
        let ended = async { while self.serving.join_next().await.is_some() {} };
        // A client that holds its connection open does not hold up the rest: the drop ends it.
        let _ = tokio::time::timeout(SHUTDOWN_WAIT, ended).await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.control.close();
    }
}

/// What every request's handling shares.
#[derive(Debug)]
pub(crate) struct Control {
    pub(crate) options: Options,
    pub(crate) recorder: Recorder,
    pub(crate) cache: PromptCache,
    levers: Mutex<Levers>,
    resumed: watch::Sender<u64>,
    paused: watch::Sender<usize>,
    closing: watch::Sender<bool>,
}

#[derive(Debug)]
struct Levers {
    queue: VecDeque<Fault>,
    rates: FaultRates,
    rate_limit: Option<RateLimit>,
    answered: HashMap<Provider, VecDeque<Instant>>,
    asked: HashMap<u64, u64>,
    kept: HashMap<String, serde_json::Value>,
}

impl Control {
    fn new(options: Options) -> Self {
        let levers = Levers {
            queue: VecDeque::new(),
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
            levers: Mutex::new(levers),
            resumed: watch::Sender::new(0),
            paused: watch::Sender::new(0),
            closing: watch::Sender::new(false),
        }
    }

    fn levers(&self) -> MutexGuard<'_, Levers> {
        self.levers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
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

    /// The fault queued for this request, or the one its draw gives.
    pub(crate) fn take_fault(&self, draw: u64, place: u64) -> Option<Fault> {
        let mut levers = self.levers();
        levers
            .queue
            .pop_front()
            .or_else(|| levers.rates.draw(draw, place))
    }

    /// Keeps an answer for whoever asks after it.
    pub(crate) fn keep_answer(&self, id: String, answer: serde_json::Value) {
        self.levers().kept.insert(id, answer);
    }

    /// An answer that was kept.
    pub(crate) fn kept_answer(&self, id: &str) -> Option<serde_json::Value> {
        self.levers().kept.get(id).cloned()
    }

    /// Counts a request with this mark; its number, from 1.
    pub(crate) fn count_asked(&self, mark: u64) -> u64 {
        let mut levers = self.levers();
        let times = levers.asked.entry(mark).or_default();
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
