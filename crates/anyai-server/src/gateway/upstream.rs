//! What is known of a provider while the studio runs, and the way in to it: not while its breaker
//! is open, and only so many calls at a time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyai_catalog::Provider;
use anyai_ledger_db::Dispatch;
use anyai_providers::{ErrorClass, ProviderError, ProviderEvent};
use anyai_secrets::Secret;
use anyai_units::{MemberId, UtcMillis};
use anyai_wire::health::{BreakerState, LastFailure, ProviderHealth};
use anyai_wire::{Code, Detail, WireError};
use sha2::{Digest, Sha256};

use super::breaker::{Breaker, Refusal, State, Ticket, Why};
use super::queue::{FairQueue, Permit};
use super::route::Route;
use crate::options::{Clock, Manners};

/// A provider that asks to be left alone for no longer than this is waited for, as one waits for a
/// place among its calls; a person is not sent away for a second.
const SHORT_WAIT_MS: u64 = 2_000;

/// A provider, and where it is: servers of this machine are each their own.
type Place = (Provider, Option<String>);

/// SHA-256 of a key.
type KeyDigest = Option<[u8; 32]>;

/// Every provider that was called or asked about.
#[derive(Debug)]
pub(super) struct Upstreams {
    manners: Manners,
    clock: Clock,
    known: Mutex<BTreeMap<Place, Arc<Upstream>>>,
}

#[derive(Debug)]
struct Upstream {
    provider: Provider,
    clock: Clock,
    queue: FairQueue,
    record: Mutex<Record>,
}

#[derive(Debug, Default)]
struct Record {
    /// The key the breaker is about: a limit is a key's own.
    key: KeyDigest,
    breaker: Breaker,
    last_failure: Option<(ErrorClass, UtcMillis)>,
    last_success: Option<UtcMillis>,
}

/// A held turn that may call its provider now. Dropping it lets the next one in.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub(super) dispatch: Dispatch,
    pub(super) pass: Pass,
}

/// A call's place among those under way; it reports how the provider is.
#[derive(Debug)]
pub(super) struct Pass {
    upstream: Arc<Upstream>,
    /// Until the call has shown how the provider is.
    ticket: Option<Ticket>,
    _permit: Permit,
}

impl Upstreams {
    pub(super) fn new(manners: Manners, clock: Clock) -> Self {
        Self {
            manners,
            clock,
            known: Mutex::default(),
        }
    }

    /// Refuses what would not be sent now anyway.
    pub(super) fn check(&self, route: &Route) -> Result<(), WireError> {
        self.of(route).check(digest(route.key.as_ref()))
    }

    /// Waits for a place among the calls under way.
    pub(super) async fn enter(&self, member: MemberId, route: &Route) -> Result<Pass, WireError> {
        let (upstream, key) = (self.of(route), digest(route.key.as_ref()));
        let provider = route.provider;
        upstream.check(key)?;
        let waited = self.manners.queue_time_max;
        let entering = tokio::time::timeout(waited, upstream.queue.enter(member));
        let permit = entering.await.map_err(|_| {
            let calls = self.manners.calls_per_provider;
            let message = format!(
                "{provider} was not called: all {calls} places for calls to it were taken for {} \
                 seconds",
                waited.as_secs_f32()
            );
            WireError::new(Code::ProviderOverloaded, message)
        })?;
        let ticket = upstream.ticket_after_short_wait(key).await?;
        Ok(Pass {
            upstream,
            ticket: Some(ticket),
            _permit: permit,
        })
    }

    pub(super) fn health(&self, providers: impl Iterator<Item = Provider>) -> Vec<ProviderHealth> {
        let health = |provider| {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            let places = known.range((provider, None)..);
            let places = places.take_while(|((of, _), _)| *of == provider);
            let worst = places.map(|(_, upstream)| upstream.health());
            let worst = worst.max_by_key(|health| how_bad(health.breaker));
            worst.unwrap_or_else(|| self.upstream(provider).health())
        };
        providers.map(health).collect()
    }

    fn of(&self, route: &Route) -> Arc<Upstream> {
        let place = (route.provider, route.base_url.clone());
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let upstream = known.entry(place);
        Arc::clone(upstream.or_insert_with(|| Arc::new(self.upstream(route.provider))))
    }

    fn upstream(&self, provider: Provider) -> Upstream {
        Upstream {
            provider,
            clock: self.clock.clone(),
            queue: FairQueue::new(self.manners.calls_per_provider),
            record: Mutex::default(),
        }
    }
}

impl Upstream {
    fn check(&self, key: KeyDigest) -> Result<(), WireError> {
        let now = self.clock.now();
        match self.record_of(key).breaker.refusal(now) {
            Some(refusal) if !is_short(refusal) => Err(self.refused(refusal)),
            _ => Ok(()),
        }
    }

    async fn ticket_after_short_wait(&self, key: KeyDigest) -> Result<Ticket, WireError> {
        let ticket = match self.ticket(key) {
            Err(refusal) if is_short(refusal) => {
                tokio::time::sleep(Duration::from_millis(refusal.wait_ms)).await;
                self.ticket(key)
            }
            ticket => ticket,
        };
        ticket.map_err(|refusal| self.refused(refusal))
    }

    fn ticket(&self, key: KeyDigest) -> Result<Ticket, Refusal> {
        let now = self.clock.now();
        self.record_of(key).breaker.enter(now)
    }

