//! The only place that calls providers. A call needs a [`Dispatch`]: proof that credits are held
//! and that the ledger knows the provider is about to be asked.

mod ask;
mod end;
mod media;
mod route;

use anyai_ledger_db::Dispatch;
use anyai_providers::{
    Aftermath, ChatRequest, Client, EventStream, ListModelsError, ProviderError, ProviderEvent,
};
use anyai_wire::WireError;
use futures_util::StreamExt;

pub(crate) use ask::{Earlier, PDF, Picture, Question, TextFile, compose};
pub(crate) use end::{End, Heard, bill, outcome, receipt_line, reported_cost, whole_report};
pub(crate) use route::{Route, provider_failure};

/// Calls providers.
#[derive(Clone, Debug)]
pub(crate) struct Gateway {
    client: Client,
}

/// A provider that is answering, and the permission it was called with. Dropping it hangs up.
#[derive(Debug)]
pub(crate) struct Call {
    dispatch: Dispatch,
    events: EventStream,
}

impl Gateway {
    pub(crate) fn new() -> Result<Self, ProviderError> {
        let client = Client::new()?;
        Ok(Self { client })
    }

    /// Calls a provider. Nothing is sent before the first [`Call::next`]; after an error nothing
    /// was sent at all, and the hold is whole.
    pub(crate) fn call(
        &self,
        dispatch: Dispatch,
        route: &Route,
        request: &ChatRequest,
    ) -> Result<Call, WireError> {
        let events = self.client.stream(route.endpoint(), request);
        let events = events.map_err(|error| route.failure_to_build(&error))?;
        Ok(Call { dispatch, events })
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

impl Call {
    pub(crate) fn dispatch(&self) -> &Dispatch {
        &self.dispatch
    }

    /// The next step of the answer.
    pub(crate) async fn next(&mut self) -> Option<ProviderEvent> {
        self.events.next().await
    }
}
