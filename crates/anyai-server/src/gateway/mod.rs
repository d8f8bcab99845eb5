//! The only place that calls providers. A call needs a [`Dispatch`]: proof that credits are held
//! and that the ledger knows the provider is about to be asked. It is [`Admitted`] first: one at a
//! time for each of so many places, and not while the provider is down.

mod ask;
mod breaker;
mod end;
mod lines;
mod media;
mod queue;
mod route;
mod upstream;

use std::time::Duration;

use anyai_catalog::Provider;
use anyai_ledger_db::Dispatch;
use anyai_providers::{
    Aftermath, ChatRequest, Client, EventStream, Limits, ListModelsError, LocalModel,
    Provider as LocalServer, ProviderError, ProviderEvent, RetryPolicy,
};
use anyai_units::Credits;
use anyai_wire::WireError;
use anyai_wire::health::ProviderHealth;
use futures_util::StreamExt;

pub(crate) use ask::{Earlier, PDF, Picture, Question, TextFile, compose};
pub(crate) use end::{End, Heard, bill, outcome, reported_cost, whole_report};
pub(crate) use lines::{lines, receipt_line};
pub(crate) use route::{Route, provider_failure, with_cost};
pub(crate) use upstream::Admitted;

use crate::options::{Clock, Manners};
use upstream::Upstreams;

/// Calls providers.
#[derive(Debug)]
pub(crate) struct Gateway {
    client: Client,
    upstreams: Upstreams,
}

/// Asks servers of this machine which models they have. Nobody is paid for the answer.
#[derive(Debug)]
pub(crate) struct LocalLists(Client);

/// A provider that is answering, and the permission it was called with. Dropping it hangs up.
#[derive(Debug)]
pub(crate) struct Call {
    admitted: Admitted,
    events: EventStream,
}

impl LocalLists {
    /// A server that says nothing for so long is busy.
    pub(crate) fn within(patience: Duration) -> Result<Self, ProviderError> {
        let limits = Limits {
            connect_timeout: patience,
            idle_timeout: patience,
            retry: RetryPolicy::NEVER,
            ..Limits::default()
        };
        Client::with_limits(limits).map(Self)
    }

    pub(crate) async fn models(
        &self,
        server: LocalServer,
        base_url: &str,
    ) -> Result<Vec<LocalModel>, ListModelsError> {
        self.0.local_models(server, base_url).await
    }
}

impl Gateway {
    pub(crate) fn new(manners: Manners, clock: Clock) -> Result<Self, ProviderError> {
        let client = Client::with_limits(limits(&manners))?;
        let upstreams = Upstreams::new(manners, clock);
        Ok(Self { client, upstreams })
    }

    /// Refuses what would not be sent now anyway, before anything is held for it.
    pub(crate) fn check(&self, route: &Route) -> Result<(), WireError> {
        let checked = self.upstreams.check(route);
        checked.map_err(|refusal| with_cost(refusal, Credits::ZERO))
    }

    /// Waits until a held turn may call its provider: members take turns. After an error nothing was
    /// sent, and the hold is whole; the same is true when the waiting is given up.
    pub(crate) async fn admit(
        &self,
        dispatch: Dispatch,
        route: &Route,
    ) -> Result<Admitted, WireError> {
        let member = dispatch.record().member;
        let pass = self.upstreams.enter(member, route).await?;
        Ok(Admitted { dispatch, pass })
    }

    /// How providers are, as far as calls have shown.
    pub(crate) fn health(&self, providers: impl Iterator<Item = Provider>) -> Vec<ProviderHealth> {
        self.upstreams.health(providers)
    }

    /// Calls a provider. Nothing is sent before the first [`Call::next`]; after an error nothing
    /// was sent at all, and the hold is whole.
    pub(crate) fn call(
        &self,
        admitted: Admitted,
        route: &Route,
        request: &ChatRequest,
    ) -> Result<Call, WireError> {
        let events = self.client.stream(route.endpoint(), request);
        let events = events.map_err(|error| route.failure_to_build(&error))?;
        Ok(Call { admitted, events })
    }

    /// What became of an answer that was asked for with a hold of an earlier run. It costs nothing,
    /// so it needs no hold of its own.
    pub(crate) async fn ask_after(
        &self,
        route: &Route,
        provider_request_id: &str,
    ) -> Result<Aftermath, ProviderError> {
        let endpoint = route.endpoint();
        self.client.ask_after(endpoint, provider_request_id).await
    }

    /// How many models a key can see, which verifies the key.
    pub(crate) async fn count_models(&self, route: &Route) -> Result<u32, WireError> {
        match self.client.list_models(route.endpoint()).await {
            Ok(models) => Ok(u32::try_from(models.len()).unwrap_or(u32::MAX)),
            Err(ListModelsError::Build(error)) => Err(route.failure_to_build(&error)),
            Err(ListModelsError::Provider(error)) => Err(provider_failure(route.provider, &error)),
        }
    }
}

fn limits(manners: &Manners) -> Limits {
    let usual = Limits::default();
    let first_wait_ms = u64::try_from(manners.retry_wait_first.as_millis()).unwrap_or(u64::MAX);
    Limits {
        connect_timeout: manners.connect_time_max,
        idle_timeout: manners.silence_max,
        making_timeout: manners.making_silence_max,
        retry: RetryPolicy {
            first_wait_ms,
            ..usual.retry
        },
    }
}

impl Call {
    pub(crate) fn dispatch(&self) -> &Dispatch {
        &self.admitted.dispatch
    }

    /// The next step of the answer.
    pub(crate) async fn next(&mut self) -> Option<ProviderEvent> {
        let event = self.events.next().await;
        if let Some(event) = &event {
            self.admitted.pass.heard(event);
        }
        event
    }
}
