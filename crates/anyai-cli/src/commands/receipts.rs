//! `anyai receipts`: what turns were charged, newest first.

use anyai_units::{ConversationId, TurnId};
use anyai_wire::{
    Commands, ConversationList, ConversationTurns, Receipt, TurnPhase, TurnRef, TurnView,
};

use crate::commands::CommandError;
use crate::exit::Exit;
use crate::output;
use crate::studio::{Opened, StudioArguments};

/// What may be typed after `anyai receipts`.
#[derive(clap::Args, Debug)]
pub(crate) struct ReceiptsArguments {
    #[command(flatten)]
    studio: StudioArguments,
    /// One turn's receipt, by its id
    #[arg(long, value_name = "ID")]
    turn: Option<TurnId>,
    /// How many at most
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=500))]
    limit: u16,
    /// Print a JSON array of receipts; amounts are whole millicredits
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: ReceiptsArguments) -> Result<Exit, CommandError> {
    let opened = arguments.studio.open().await?;
    let receipts = receipts(&opened, &arguments).await;
    opened.studio.shutdown().await;
    let receipts = receipts?;
    if arguments.json {
        output::json(&receipts)?;
        return Ok(Exit::Success);
    }
    if receipts.is_empty() {
        output::remark("no turn was charged yet")?;
    }
    for receipt in &receipts {
        output::result(&line(receipt))?;
    }
    Ok(Exit::Success)
}

async fn receipts(
    opened: &Opened,
    arguments: &ReceiptsArguments,
) -> Result<Vec<Receipt>, CommandError> {
    let turns = match arguments.turn {
        Some(turn_id) => vec![turn_id],
        None => newest_turns(opened, usize::from(arguments.limit)).await?,
    };
    of_turns(opened, turns).await
}

/// The receipts of the newest turns.
pub(crate) async fn newest(opened: &Opened, limit: usize) -> Result<Vec<Receipt>, CommandError> {
    of_turns(opened, newest_turns(opened, limit).await?).await
}

async fn of_turns(opened: &Opened, turns: Vec<TurnId>) -> Result<Vec<Receipt>, CommandError> {
    let mut receipts = Vec::with_capacity(turns.len());
    for turn_id in turns {
        receipts.push(opened.studio.app().receipt_get(TurnRef { turn_id }).await?);
    }
    Ok(receipts)
}

/// The newest turns that have a receipt. A turn is never newer than its conversation's last change,
/// so conversations are read only until they are older than what is wanted.
async fn newest_turns(opened: &Opened, limit: usize) -> Result<Vec<TurnId>, CommandError> {
    let list = ConversationList {
        before: None,
        limit: 500,
    };
    let conversations = opened
        .studio
        .app()
        .conversation_list(list)
        .await?
        .conversations;
    let mut found: Vec<TurnView> = Vec::new();
    for summary in conversations {
        let oldest_wanted = found
            .get(limit.saturating_sub(1))
            .map(|turn| turn.created_at);
        if oldest_wanted.is_some_and(|oldest| summary.changed_at < oldest) {
            break;
        }
        let turns = turns_of(opened, summary.id).await?;
        found.extend(turns.into_iter().filter(has_receipt));
        found.sort_by_key(|turn| std::cmp::Reverse(turn.created_at));
        found.truncate(limit);
    }
    Ok(found.into_iter().map(|turn| turn.id).collect())
}

/// All turns of a conversation, all branches.
async fn turns_of(
    opened: &Opened,
    conversation_id: ConversationId,
) -> Result<Vec<TurnView>, CommandError> {
    let mut turns: Vec<TurnView> = Vec::new();
    loop {
        let page = ConversationTurns {
            conversation_id,
            after: turns.last().map(|turn| turn.id),
            limit: 1_000,
        };
        let page = opened.studio.app().conversation_turns(page).await?;
        if page.turns.is_empty() {
            return Ok(turns);
        }
        turns.extend(page.turns);
    }
}

fn has_receipt(turn: &TurnView) -> bool {
    !matches!(turn.phase, TurnPhase::Sending | TurnPhase::Refused { .. })
}

fn line(receipt: &Receipt) -> String {
    let charged = receipt.charged.map_or_else(
        || format!("{} held", receipt.held),
        |charged| charged.to_string(),
    );
    let at = receipt
        .entries
        .first()
        .map(|entry| output::instant(entry.at))
        .unwrap_or_default();
    let simulated = if receipt.simulated { "  simulated" } else { "" };
    format!(
        "{at}  {charged:>10}  of at most {:>10}  {}  {}{simulated}",
        receipt.held.to_string(),
        receipt.model_label,
        receipt.turn_id
    )
}
