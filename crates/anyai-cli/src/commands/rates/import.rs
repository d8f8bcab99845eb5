//! `anyai rates import`: another rate card, with what it changes said before it is in use.

use std::path::PathBuf;

use anyai_catalog::{CardChange, Catalogue};
use anyai_server::{Clock, RateCardError, catalogue_in, install_rate_card};
use anyai_units::{Credits, UtcMillis};
use serde_json::{Value, json};

use super::FolderArguments;
use crate::commands::CommandError;
use crate::exit::Exit;
use crate::output;

/// What may be typed after `anyai rates import`.
#[derive(clap::Args, Debug)]
pub(crate) struct ImportArguments {
    /// The rate card, as `anyai rates show` prints one; docs/RATES.md says what may be in it
    file: PathBuf,
    #[command(flatten)]
    folder: FolderArguments,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Take prices that rise or fall more than tenfold: without it they are refused as slipped
    /// decimal points
    #[arg(long)]
    accept_leaps: bool,
    /// Print one JSON object; credits are decimal strings
    #[arg(long)]
    json: bool,
}

/// What a card would change.
struct Preview {
    card: Catalogue,
    left_out: Vec<String>,
    changes: Vec<CardChange>,
    now: UtcMillis,
}

pub(super) fn run(arguments: &ImportArguments) -> Result<Exit, CommandError> {
    let folder = arguments.folder.folder()?;
    let preview = preview(arguments, &catalogue_in(&folder)?)?;
    if !arguments.json {
        preview.tell()?;
    }
    preview.refuse_leaps(arguments.accept_leaps)?;
    let is_new = match arguments.dry_run {
        true => None,
        false => Some(install_rate_card(&folder, &preview.card)?),
    };
    if arguments.json {
        output::json(&preview.as_json(is_new))?;
        return Ok(Exit::Success);
    }
    let id = preview.card.rate_card().id;
    output::result(&match is_new {
        None => format!("card {id} can be imported; nothing was changed"),
        Some(false) => format!("card {id} is in use already"),
        Some(true) => {
            let folder = folder.display();
            format!("card {id} is installed in {folder}; a server uses it when it starts next")
        }
    })?;
    Ok(Exit::Success)
}

fn preview(arguments: &ImportArguments, current: &Catalogue) -> Result<Preview, CommandError> {
    let path = &arguments.file;
    let text = std::fs::read_to_string(path).map_err(|reason| RateCardError::File {
        path: path.clone(),
        reason,
    })?;
    let under = Catalogue::embedded_under(&text);
    let (card, left_out) = under.map_err(|reason| RateCardError::Refused {
        path: path.clone(),
        reason,
    })?;
    let now = Clock::system().now();
    let changes = current.changes_to(&card, now);
    Ok(Preview {
        card,
        left_out,
        changes,
        now,
    })
}

impl Preview {
    fn tell(&self) -> Result<(), CommandError> {
        for change in &self.changes {
            output::result(&sentence(change, self.now))?;
        }
        if self.changes.is_empty() {
            output::result("a typical turn costs the same on every model")?;
        }
        if !self.left_out.is_empty() {
            let models = self.left_out.join(", ");
            output::remark(&format!(
                "the card has no price for {models}: they will not be offered"
            ))?;
        }
        Ok(())
    }

    fn refuse_leaps(&self, accepted: bool) -> Result<(), CommandError> {
        let leap = self.changes.iter().find(|change| change.is_leap());
        match leap {
            Some(change) if !accepted => Err(CommandError::Typed(format!(
                "{}: that is more than tenfold; mind the decimal point, or say --accept-leaps",
                sentence(change, self.now)
            ))),
            _ => Ok(()),
        }
    }

    fn as_json(&self, is_new: Option<bool>) -> Value {
        let credits = |credits: Option<Credits>| credits.map(|credits| credits.to_string());
        let changes: Vec<Value> = self
            .changes
            .iter()
            .map(|change| {
                json!({
                    "model": change.model.as_str(),
                    "label": change.label,
                    "from": output::instant(change.from),
                    "before": credits(change.before),
                    "after": credits(change.after),
                })
            })
            .collect();
        json!({
            "card": self.card.rate_card().id.to_string(),
            "installed": is_new == Some(true),
            "changes": changes,
            "left_out": self.left_out,
        })
    }
}

/// Like `Opus 5.5: 12 to 14 for a typical turn`.
fn sentence(change: &CardChange, now: UtcMillis) -> String {
    let label = &change.label;
    let what = match (change.before, change.after) {
        (Some(before), Some(after)) => format!("{label}: {before} to {after} for a typical turn"),
        (None, Some(after)) => format!("{label}: new, {after} for a typical turn"),
        (_, None) => format!("{label}: no longer offered"),
    };
    if change.from <= now {
        return what;
    }
    let from = output::instant(change.from);
    let day = from.split_once('T').map_or(from.as_str(), |(day, _)| day);
    format!("{what}, from {day} on")
}
