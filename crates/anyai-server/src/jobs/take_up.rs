//! Takes jobs up that no task of this run sees through. Nothing is ever submitted again.

use std::sync::Arc;

use anyai_catalog::Catalogue;
use anyai_ledger::HoldRecord;
use anyai_ledger_db::LedgerError;
use anyai_secrets::Secret;
use anyai_units::UtcMillis;
use anyai_wire::{Code, StopReason, WireError};

use super::bill::Came;
use super::files;
use super::progress::Track;
use super::run::{self, Job};
use super::video::MAKING_MS_MAX;
use super::work::{Work, given};
use crate::history::{Closing, JobRow, JobState, Outcome, StoredTurn};
use crate::kept_cards::prices_of;
use crate::keys::KeyFor;
use crate::studio::Studio;
use crate::turns::NotFinished;

/// What becomes of a job that was left.
#[expect(
    clippy::large_enum_variant,
    reason = "there is one at a time, and it is taken apart at once"
)]
#[derive(Debug)]
pub(crate) enum Taken {
    /// Its turn ends so.
    Ends(Closing),
    /// A task sees it through, or will once providers may be called.
    GoesOn,
    /// Nobody knows; its credits stay held.
    Waits,
}

/// Takes the job of a turn up that had not decided its end. Without `may_call` nobody is called.
pub(crate) async fn take_up(
    studio: &Arc<Studio>,
    turn: &StoredTurn,
    hold: &HoldRecord,
    may_call: bool,
) -> Result<Taken, NotFinished> {
    let mut row = match studio.history.job(turn.record.id).await? {
        Some(row) => row,
        None => JobRow::reserved(turn.record.id),
    };
    if let (JobState::Succeeded, Some(answer)) = (row.state, &row.answer) {
        return Ok(Taken::Ends(ended(answer.closing.clone(), row.stopped)));
    }
    if !hold.state.is_open() || row.state == JobState::Reserved {
        return Ok(Taken::Ends(interrupted(
            JobState::Reserved,
            "it was never sent",
        )));
    }
    let Some(work) = work_of(studio, turn, hold).await? else {
        let reason = "the catalogue no longer prices its model";
        return Ok(Taken::Ends(interrupted(JobState::Failed, reason)));
    };
    if matches!(work, Work::Image { .. }) {
        return Ok(Taken::Ends(what_came(&work, turn, &row)));
    }
    if row.provider_job.is_none() {
        // The ledger may have been told what the disk then did not take.
        row.provider_job.clone_from(&hold.provider_op);
    }
    let now = studio.clock.now();
    if row.state == JobState::Unknown || row.provider_job.is_none() {
        if is_given_up(studio, &row, now) {
            return Ok(Taken::Ends(ended(never_known(&work), row.stopped)));
        }
        if row.provider_job.is_none() {
            mark_unknown(studio, row, now).await?;
            return Ok(Taken::Waits);
        }
        if !may_call || !studio.questions.is_due(hold.id, now) {
            return Ok(Taken::Waits);
        }
        studio.questions.put_off(hold.id, now);
    }
    if !may_call {
        return Ok(Taken::GoesOn);
    }
    match studio.keys.key_for(work.provider()).await {
        Ok(KeyFor::Ready(key)) => {
            go_on(studio, turn, row, (work, key), hold);
            Ok(Taken::GoesOn)
        }
        Ok(KeyFor::Missing) | Err(_) => without_key(studio, row, now).await,
    }
}

/// A job whose provider cannot be asked, because its key is gone: it waits for the key, and no longer
/// than a clip may take, or its person cares for it.
async fn without_key(studio: &Studio, row: JobRow, now: UtcMillis) -> Result<Taken, NotFinished> {
    let is_overdue = is_overdue(&row, now);
    if let (JobState::Downloading, true, Some(answer)) = (row.state, is_overdue, &row.answer) {
        return Ok(Taken::Ends(ended(answer.lost.clone(), row.stopped)));
    }
    if is_overdue || row.stopped {
        mark_unknown(studio, row, now).await?;
    }
    Ok(Taken::Waits)
}

fn is_overdue(row: &JobRow, now: UtcMillis) -> bool {
    row.submitted_at
        .is_some_and(|at| at.plus_millis(MAKING_MS_MAX) <= now)
}

