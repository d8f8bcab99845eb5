//! A conversation as a document that any editor reads: what it is at its head, its turns below, every
//! branch among them.

use std::collections::HashMap;

use anyai_units::{AssetId, TurnId, UtcMillis};
use anyai_wire::{Attachment, ConversationSummary, PromptPart, StopReason, TurnPhase, TurnView};

/// The names of stored files; one that could not be read has none.
pub(super) type Names = HashMap<AssetId, Option<String>>;

/// An instant as text, to the second, in UTC.
pub(super) fn instant(at: UtcMillis) -> String {
    let seconds = at.millis().rem_euclid(86_400_000) / 1_000;
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
    let day = crate::model::day(at);
    format!("{day}T{hours:02}:{minutes:02}:{:02}Z", seconds % 60)
}

/// The document. The path that is shown is marked where others leave it.
pub(super) fn document(summary: &ConversationSummary, turns: &[TurnView], names: &Names) -> String {
    let mut text = head(summary, turns);
    let numbers: HashMap<TurnId, usize> = (1..).zip(turns).map(|(n, turn)| (turn.id, n)).collect();
    for (number, turn) in (1..).zip(turns) {
        let asked_at = instant(turn.created_at);
        paragraph(&mut text, &format!("\n## {number}. {asked_at}"));
        let parent = turn.parent_id.and_then(|parent| numbers.get(&parent));
        match parent {
            Some(parent) if parent + 1 != number => {
                let branch = format!("*Another branch: follows turn {parent}.*");
                paragraph(&mut text, &branch);
            }
            None if number > 1 => paragraph(&mut text, "*Another beginning.*"),
            _ => {}
        }
        body(&mut text, turn, names);
    }
    text
}

fn head(summary: &ConversationSummary, turns: &[TurnView]) -> String {
    let mut models: Vec<&str> = turns.iter().map(|turn| turn.model_label.as_str()).collect();
    models.sort_unstable();
    models.dedup();
    let began = turns.iter().map(|turn| turn.created_at).min();
    let began = instant(began.unwrap_or(summary.changed_at));
    let models: Vec<String> = models.into_iter().map(quoted).collect();
    format!(
        "---\ntitle: {}\nid: {}\nbegan: {began}\nchanged: {}\nturns: {}\nmodels: [{}]\ncredits: \"{}\"\n---\n\n# {}\n",
        quoted(&summary.title),
        summary.id,
        instant(summary.changed_at),
        turns.len(),
        models.join(", "),
        summary.charged,
        summary.title
    )
}

/// A JSON string is a YAML string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn body(document: &mut String, turn: &TurnView, names: &Names) {
    paragraph(document, "**You**");
    for part in &turn.prompt {
        match part {
            PromptPart::Text { text } => paragraph(document, text),
            PromptPart::Image(file) => paragraph(document, &linked("!", file, names)),
            PromptPart::Video(file) | PromptPart::Document(file) => {
                paragraph(document, &linked("", file, names));
            }
        }
    }
    let cost = cost(&turn.phase);
    paragraph(document, &format!("**{}** ({cost})", turn.model_label));
    if !turn.thinking.is_empty() {
        let thinking = format!(
            "<details><summary>Thinking</summary>\n\n{}\n\n</details>",
            turn.thinking.trim()
        );
        paragraph(document, &thinking);
    }
    paragraph(document, &turn.text);
    for file in &turn.outputs {
        let sign = if file.mime.starts_with("image/") {
            "!"
        } else {
            ""
        };
        paragraph(document, &linked(sign, file, names));
    }
}

fn paragraph(document: &mut String, text: &str) {
    let text = text.trim_end();
    if !text.is_empty() {
        document.push_str(text);
        document.push_str("\n\n");
    }
}

fn cost(phase: &TurnPhase) -> String {
    match phase {
        TurnPhase::Settled {
            stop_reason: StopReason::Imported,
            ..
        } => "answered in another program".to_owned(),
        TurnPhase::Settled { charged, .. } | TurnPhase::Failed { charged, .. } => {
            format!("{charged} credits")
        }
        TurnPhase::Sending | TurnPhase::Running { .. } | TurnPhase::Reconciling { .. } => {
            "not ended yet".to_owned()
        }
        TurnPhase::Refused { .. } => "not sent".to_owned(),
    }
}

/// A link to a file beside the documents.
fn linked(sign: &str, file: &Attachment, names: &Names) -> String {
    let label = file.name.replace(['[', ']'], " ");
    match names.get(&file.asset_id) {
        Some(Some(name)) => format!("{sign}[{label}](<../media/{name}>)"),
        _ => format!("[{label} could not be read]"),
    }
}
