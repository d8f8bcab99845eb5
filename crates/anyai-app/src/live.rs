//! Turns under way: each is followed until its last event, through any number of connections.
//!
//! One place decides what reaches a window: [`LiveTurn::absorb`] takes the event that comes next
//! and refuses every other, and hands it to the host under the same lock, so that a window sees
//! each event once and in order.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyai_mirror::Progress;
use anyai_units::{Credits, TurnId};
use anyai_wire::api::TurnRecord;
use anyai_wire::{AppEvent, EventFrame, TurnEvent, TurnPhase, TurnView, WireError};

use crate::backoff::Backoff;
use crate::client::{CallError, EventStream};
use crate::convert;
use crate::host::Host;
use crate::stop_at;
use crate::studio::Studio;
use crate::turn;

/// How often a turn under way is written to the mirror.
const SAVE_INTERVAL: Duration = Duration::from_secs(1);

/// The turns that are followed now, and those that were to their end: a page of the history that
/// is older than a turn's end must not begin it again.
#[derive(Default)]
pub(crate) struct LiveTurns(Mutex<Turns>);

#[derive(Default)]
struct Turns {
    followed: HashMap<TurnId, Arc<LiveTurn>>,
    ended: HashSet<TurnId>,
}

/// One turn under way.
pub(crate) struct LiveTurn(Mutex<State>);

struct State {
    view: TurnView,
    /// Every event since the following began.
    frames: Vec<EventFrame>,
    /// What it may cost before it is stopped.
    stop_at: Option<Credits>,
    /// It is being stopped there.
    stopping: bool,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Absorbed {
    /// It was the next one.
    Next,
    /// It was the next one, and the last.
    Last,
    /// It is known.
    Known,
    /// Events before it are missing: the connection is not to be trusted.
    Gap,
}

impl LiveTurns {
    /// A turn with everything that is known of it, when it is followed.
    pub(crate) fn view(&self, id: TurnId) -> Option<TurnView> {
        self.get(id).map(|turn| turn.view())
    }

    pub(crate) fn get(&self, id: TurnId) -> Option<Arc<LiveTurn>> {
        self.turns().followed.get(&id).map(Arc::clone)
    }

    /// Takes a turn in, unless it is followed already.
    fn begin(&self, view: TurnView) -> Option<Arc<LiveTurn>> {
        let mut turns = self.turns();
        if turns.followed.contains_key(&view.id) || turns.ended.contains(&view.id) {
            return None;
        }
        let id = view.id;
        let turn = Arc::new(LiveTurn(Mutex::new(State {
            view,
            frames: Vec::new(),
            stop_at: None,
            stopping: false,
        })));
        turns.followed.insert(id, Arc::clone(&turn));
        Some(turn)
    }

