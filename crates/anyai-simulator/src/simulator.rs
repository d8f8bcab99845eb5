//! The running simulator: its listener, and the strings a test pulls.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::control::Control;
use crate::fault::{Fault, FaultRates, Stage};
use crate::job::{Job, JobPlan};
use crate::kept;
use crate::line::{Line, Lines};
use crate::options::{Options, RateLimit};
use crate::provider::Provider;
use crate::record::Received;
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
        let control = Arc::new(Control::new(options, address));
        if let Some(folder) = &control.options.kept_in {
            kept::resume(folder, &control);
        }
        let router = server::router(Arc::clone(&control));
        let closing = Arc::clone(&control);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let service = router.into_make_service_with_connect_info::<Line>();
            let serve = axum::serve(Lines(listener), service);
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
        self.next_fault_at(Stage::Answer, fault);
    }

    /// The same for the next request of this stage.
    pub fn next_fault_at(&self, stage: Stage, fault: Fault) {
        self.control.levers().queue.push_back((stage, fault));
    }

    /// Says how the next job goes, whatever its prompt says; each plan is for one job.
    pub fn next_job(&self, plan: JobPlan) {
        self.control.levers().plans.push_back(plan);
    }

    /// Every job that was started, oldest first (the last 512).
    #[must_use]
    pub fn jobs(&self) -> Vec<Job> {
        self.control.jobs.all()
    }

    /// Lets every held job go on.
    pub fn release_jobs(&self) {
        self.control.jobs.release();
    }

    /// The requests received that are paid, so that sending one twice would show here.
    #[must_use]
    pub fn paid_requests(&self) -> Vec<Received> {
        let mut requests = self.requests();
        requests.retain(|received| received.purpose.is_paid());
        requests
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
