//! `anyai balance`: what remains of the month.

use anyai_wire::{Balance, Commands, Empty};
use serde_json::json;

use crate::commands::CommandError;
use crate::exit::Exit;
use crate::output::{self, instant};
use crate::studio::StudioArguments;

/// What may be typed after `anyai balance`.
#[derive(clap::Args, Debug)]
pub(crate) struct BalanceArguments {
    #[command(flatten)]
    studio: StudioArguments,
    /// Print one JSON object; credits are decimal strings
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(arguments: BalanceArguments) -> Result<Exit, CommandError> {
    let opened = arguments.studio.open().await?;
    let balance = opened.studio.app().balance_get(Empty {}).await;
    opened.studio.shutdown().await;
    let balance = balance?;
    if arguments.json {
        output::result(&as_json(&balance).to_string())?;
    } else {
        output::result(&as_text(&balance))?;
    }
    Ok(Exit::Success)
}

fn as_json(balance: &Balance) -> serde_json::Value {
    json!({
        "plan": balance.plan_id,
        "granted": balance.granted.to_string(),
        "spent": balance.posted.to_string(),
        "held": balance.pending.to_string(),
        "available": balance.available.to_string(),
        "resets_at": instant(balance.resets_at),
        "as_of": instant(balance.as_of),
    })
}

fn as_text(balance: &Balance) -> String {
    format!(
        "{} of {} credits left ({} held, {} spent), plan {}, resets {}, as of {}",
        balance.available,
        balance.granted,
        balance.pending,
        balance.posted,
        balance.plan_id,
        instant(balance.resets_at),
        instant(balance.as_of),
    )
}
