//! Waits for a turn's end and says how far it is. Ctrl-C stops the turn, not the program.

use anyai_wire::{AppEvent, Code, Commands, JobStage, TurnPhase, TurnRef, TurnStop, TurnView};

use crate::commands::CommandError;
use crate::exit::Exit;
use crate::output;
use crate::studio::Opened;

/// Shows the turn's progress until it has ended.
pub(super) async fn to_the_end(
    opened: &mut Opened,
    sent: TurnView,
    quiet: bool,
) -> Result<TurnView, CommandError> {
    let mut turn = sent;
    let mut shown = None;
    let mut stopping = false;
    while matches!(turn.phase, TurnPhase::Sending | TurnPhase::Running { .. }) {
        let now = progress(&turn);
        if !quiet && now != shown {
            if let Some(now) = &now {
                output::remark(now)?;
            }
            shown = now;
        }
        let event = tokio::select! {
            event = opened.events.recv() => event,
            _ = tokio::signal::ctrl_c(), if !stopping => {
                stopping = true;
                let stop = TurnStop { turn_id: turn.id };
                match opened.studio.app().turn_stop(stop).await {
                    // It ended just now: what it made is shown and saved.
                    Err(error) if error.code == Code::TurnFinished => {}
                    stopped => drop(stopped?),
                }
                continue;
            }
        };
        match event {
            Some(AppEvent::Turn(frame)) if frame.turn_id == turn.id => {}
            Some(AppEvent::History { conversation_ids })
                if conversation_ids.contains(&turn.conversation_id) => {}
            Some(_) => continue,
            None => break,
        }
        turn = opened
            .studio
            .app()
            .turn_get(TurnRef { turn_id: turn.id })
            .await?;
    }
    Ok(turn)
}

fn progress(turn: &TurnView) -> Option<String> {
    let TurnPhase::Running { held, job, .. } = &turn.phase else {
        return None;
    };
    let made = turn.outputs.len();
    let Some(job) = job else {
        return Some(match made {
            0 => format!("{held} credits held"),
            made => format!("{made} made"),
        });
    };
    let stage = match job.stage {
        JobStage::Submitted => "submitted",
        JobStage::Running => "running",
        JobStage::Downloading => "downloading",
    };
    Some(match job.permille {
        Some(permille) => format!("{stage}, {} %", permille / 10),
        None => format!("{stage}, {held} credits held"),
    })
}

/// The exit of a turn that is not under way any more.
pub(super) fn ended(turn: TurnView) -> Result<Exit, CommandError> {
    match turn.phase {
        TurnPhase::Failed { error, .. } | TurnPhase::Refused { error } => Err(error.into()),
        TurnPhase::Reconciling { .. } => Err(CommandError::Unresolved),
        TurnPhase::Settled { .. } | TurnPhase::Sending | TurnPhase::Running { .. } => {
            Ok(Exit::Success)
        }
    }
}
