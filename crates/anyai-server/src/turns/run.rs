//! The task that sees a turn through: it reads the provider to the end, whether or not anyone
//! listens, and ends the turn exactly once.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyai_catalog::{Model, Price, Provider};
use anyai_ledger_db::Dispatch;
use anyai_providers::{ChatRequest, ErrorClass, OpaqueState, ProviderError, ProviderEvent};
use anyai_units::TurnId;
use anyai_wire::StopReason;
use futures_util::FutureExt;

use super::live::LiveTurn;
use super::log::TurnLog;
use super::meter::{Meter, is_over, spent_so_far};
use super::off_thread::off_thread_if_long;
use super::sources::Sources;
use super::{finish, reconcile};
use crate::answer::history_failure;
use crate::gateway::{Call, End, Heard, Route, bill, outcome, whole_report};
use crate::history::{Closing, Outcome, ProviderState, Terms};
use crate::studio::Studio;

/// The longest a turn may take.
const TURN_TIME_MAX: Duration = Duration::from_secs(60 * 60);

/// Provider state of one answer at most, in bytes; more is dropped, and costs only a cache.
const STATE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A turn that is about to be sent.
#[derive(Debug)]
pub(super) struct Run {
    pub(super) turn: TurnId,
    pub(super) model: Model,
    pub(super) terms: Terms,
    pub(super) route: Route,
    pub(super) request: ChatRequest,
}

/// Hands a dispatched turn to a task of the studio.
pub(super) fn spawn(studio: &Arc<Studio>, run: Run, price: Price, dispatch: Dispatch) {
    let turn = run.turn;
    let live = studio.live.get(turn);
    let live = live.unwrap_or_else(|| studio.live.add(turn));
    let owned = Arc::clone(studio);
    let task = async move {
        let seen = AssertUnwindSafe(see_through(&owned, live, run, price, dispatch));
        if seen.catch_unwind().await.is_err() {
            tracing::error!(%turn, "seeing {turn} through ended by a panic; it is ended from its log");
            reconcile::one(&owned, turn).await;
        }
    };
    drop(studio.spawn(task));
}

async fn see_through(
    studio: &Arc<Studio>,
    live: Arc<LiveTurn>,
    run: Run,
    price: Price,
    dispatch: Dispatch,
) {
    let (turn, hold) = (run.turn, dispatch.id());
    let call = match call(studio, &live, &run, dispatch).await {
        Ok(call) => call,
        Err(outcome) => {
            let closing = Closing::nothing(outcome, "it was never sent");
            return finish::finish(studio, turn, hold, closing, Vec::new(), None).await;
        }
    };
    let mut answer = Answer {
        log: TurnLog::started(Arc::clone(studio), Arc::clone(&live), turn),
        studio: Arc::clone(studio),
        live,
        run,
        price,
        meter: Meter::default(),
        heard: Heard::default(),
        provider_request_id: None,
        unnoted: None,
        states: Vec::new(),
        sources: Sources::default(),
        silent: false,
    };
    let end = answer.read(call).await;
    let (closing, states, log) = answer.close(end).await;
    finish::finish(studio, turn, hold, closing, states, Some(log)).await;
}

/// Calls the provider when it is the turn's turn, or says how the turn ends without a call.
async fn call(
    studio: &Studio,
    live: &LiveTurn,
    run: &Run,
    dispatch: Dispatch,
) -> Result<Call, Outcome> {
    let provider = run.model.provider;
    let admitted = tokio::select! {
        biased;
        () = studio.interrupt.cancelled() => return Err(outcome(&End::Interrupted, provider)),
        () = live.stop.cancelled() => return Err(outcome(&End::Stopped, provider)),
        admitted = studio.gateway.admit(dispatch, &run.route) => admitted,
    };
    let call = admitted.and_then(|it| studio.gateway.call(it, &run.route, &run.request));
    call.map_err(|error| Outcome::Failed { error })
}

/// An answer as it arrives.
struct Answer {
    studio: Arc<Studio>,
    live: Arc<LiveTurn>,
    run: Run,
    price: Price,
    log: TurnLog,
    meter: Meter,
    heard: Heard,
    provider_request_id: Option<String>,
    /// The provider's id, until the ledger is told.
    unnoted: Option<String>,
    states: Vec<ProviderState>,
    sources: Sources,
    /// The person stopped it, and it is read on only because the provider bills it on.
    silent: bool,
}

/// What the reader heeds next.
enum Next {
    Write,
    Event(Option<ProviderEvent>),
}

