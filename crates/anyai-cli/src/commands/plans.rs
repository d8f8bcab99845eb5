//! `anyai plans FILE`: what the conversations of another program's export would have cost here, month
//! by month, and which plan fits. Nothing is stored and nobody is called.

use std::path::PathBuf;

use anyai_app::{PastMonths, PastTurn};
use anyai_import::{Conversation, Export, Part, Turn};
use anyai_server::Clock;
use anyai_wire::PlanFit;
use serde_json::json;

use crate::commands::CommandError;
use crate::exit::Exit;
use crate::output;

/// What may be typed after `anyai plans`.
#[derive(clap::Args, Debug)]
pub(crate) struct PlansArguments {
    /// An export of ChatGPT or Claude (the ZIP archive), LibreChat or Open WebUI (JSON)
    file: PathBuf,
    /// The model that every turn is priced on, by its catalogue id
    #[arg(long, default_value = "claude-sonnet-5-5")]
    model: String,
    /// Print one JSON object; credits are decimal strings
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(arguments: &PlansArguments) -> Result<Exit, CommandError> {
    let mut past = PastMonths::embedded(&arguments.model, Clock::system().now())?;
    let mut failed = None;
    let summary = Export::open(&arguments.file)?.each(|conversation| {
        if let Err(error) = add(&mut past, &conversation) {
            failed = failed.take().or(Some(error));
        }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    let fit = past.fit();
    if arguments.json {
        return as_json(arguments, &past, &fit, summary.left_out);
    }
    for (month, cost) in past.months() {
        let (turns, credits) = (cost.turns, cost.credits.to_string());
        output::result(&format!("{month} {turns:>8} turns {credits:>12} credits"))?;
    }
    output::result(&verdict(&fit))?;
    let left_out = summary.left_out;
    output::remark(&format!(
        "{} conversations as if every turn had been asked of {} at today's prices, without what prompt caches save; {left_out} left out.",
        summary.conversations, arguments.model
    ))?;
    Ok(Exit::Success)
}

fn add(past: &mut PastMonths, conversation: &Conversation) -> Result<(), CommandError> {
    let asked: Vec<String> = conversation.turns.iter().map(asked).collect();
    let turns = conversation.turns.iter().zip(&asked);
    Ok(past.add(turns.map(|(turn, asked)| PastTurn {
        id: turn.id,
        parent: turn.parent,
        at: turn.at,
        asked,
        thinking: &turn.thinking,
        text: &turn.text,
    }))?)
}

fn asked(turn: &Turn) -> String {
    let texts = turn.prompt.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        Part::File(_) => None,
    });
    texts.collect::<Vec<_>>().join("\n")
}

fn as_json(
    arguments: &PlansArguments,
    past: &PastMonths,
    fit: &PlanFit,
    left_out: usize,
) -> Result<Exit, CommandError> {
    let months = past.months().iter().map(|(month, cost)| {
        json!({"month": month, "turns": cost.turns, "credits": cost.credits.to_string()})
    });
    let plans = fit.plans.iter().map(|plan| {
        json!({"plan": plan.plan_id, "months_within": plan.months_covered, "months": fit.months.len()})
    });
    output::json(&json!({
        "model": arguments.model,
        "months": months.collect::<Vec<_>>(),
        "plans": plans.collect::<Vec<_>>(),
        "fits": fit.fitting,
        "conversations_left_out": left_out,
    }))?;
    Ok(Exit::Success)
}

fn verdict(fit: &PlanFit) -> String {
    if fit.months.is_empty() {
        return "Nothing was asked in this export.".to_owned();
    }
    let fitting = fit.fitting.as_ref();
    match fit.plans.iter().find(|plan| Some(&plan.plan_id) == fitting) {
        Some(plan) => format!(
            "{} fits: {} of {} months within {} credits.",
            plan.label,
            plan.months_covered,
            fit.months.len(),
            plan.allowance
        ),
        None => "No plan fits: these months take a pool of your own size.".to_owned(),
    }
}
