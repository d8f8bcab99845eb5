//! `anyai plans FILE`: what the conversations of another program's export would have cost here, month
//! by month, and which plan fits. Nothing is stored and nobody is called.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use anyai_catalog::{Catalogue, Plan, Usage};
use anyai_estimate::{DraftTurn, Estimator, History, family_of};
use anyai_import::{Conversation, Export, Part, Turn};
use anyai_server::Clock;
use anyai_tokens::{Counter, Families, Family, TextCount};
use anyai_units::{Credits, TurnId, UtcMillis};
use serde_json::json;

use crate::commands::CommandError;
use crate::exit::Exit;
use crate::output::{self, instant};

/// A plan fits when it would have covered this share of the months.
const FIT_PERCENT: usize = 90;
/// `2026-11` of `2026-11-23T...`.
const MONTH_CHARS: usize = 7;

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

/// What a month's turns would have cost.
#[derive(Clone, Copy, Debug, Default)]
struct Month {
    turns: u64,
    credits: Credits,
}

pub(crate) fn run(arguments: &PlansArguments) -> Result<Exit, CommandError> {
    let mut pricing = Pricing::new(&arguments.model)?;
    let mut months = BTreeMap::new();
    let mut failed = None;
    let summary = Export::open(&arguments.file)?.each(|conversation| {
        if let Err(error) = pricing.add(&conversation, &mut months) {
            failed = failed.take().or(Some(error));
        }
    })?;
    if let Some(error) = failed {
        return Err(error);
    }
    let plans = pricing.estimator.catalogue().plans();
    if arguments.json {
        return as_json(arguments, &months, plans, summary.left_out);
    }
    for (month, cost) in &months {
        let (turns, credits) = (cost.turns, cost.credits.to_string());
        output::result(&format!("{month} {turns:>8} turns {credits:>12} credits"))?;
    }
    output::result(&verdict(&months, plans))?;
    let left_out = summary.left_out;
    output::remark(&format!(
        "{} conversations as if every turn had been asked of {} at today's prices, without what prompt caches save; {left_out} left out.",
        summary.conversations, arguments.model
    ))?;
    Ok(Exit::Success)
}

fn as_json(
    arguments: &PlansArguments,
    months: &BTreeMap<String, Month>,
    plans: &[Plan],
    left_out: usize,
) -> Result<Exit, CommandError> {
    let months_json = months.iter().map(|(month, cost)| {
        json!({"month": month, "turns": cost.turns, "credits": cost.credits.to_string()})
    });
    let plans_json = plans.iter().map(|plan| {
        json!({"plan": plan.id, "months_within": covered(months, plan), "months": months.len()})
    });
    output::json(&json!({
        "model": arguments.model,
        "months": months_json.collect::<Vec<_>>(),
        "plans": plans_json.collect::<Vec<_>>(),
        "fits": fitting(months, plans).map(|plan| &plan.id),
        "conversations_left_out": left_out,
    }))?;
    Ok(Exit::Success)
}

/// Months a plan's credits would have covered.
fn covered(months: &BTreeMap<String, Month>, plan: &Plan) -> usize {
    let within = |month: &&Month| month.credits <= plan.monthly_allowance;
    months.values().filter(within).count()
}

/// The smallest plan that would have covered nearly all months.
fn fitting<'p>(months: &BTreeMap<String, Month>, plans: &'p [Plan]) -> Option<&'p Plan> {
    let enough = |plan: &&Plan| {
        plan.monthly_allowance > Credits::ZERO
            && covered(months, plan) * 100 >= months.len() * FIT_PERCENT
    };
    let fitting = plans.iter().filter(enough);
    fitting.min_by_key(|plan| plan.monthly_allowance)
}

fn verdict(months: &BTreeMap<String, Month>, plans: &[Plan]) -> String {
    if months.is_empty() {
        return "Nothing was asked in this export.".to_owned();
    }
    match fitting(months, plans) {
        Some(plan) => format!(
            "{} fits: {} of {} months within {} credits.",
            plan.label,
            covered(months, plan),
            months.len(),
            plan.monthly_allowance
        ),
        None => "No plan fits: these months take a pool of your own size.".to_owned(),
    }
}

/// Prices turns that were answered already.
struct Pricing {
    estimator: Estimator,
    families: Families,
    counter: &'static Counter,
    model: String,
    family: Family,
    now: UtcMillis,
}

impl Pricing {
    fn new(model: &str) -> Result<Self, CommandError> {
        let estimator = Estimator::new(Arc::new(Catalogue::embedded()?))?;
        let known = estimator.catalogue().model(model);
        let known = known.map_err(|error| CommandError::Typed(error.to_string()))?;
        Ok(Self {
            family: family_of(known.tokenizer),
            families: Families::embedded()?,
            counter: Counter::shared()?,
            model: model.to_owned(),
            now: Clock::system().now(),
            estimator,
        })
    }

    fn add(
        &mut self,
        conversation: &Conversation,
        months: &mut BTreeMap<String, Month>,
    ) -> Result<(), CommandError> {
        let mut paths: HashMap<TurnId, History> = HashMap::new();
        for turn in &conversation.turns {
            // A turn comes after its parent.
            let above = turn.parent.and_then(|parent| paths.get(&parent));
            let mut history = above.cloned().unwrap_or_default();
            let (asked, answered) = (self.asked(turn), self.counter.count(&turn.text));
            let credits = self.cost(&history, asked, turn)?;
            let month = instant(turn.at).chars().take(MONTH_CHARS).collect();
            let month: &mut Month = months.entry(month).or_default();
            month.turns += 1;
            month.credits = month
                .credits
                .checked_add(credits)
                .ok_or_else(|| CommandError::Typed("the months cost too much to add".to_owned()))?;
            history.push_user(asked, &[]);
            history.push_reply(answered, anyai_units::Tokens::ZERO);
            paths.insert(turn.id, history);
        }
        Ok(())
    }

    fn cost(
        &self,
        history: &History,
        asked: TextCount,
        turn: &Turn,
    ) -> Result<Credits, CommandError> {
        let draft = DraftTurn {
            history: history.clone(),
            draft: asked,
            ..DraftTurn::default()
        };
        let estimate = self.estimator.estimate(&self.model, &draft, self.now)?;
        let written = self.counter.count(&turn.thinking) + self.counter.count(&turn.text);
        let usage = Usage {
            uncached_input: estimate.input.likely,
            output: self.families.text(self.family, &written).expected.likely,
            ..Usage::default()
        };
        let charge = estimate.price().charge(&usage);
        let charge = charge.map_err(|error| CommandError::Typed(error.to_string()))?;
        Ok(charge.total)
    }

    fn asked(&self, turn: &Turn) -> TextCount {
        let texts = turn.prompt.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::File(_) => None,
        });
        texts.map(|text| self.counter.count(text)).sum()
    }
}
