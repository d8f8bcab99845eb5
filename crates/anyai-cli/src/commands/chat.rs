//! `anyai chat`: one turn from the terminal, streamed, with what it cost.

use anyai_units::{ConversationId, TurnId};
use anyai_wire::{
    AppEvent, Commands, Empty, PromptPart, StopReason, TurnEvent, TurnRef, TurnSend, TurnStop,
    WireError,
};
use serde_json::json;

use crate::commands::CommandError;
use crate::exit::Exit;
use crate::studio::{Opened, StudioArguments};
use crate::{input, output};

/// What may be typed after `anyai chat`.
#[derive(clap::Args, Debug)]
pub(crate) struct ChatArguments {
    #[command(flatten)]
    studio: StudioArguments,
    /// The prompt; `-` reads it from standard input
    prompt: String,
    /// The model, by its catalogue id (`anyai estimate` lists them)
    #[arg(long)]
    model: String,
    /// The thinking effort
    #[arg(long)]
    effort: Option<String>,
    /// Continue a conversation after its turn `--after`
    #[arg(long, requires = "after")]
    conversation: Option<ConversationId>,
    /// The turn to continue after
    #[arg(long, requires = "conversation")]
    after: Option<TurnId>,
    /// Print one JSON object at the end
    #[arg(long)]
    json: bool,
}

/// What came of a turn.
#[derive(Default)]
struct Outcome {
    text: String,
    thinking: String,
    stop_reason: Option<StopReason>,
    error: Option<WireError>,
}

pub(crate) async fn run(arguments: ChatArguments) -> Result<Exit, CommandError> {
    let text = input::prompt(&arguments.prompt)?;
    let mut opened = arguments.studio.open().await?;
    let ended = chat(&mut opened, &arguments, text).await;
    opened.studio.shutdown().await;
    ended
}

async fn chat(
    opened: &mut Opened,
    arguments: &ChatArguments,
    text: String,
) -> Result<Exit, CommandError> {
    opened.require_online()?;
    let request = TurnSend {
        conversation_id: arguments.conversation,
        parent_id: arguments.after,
        model_id: arguments.model.clone(),
        effort: arguments.effort.clone(),
        parts: vec![PromptPart::Text { text }],
    };
    let turn = opened.studio.app().turn_send(request).await?;
    let outcome = follow(opened, turn.id, arguments.json).await?;
    let receipt = opened
        .studio
        .app()
        .receipt_get(TurnRef { turn_id: turn.id })
        .await
        .ok();
    let left = opened.studio.app().balance_get(Empty {}).await?.available;
    let charged = receipt.as_ref().and_then(|receipt| receipt.charged);
    if arguments.json {
        output::json(&json!({
            "turn_id": turn.id, "conversation_id": turn.conversation_id, "model": turn.model_id,
            "text": outcome.text, "thinking": outcome.thinking, "stop_reason": outcome.stop_reason,
            "error": outcome.error, "charged": charged.map(|charged| charged.to_string()), "receipt": receipt,
        }))?;
    } else {
        let cost = charged.map_or_else(
            || "cost not known yet".to_owned(),
            |charged| format!("{charged} credits"),
        );
        output::remark(&format!(
            "\n{cost}, {left} left; conversation {}, turn {}",
            turn.conversation_id, turn.id
        ))?;
    }
    match outcome.error {
        Some(error) => Err(error.into()),
        None => Ok(Exit::Success),
    }
}

/// Shows the turn as it comes, until its end. Ctrl-C stops the turn, not the program: what was
/// written is kept and what it cost is charged.
async fn follow(
    opened: &mut Opened,
    turn_id: TurnId,
    quiet: bool,
) -> Result<Outcome, CommandError> {
    let mut outcome = Outcome::default();
    let mut stopping = false;
    loop {
        let event = tokio::select! {
            event = opened.events.recv() => event,
            _ = tokio::signal::ctrl_c(), if !stopping => {
                stopping = true;
                opened.studio.app().turn_stop(TurnStop { turn_id }).await?;
                continue;
            }
        };
        let frame = match event {
            Some(AppEvent::Turn(frame)) if frame.turn_id == turn_id => frame,
            Some(_) => continue,
            None => return Ok(outcome),
        };
        match frame.event {
            TurnEvent::Text { text } => {
                if !quiet {
                    output::piece(&text)?;
                }
                outcome.text.push_str(&text);
            }
            TurnEvent::Thinking { text } => outcome.thinking.push_str(&text),
            TurnEvent::Started { .. } | TurnEvent::Usage { .. } => {}
            TurnEvent::Settled { stop_reason, .. } => {
                outcome.stop_reason = Some(stop_reason);
                return Ok(outcome);
            }
            TurnEvent::Failed { error, .. } => {
                outcome.error = Some(error);
                return Ok(outcome);
            }
            TurnEvent::Reconciling { .. } => return Ok(outcome),
        }
    }
}