impl Answer {
    async fn read(&mut self, mut call: Call) -> End {
        let (stop, interrupt) = (self.live.stop.clone(), self.studio.interrupt.clone());
        let mut stopped = pin!(stop.cancelled());
        let mut interrupted = pin!(interrupt.cancelled());
        let mut too_long = pin!(tokio::time::sleep(TURN_TIME_MAX));
        loop {
            let next = tokio::select! {
                biased;
                () = &mut interrupted => return End::Interrupted,
                () = &mut stopped, if !self.silent => {
                    if !bills_on(self.run.route.provider) {
                        return End::Stopped;
                    }
                    self.silent = true;
                    continue;
                }
                () = &mut too_long => return End::TookTooLong,
                // First what has come already, so that it is written together.
                event = call.next(), if !self.log.is_full() => Next::Event(event),
                () = self.due() => Next::Write,
            };
            let end = match next {
                Next::Write => self.write(call.dispatch()).await,
                Next::Event(Some(event)) => self.take(event),
                Next::Event(None) => Some(broke_off()),
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    fn take(&mut self, event: ProviderEvent) -> Option<End> {
        match event {
            ProviderEvent::Started {
                provider_request_id,
                ..
            } => self.began(provider_request_id),
            ProviderEvent::Text(more) | ProviderEvent::Refusal(more) => self.text(more),
            ProviderEvent::Thinking(more) => self.thinking(more),
            ProviderEvent::ThinkingBreak => self.thinking("\n\n".to_owned()),
            ProviderEvent::Opaque(state) => self.state(state),
            ProviderEvent::Usage(usage) => self.heard.take_usage(usage),
            // Nothing here runs tools or shows pictures made in a chat; what they cost is in usage.
            ProviderEvent::ToolCall(_)
            | ProviderEvent::Image(_)
            | ProviderEvent::Preview { .. }
            | ProviderEvent::ImageLink { .. }
            | ProviderEvent::RevisedPrompt(_) => {}
            ProviderEvent::Citation(citation) => self.sources.take(&citation),
            ProviderEvent::AskedToWait(_) | ProviderEvent::Stopping { .. } => {}
            ProviderEvent::Finished { stop_reason, .. } => return Some(End::Finished(stop_reason)),
            ProviderEvent::Failed(error) => return Some(End::Failed(error)),
        }
        None
    }

    fn began(&mut self, provider_request_id: Option<String>) {
        self.heard.began = true;
        if provider_request_id.is_some() && self.provider_request_id != provider_request_id {
            self.unnoted.clone_from(&provider_request_id);
            self.provider_request_id = provider_request_id;
        }
    }

    /// Answers when there is something to write down.
    async fn due(&self) {
        if self.unnoted.is_none() {
            self.log.due().await;
        }
    }

    fn text(&mut self, more: String) {
        self.heard.take_words(&more);
        self.meter.text(&more);
        if !self.silent && !more.is_empty() {
            self.log.text(more);
        }
    }

    fn thinking(&mut self, more: String) {
        self.heard.take_words(&more);
        self.meter.thinking(&more);
        if !self.silent && !more.is_empty() {
            self.log.thinking(more);
        }
    }

    fn state(&mut self, state: OpaqueState) {
        let kept: usize = self.states.iter().map(|state| state.bytes.len()).sum();
        if self.silent || kept + state.bytes.len() > STATE_BYTES_MAX {
            return;
        }
        self.states.push(ProviderState {
            text_offset: self.meter.bytes(),
            protocol: state.protocol.as_str().to_owned(),
            bytes: state.bytes.to_vec(),
        });
    }

    /// Writes what waits, with what it cost so far. A disk that is full for a while delays it.
    async fn write(&mut self, dispatch: &Dispatch) -> Option<End> {
        let unnoted = self.unnoted.take();
        let output = self
            .meter
            .output_so_far(&self.studio.tokens, &self.run.model);
        let input = self.heard.input(&self.run.terms);
        let spent = spent_so_far(&self.run.terms, &input, output, &self.price);
        self.log.spent(spent);
        let ((), written) = tokio::join!(
            note(&self.studio, dispatch, self.run.turn, unnoted),
            self.log.write()
        );
        if let Err(error) = written
            && self.log.is_stuck()
        {
            return Some(End::NotStored(history_failure(&error)));
        }
        if is_over(output, &self.run.terms) {
            let turn = self.run.turn;
            tracing::warn!(
                %turn,
                output_tokens = output.count(),
                "the answer of {turn} outgrew the limit it was asked under; it was cut off"
            );
            return Some(End::CeilingReached);
        }
        None
    }

    /// Counts the answer as a whole.
    async fn count(&mut self) {
        let (studio, model) = (Arc::clone(&self.studio), self.run.model.clone());
        let meter = std::mem::take(&mut self.meter);
        let counted = off_thread_if_long(meter.whole_bytes(), move || {
            let output = meter.output(&studio.tokens, &model);
            (output, meter.shown_thinking(&studio.tokens, &model))
        });
        (self.heard.counted_output, self.heard.shown_thinking) = counted.await;
    }

    /// Says how the turn is to end; its log still has the last words to write.
    async fn close(mut self, end: End) -> (Closing, Vec<ProviderState>, TurnLog) {
        let reported = whole_report(&self.heard, &self.run.model).is_some();
        // What the provider reports needs no counting.
        if !(reported && matches!(end, End::Finished(_))) {
            self.count().await;
        }
        if !self.silent
            && let Some(sources) = self.sources.list()
        {
            self.log.text(sources);
        }
        let Run { terms, model, .. } = &self.run;
        let bill = bill(&end, &self.heard, terms, model, &self.price);
        let outcome = if self.silent {
            // The person stopped it; how the rest ended that nobody saw is no news to them.
            Outcome::Ended {
                stop_reason: StopReason::Stopped,
            }
        } else {
            outcome(&end, model.provider)
        };
        let closing = Closing {
            provider_request_id: self.provider_request_id,
            ..bill.closing(outcome)
        };
        (closing, self.states, self.log)
    }
}

/// Tells the ledger the provider's id, for whoever has to ask after the turn. An answer that is over
/// before there was time for it has the id in its closing.
async fn note(studio: &Studio, dispatch: &Dispatch, turn: TurnId, provider_op: Option<String>) {
    let Some(id) = provider_op else { return };
    if let Err(error) = studio
        .ledger
        .note_provider_op(dispatch, id, studio.clock.now())
        .await
    {
        tracing::warn!(%turn, %error, "the provider's id of {turn} was not noted: {error}");
    }
}

/// Whether a provider bills an answer to its end although nobody reads it. Such an answer is read
/// on after a stop, unseen, so that the charge is what it really cost.
pub(super) fn bills_on(provider: Provider) -> bool {
    provider == Provider::Google
}

fn broke_off() -> End {
    End::Failed(ProviderError::new(
        ErrorClass::Network,
        "the answer broke off",
    ))
}