    /// The record, about this key: another one begins anew.
    fn record_of(&self, key: KeyDigest) -> MutexGuard<'_, Record> {
        let mut record = self.record();
        if record.key != key {
            record.key = key;
            record.breaker.close();
        }
        record
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refused(&self, Refusal { why, wait_ms }: Refusal) -> WireError {
        let provider = self.provider;
        let seconds = wait_ms.div_ceil(1_000);
        let (code, what) = match why {
            Why::Down => (Code::ProviderOverloaded, "its last calls failed"),
            Why::Limited => (Code::ProviderRateLimited, "it takes no more calls for now"),
        };
        let message = format!(
            "{provider} was not called: {what}, and it is tried again in {seconds} seconds"
        );
        WireError::new(code, message).with_detail(Detail::RetryAfter { wait_ms })
    }

    fn health(&self) -> ProviderHealth {
        let record = self.record();
        let (breaker, tried_again_at) = match record.breaker.state() {
            State::Closed { .. } => (BreakerState::Closed, None),
            State::Open { until, .. } => (BreakerState::Open, Some(until)),
            State::HalfOpen { .. } => (BreakerState::HalfOpen, None),
        };
        let count = |calls| u32::try_from(calls).unwrap_or(u32::MAX);
        ProviderHealth {
            provider: self.provider.as_str().to_owned(),
            breaker,
            tried_again_at,
            calls_under_way: count(self.queue.under_way()),
            calls_max: count(self.queue.permits_max()),
            waiting: count(self.queue.waiting()),
            last_failure: record.last_failure.map(|(class, at)| LastFailure {
                class: class.as_str().to_owned(),
                at,
            }),
            last_success: record.last_success,
        }
    }
}

impl Pass {
    /// Takes note of how an answer begins; what comes after its first event says no more.
    pub(super) fn heard(&mut self, event: &ProviderEvent) {
        match event {
            ProviderEvent::AskedToWait(error) => self.asked_to_wait(error),
            ProviderEvent::Failed(error) => self.failed(error),
            _ => self.answered(),
        }
    }

    pub(super) fn answered(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            let now = self.upstream.clock.now();
            let mut record = self.upstream.record();
            record.last_success = Some(now);
            record.breaker.succeeded(&ticket);
        }
    }

    /// The call waits by itself; the others are kept from asking meanwhile.
    fn asked_to_wait(&mut self, error: &ProviderError) {
        let now = self.upstream.clock.now();
        let mut record = self.upstream.record();
        record.last_failure = Some((error.class, now));
        if let (Some(ticket), Some(asked_ms)) = (&mut self.ticket, error.retry_after_ms) {
            record.breaker.asked_to_wait(ticket, asked_ms, now);
        }
    }

    pub(super) fn failed(&mut self, error: &ProviderError) {
        let Some(ticket) = self.ticket.take() else {
            return;
        };
        let now = self.upstream.clock.now();
        let mut record = self.upstream.record();
        record.last_failure = Some((error.class, now));
        let breaker = &mut record.breaker;
        match error.class {
            ErrorClass::Network
            | ErrorClass::Timeout
            | ErrorClass::Server
            | ErrorClass::Overloaded => {
                breaker.failed(&ticket, Why::Down, error.retry_after_ms, now);
            }
            ErrorClass::RateLimited => {
                breaker.failed(&ticket, Why::Limited, error.retry_after_ms, now);
            }
            // Whatever answered may not have been the provider.
            ErrorClass::Malformed => breaker.gave_up(&ticket, now),
            // It is there, and finds fault with the request, the key or the account.
            ErrorClass::Auth
            | ErrorClass::Permission
            | ErrorClass::NotFound
            | ErrorClass::InvalidRequest
            | ErrorClass::ContextOverflow
            | ErrorClass::ContentRefused
            | ErrorClass::QuotaExhausted => breaker.succeeded(&ticket),
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            let now = self.upstream.clock.now();
            self.upstream.record().breaker.gave_up(&ticket, now);
        }
    }
}

const fn how_bad(breaker: BreakerState) -> u8 {
    match breaker {
        BreakerState::Closed => 0,
        BreakerState::HalfOpen => 1,
        BreakerState::Open => 2,
    }
}

/// Whether the provider itself asked for the wait, and for a short one.
fn is_short(refusal: Refusal) -> bool {
    refusal.why == Why::Limited && refusal.wait_ms <= SHORT_WAIT_MS
}

fn digest(key: Option<&Secret>) -> KeyDigest {
    key.map(|key| Sha256::digest(key.expose().as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use anyai_catalog::Api;
    use uuid::Uuid;

    use super::*;

    fn server(at: &str) -> Route {
        Route {
            provider: Provider::Local,
            api: Api::ChatCompletions,
            base_url: Some(at.to_owned()),
            key: None,
        }
    }

    #[tokio::test]
    async fn a_server_that_is_down_keeps_nobody_from_the_others() {
        let clock = Clock::new(|| UtcMillis::from_millis(0));
        let upstreams = Upstreams::new(Manners::default(), clock);
        let (down, up) = (server("http://down"), server("http://up"));
        let member = MemberId::from_uuid(Uuid::nil());
        for _ in 0..5 {
            let mut pass = upstreams.enter(member, &down).await.unwrap();
            pass.failed(&ProviderError::new(ErrorClass::Network, "nobody is there"));
        }
        assert!(upstreams.check(&down).is_err());
        upstreams.check(&up).unwrap();
        upstreams.enter(member, &up).await.unwrap().answered();
        let told = upstreams.health([Provider::Local, Provider::OpenAi].into_iter());
        let told: Vec<_> = told.iter().map(|health| health.breaker).collect();
        assert_eq!(told, [BreakerState::Open, BreakerState::Closed]);
    }
}