fn go_on(
    studio: &Arc<Studio>,
    turn: &StoredTurn,
    row: JobRow,
    (work, key): (Work, Option<Secret>),
    hold: &HoldRecord,
) {
    let route = studio.route(&turn.record.model_id, work.provider(), work.api(), key);
    let record = &turn.record;
    let given = record
        .media
        .as_ref()
        .and_then(|media| given(media, &record.prompt).ok())
        .unwrap_or_default();
    let shown = match &record.phase {
        anyai_wire::TurnPhase::Running { job, .. } => *job,
        _ => None,
    };
    let live = studio.live.add(record.id);
    let job = Job {
        studio: Arc::clone(studio),
        turn: record.id,
        member: turn.member,
        work,
        terms: turn.terms.clone(),
        route,
        name: files::name(&record.prompt),
        poster: given.first_frame.or(given.source),
        track: Track::new(studio, live, row, record.sequence, shown),
    };
    run::go_on(studio, job, hold.id);
}

/// What was held, priced by the card of then.
async fn work_of(
    studio: &Studio,
    turn: &StoredTurn,
    hold: &HoldRecord,
) -> Result<Option<Work>, LedgerError> {
    let Some(prices) = prices_of(studio, hold.price_version).await? else {
        return Ok(None);
    };
    Ok(held_work(prices.catalogue(), turn))
}

/// What a stored turn asked for, by the prices of this catalogue.
pub(super) fn held_work(catalogue: &Catalogue, turn: &StoredTurn) -> Option<Work> {
    let record = &turn.record;
    let (tokens, at) = (turn.terms.input_tokens, turn.terms.priced_at);
    let media = record.media.as_ref()?;
    let given = given(media, &record.prompt).ok()?;
    Work::held(catalogue, media, &record.model_id, &given, tokens, at).ok()
}

/// The end of pictures whose stream went with its run: what came was kept, and is charged.
fn what_came(work: &Work, turn: &StoredTurn, row: &JobRow) -> Closing {
    let pictures = u32::try_from(turn.record.outputs.len()).unwrap_or(u32::MAX);
    let came = Came {
        pictures,
        ..Came::default()
    };
    let error = WireError::new(
        Code::Interrupted,
        "the studio stopped while pictures were made; what came was kept",
    );
    let outcome = Outcome::Failed { error };
    let closing = super::bill::closing(work, turn.terms.ceiling, came, JobState::Unknown, outcome);
    Closing {
        provider_request_id: row.provider_job.clone(),
        ..ended(closing, row.stopped)
    }
}

fn ended(closing: Closing, stopped: bool) -> Closing {
    match stopped {
        true => Closing {
            outcome: Outcome::Ended {
                stop_reason: StopReason::Stopped,
            },
            ..closing
        },
        false => closing,
    }
}

fn interrupted(state: JobState, reason: &str) -> Closing {
    let message = format!("the studio stopped while the turn was under way: {reason}");
    let error = WireError::new(Code::Interrupted, message);
    Closing {
        job: Some(state),
        ..Closing::nothing(Outcome::Failed { error }, reason)
    }
}

/// The end of an order whose provider never said whether it took it.
fn never_known(work: &Work) -> Closing {
    let reason = "nobody could say what became of it";
    let message = format!("{} was asked to make this, and {reason}", work.provider());
    let error = WireError::new(Code::ProviderTimeout, message);
    Closing {
        job: Some(JobState::Unknown),
        ..Closing::nothing(Outcome::Failed { error }, reason)
    }
}

async fn mark_unknown(studio: &Studio, row: JobRow, now: UtcMillis) -> Result<(), NotFinished> {
    if row.state == JobState::Unknown {
        return Ok(());
    }
    let turn = row.turn;
    tracing::error!(%turn, "whether the clip of {turn} is being made is not known");
    let row = JobRow {
        state: JobState::Unknown,
        unknown_since: Some(now),
        ..row
    };
    studio
        .history
        .move_job(row, Vec::new(), Vec::new(), now)
        .await?;
    Ok(())
}

fn is_given_up(studio: &Studio, row: &JobRow, now: UtcMillis) -> bool {
    let time = i64::try_from(studio.upkeep.ask_for.as_millis()).unwrap_or(i64::MAX);
    let since = row.unknown_since.unwrap_or(now);
    row.state == JobState::Unknown && since.plus_millis(time) <= now
}