    fn end(&self, id: TurnId, to_its_end: bool) {
        let mut turns = self.turns();
        turns.followed.remove(&id);
        if to_its_end {
            turns.ended.insert(id);
        }
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LiveTurn {
    pub(crate) fn view(&self) -> TurnView {
        self.state().view.clone()
    }

    fn sequence(&self) -> u64 {
        self.state().view.sequence
    }

    fn absorb(&self, frame: EventFrame, host: &dyn Host) -> Absorbed {
        let mut state = self.state();
        let next = state.view.sequence.saturating_add(1);
        if frame.turn_id != state.view.id || frame.sequence > next {
            return Absorbed::Gap;
        }
        if frame.sequence < next {
            return Absorbed::Known;
        }
        advance(&mut state.view, &frame);
        state.frames.push(frame.clone());
        let absorbed = if is_last(&frame.event) {
            Absorbed::Last
        } else {
            Absorbed::Next
        };
        host.emit(AppEvent::Turn(frame));
        absorbed
    }

    /// Sends `earlier` (events from before the following began) and then every event since that
    /// is not among them; no event of the following comes in between.
    pub(crate) fn replay(&self, earlier: Vec<EventFrame>, after: u64, host: &dyn Host) {
        let state = self.state();
        let mut sent = after;
        for frame in earlier.into_iter().chain(state.frames.iter().cloned()) {
            if frame.sequence > sent {
                sent = frame.sequence;
                host.emit(AppEvent::Turn(frame));
            }
        }
    }

    /// The last event from before the following began.
    pub(crate) fn followed_from(&self) -> u64 {
        let state = self.state();
        let first = state.frames.first();
        first.map_or(state.view.sequence, |frame| frame.sequence - 1)
    }

    pub(crate) fn set_stop_at(&self, limit: Option<Credits>) {
        self.state().stop_at = limit;
    }

    /// Whether the turn has cost what it may, and nobody is stopping it yet. Whoever hears so stops it.
    pub(crate) fn begin_stopping(&self) -> bool {
        let mut state = self.state();
        let begins = !state.stopping && state.is_at_its_limit();
        state.stopping |= begins;
        begins
    }

    /// A turn that was not stopped keeps its limit.
    pub(crate) fn end_stopping(&self, stopped: bool) {
        let mut state = self.state();
        state.stopping = false;
        if stopped {
            state.stop_at = None;
        }
    }

    pub(crate) fn is_at_its_limit(&self) -> bool {
        self.state().is_at_its_limit()
    }

    fn progress(&self) -> Result<Progress, WireError> {
        let state = self.state();
        let view = &state.view;
        Ok(Progress {
            turn_id: view.id,
            sequence: view.sequence,
            thinking: view.thinking.clone(),
            text: view.text.clone(),
            outputs: convert::json(&view.outputs)?,
            phase: convert::json(&view.phase)?,
            life: convert::life(&view.phase),
            charged: convert::charged(&view.phase),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_at_its_limit(&self) -> bool {
        let TurnPhase::Running { spent_so_far, .. } = self.view.phase else {
            return false;
        };
        self.stop_at.is_some_and(|limit| spent_so_far >= limit)
    }
}

/// A turn as the server's record tells it.
pub(crate) fn view_of(record: TurnRecord) -> TurnView {
    TurnView {
        id: record.id,
        conversation_id: record.conversation_id,
        parent_id: record.parent_id,
        created_at: record.created_at,
        model_id: record.model_id,
        model_label: record.model_label,
        effort: record.effort,
        media: record.media,
        simulated: record.simulated,
        prompt: record.prompt,
        thinking: record.thinking,
        text: record.text,
        outputs: record.outputs,
        estimate: record.estimate,
        phase: record.phase,
        stop_at: None,
        sequence: record.sequence,
    }
}

fn advance(view: &mut TurnView, frame: &EventFrame) {
    view.sequence = frame.sequence;
    match &frame.event {
        TurnEvent::Started { held } => {
            view.phase = TurnPhase::Running {
                held: *held,
                spent_so_far: Credits::ZERO,
                job: None,
            };
        }
        TurnEvent::Thinking { text } => view.thinking.push_str(text),
        TurnEvent::Text { text } => view.text.push_str(text),
        TurnEvent::Job { progress } => {
            if let TurnPhase::Running { job, .. } = &mut view.phase {
                *job = Some(*progress);
            }
        }
        // A preview is for whoever looks on; what is made is an output.
        TurnEvent::Preview { .. } => {}
        TurnEvent::Output { asset, .. } => view.outputs.push(asset.clone()),
        TurnEvent::Usage {
            spent_so_far: spent,
        } => {
            if let TurnPhase::Running { spent_so_far, .. } = &mut view.phase {
                *spent_so_far = *spent;
            }
        }
        TurnEvent::Settled {
            charged,
            stop_reason,
            ..
        } => {
            view.phase = TurnPhase::Settled {
                charged: *charged,
                stop_reason: *stop_reason,
            };
        }
        TurnEvent::Failed { charged, error } => {
            view.phase = TurnPhase::Failed {
                charged: *charged,
                error: error.clone(),
            };
        }
        TurnEvent::Reconciling { held } => view.phase = TurnPhase::Reconciling { held: *held },
    }
}

const fn is_last(event: &TurnEvent) -> bool {
    matches!(
        event,
        TurnEvent::Settled { .. } | TurnEvent::Failed { .. } | TurnEvent::Reconciling { .. }
    )
}

/// Follows a turn until its last event, unless it is followed already.
pub(crate) fn follow(studio: &Arc<Studio>, view: TurnView) {
    if let Some(turn) = studio.live.begin(view) {
        studio.tasks.start(run(Arc::clone(studio), turn));
    }
}

/// Follows again what was under way when the app last ran.
pub(crate) async fn resume(studio: &Arc<Studio>) {
    let running = studio.mirror.read(|mirror| mirror.turns_running()).await;
    for row in running.unwrap_or_default() {
        match convert::turn_view(row) {
            Ok(view) => follow(studio, view),
            Err(error) => tracing::warn!(%error, "a turn under way cannot be read here"),
        }
    }
}

/// Why a connection was left.
enum Left {
    /// The last event came.
    Ended,
    /// It broke, or skipped events.
    Broken,
}

async fn run(studio: Arc<Studio>, turn: Arc<LiveTurn>) {
    let view = turn.view();
    let mut backoff = Backoff::new();
    let mut saver = Saver::new(Arc::clone(&studio), Arc::clone(&turn));
    turn.set_stop_at(stop_at::kept(&studio, view.id).await);
    let to_its_end = loop {
        let before = turn.sequence();
        match studio.client.turn_events(view.id, before).await {
            Ok(events) => match drain(&studio, &turn, events, &mut saver).await {
                Left::Ended => break true,
                Left::Broken if turn.sequence() > before => backoff.reset(),
                Left::Broken => {}
            },
            Err(error) if error.is_final() => {
                tracing::warn!(turn = %view.id, %error, "the turn cannot be followed");
                break false;
            }
            Err(_) => {}
        }
        let random = studio.desk.host.mint_uuid().as_u128();
        tokio::time::sleep(backoff.wait(random)).await;
    };
    saver.finish().await;
    studio.quotes.forget(view.id);
    studio.live.end(view.id, to_its_end);
    studio.emit_history(vec![view.conversation_id]);
    turn::keep_receipt(&studio, view.id).await;
}

async fn drain(
    studio: &Arc<Studio>,
    turn: &Arc<LiveTurn>,
    mut events: EventStream,
    saver: &mut Saver,
) -> Left {
    while let Some(Ok(frame)) = events.next().await {
        match turn.absorb(frame, &*studio.desk.host) {
            Absorbed::Last => return Left::Ended,
            Absorbed::Next => {
                saver.changed();
                stop_at::stop_if_reached(studio, turn);
            }
            Absorbed::Known => {}
            Absorbed::Gap => break,
        }
    }
    Left::Broken
}

/// Writes a turn's progress beside its events, so that no event waits for the disk.
struct Saver {
    studio: Arc<Studio>,
    turn: Arc<LiveTurn>,
    last: Instant,
    saving: Option<tokio::task::JoinHandle<()>>,
}

impl Saver {
    fn new(studio: Arc<Studio>, turn: Arc<LiveTurn>) -> Self {
        Self {
            studio,
            turn,
            last: Instant::now(),
            saving: None,
        }
    }

    fn changed(&mut self) {
        let busy = self
            .saving
            .as_ref()
            .is_some_and(|saving| !saving.is_finished());
        if busy || self.last.elapsed() < SAVE_INTERVAL {
            return;
        }
        self.last = Instant::now();
        let (studio, turn) = (Arc::clone(&self.studio), Arc::clone(&self.turn));
        let runtime = tokio::runtime::Handle::current();
        self.saving = Some(runtime.spawn(async move { save(&studio, &turn).await }));
    }

    async fn finish(self) {
        if let Some(saving) = self.saving {
            // It only logs; there is nothing to learn from how it ended.
            let _ = saving.await;
        }
        save(&self.studio, &self.turn).await;
    }
}

async fn save(studio: &Studio, turn: &LiveTurn) {
    let saved = match turn.progress() {
        Ok(progress) => {
            studio
                .mirror
                .write(move |mirror| mirror.save_progress(&progress))
                .await
        }
        Err(error) => Err(error),
    };
    if let Err(error) = saved {
        tracing::warn!(%error, "a turn's progress was not written; the server has it");
    }
}

/// The events of a turn after `after`, as far as they go now or until `through` is reached.
pub(crate) async fn fetch(
    studio: &Studio,
    id: TurnId,
    after: u64,
    through: u64,
) -> Result<Vec<EventFrame>, CallError> {
    let mut frames: Vec<EventFrame> = Vec::new();
    let mut events = studio.client.turn_events(id, after).await?;
    while let Some(frame) = events.next().await {
        let frame = frame?;
        let sequence = frame.sequence;
        let last = is_last(&frame.event);
        if sequence > frames.last().map_or(after, |frame| frame.sequence) {
            frames.push(frame);
        }
        if last || sequence >= through {
            break;
        }
    }
    Ok(frames)
}
